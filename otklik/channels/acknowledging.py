"""The first answer: we have it, this is its number, this is when we write."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from otklik.channels import limits
from otklik.channels.vouching import is_disowned
from otklik.core.access import SYSTEM, Origin
from otklik.core.db import write
from otklik.core.db.spelling import spelt_once
from otklik.core.events.models import EventRow
from otklik.desk.accounts import own_addresses
from otklik.desk.calendars import working_hours
from otklik.desk.models import Brand
from otklik.desk.texts import render_text
from otklik.kit.working_hours import add_working_minutes
from otklik.tickets.actions import reply_to_ticket
from otklik.tickets.contract import Recipients, Words
from otklik.tickets.events import TicketOpened
from otklik.tickets.models import Message, MessageBody, Ticket
from otklik.tickets.placeholders import portal_address


def acknowledge(row: EventRow) -> None:
    """Answer a new request once, to its sender only, quoting nothing; never to a machine."""
    opened: TicketOpened = row.event
    if opened.automation != "human" or opened.channel not in ("email", "web"):
        return
    told = _told(opened.message_id)
    if told.get("checks") == "pending":
        return  # asked again when they are done (`acknowledge_message`)
    if is_disowned(told):
        return  # whoever is named there wrote nothing and is not to be bothered
    ticket = next(iter(_asked(opened.ticket_id)), None)
    if ticket is None or ticket.merged_into_id is not None or not _wants_acknowledgement(ticket):
        return
    identity = ticket.requester_identity
    assert identity is not None
    language = ticket.language or ticket.requester.language or ticket.brand.language
    promised = promise(ticket.brand, ticket.created_at)
    rendered = render_text(
        "mail.follow_up" if opened.follow_up_of else "mail.acknowledgement",
        ticket.brand,
        language,
        {
            "ticket": {
                "number": ticket.number,
                "subject": ticket.subject,
                "url": portal_address(ticket.number),
            },
            "person": {"name": ticket.requester.name},
            "brand": {"name": ticket.brand.name},
            "promised": promised,
        },
    )
    with write():
        limits.note_automatic(ticket.account_id, identity.value)
        reply_to_ticket(
            row.as_cause if row.pk else SYSTEM,
            ticket,
            words=Words(text=rendered.text, html=rendered.html, subject=rendered.subject),
            recipients=Recipients(to=[identity]),
            is_automatic=True,
        )


@spelt_once
def _asked(ticket_id: int) -> QuerySet[Ticket]:
    along = ("requester", "requester_identity", "account", "brand__calendar")
    return Ticket.objects.select_related(*along).filter(pk=ticket_id)


def acknowledge_message(message_id: int) -> None:
    """What waited for the checks of its sender, once they are done. Answers once at most."""
    row = next(iter(_opening(message_id)), None)
    if row is not None and row.origin == Origin.LIVE.value:
        acknowledge(row)


@spelt_once
def _opening(message_id: int) -> QuerySet[EventRow]:
    tickets = Message.objects.filter(pk=message_id).values("ticket_id")
    rows = EventRow.objects.filter(name="ticket.opened", ticket_id__in=tickets)
    return rows.order_by("id")[:1]


def promise(brand: Brand, since: datetime) -> datetime:
    """When the brand's calendar promises a first answer."""
    return add_working_minutes(working_hours(brand.calendar), since, brand.first_reply_minutes)


def _wants_acknowledgement(ticket: Ticket) -> bool:
    identity = ticket.requester_identity
    if identity is None or identity.is_automated or ticket.requester.is_blocked:
        return False
    if identity.value.endswith(".invalid"):
        return False  # RFC 2606: of nobody's server; a letter that named no sender
    if timezone.now() - ticket.created_at > timedelta(days=2):
        return False  # an event heard very late: a greeting now would puzzle
    account = ticket.account
    if account is not None and not account.config.get("acknowledge", True):
        return False
    if ticket.spam_at is not None or identity.value in own_addresses(identity.kind):
        return False
    return limits.may_acknowledge(ticket)


def _told(message_id: int) -> dict[str, str]:
    """What servers we believe, or we ourselves, found out about the sender."""
    return dict(next(iter(_authentication(message_id)), {}))


@spelt_once
def _authentication(message_id: int) -> Iterable[dict[str, str]]:
    rows = MessageBody.objects.filter(message_id=message_id)
    return rows.values_list("authentication", flat=True)
