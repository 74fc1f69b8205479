"""The first answer: we have it, this is its number, this is when we write."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from otklik.channels import limits
from otklik.core.access import SYSTEM
from otklik.core.events.models import EventRow
from otklik.desk.calendars import working_hours
from otklik.desk.models import Brand
from otklik.desk.texts import render_text
from otklik.kit.working_hours import add_working_minutes
from otklik.tickets.actions import reply_to_ticket
from otklik.tickets.contract import Recipients, Words
from otklik.tickets.events import TicketOpened
from otklik.tickets.models import MessageBody, Ticket
from otklik.tickets.vocabulary import portal_address


def acknowledge(row: EventRow) -> None:
    """Answer a new request once, to its sender only, quoting nothing; never to a machine."""
    opened: TicketOpened = row.event
    ticket = (
        Ticket.objects.with_people()
        .select_related("brand__calendar", "account")
        .filter(pk=opened.ticket_id)
        .first()
    )
    if ticket is None or not _wants_acknowledgement(ticket, opened):
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
    reply_to_ticket(
        row.as_cause if row.pk else SYSTEM,
        ticket,
        words=Words(text=rendered.text, html=rendered.html, subject=rendered.subject),
        recipients=Recipients(to=[identity]),
        is_automatic=True,
    )


def promise(brand: Brand, since: datetime) -> datetime:
    """When the brand's calendar promises a first answer."""
    return add_working_minutes(working_hours(brand.calendar), since, brand.first_reply_minutes)


def _wants_acknowledgement(ticket: Ticket, opened: TicketOpened) -> bool:
    identity = ticket.requester_identity
    if identity is None or identity.is_automated or ticket.requester.is_blocked:
        return False
    if opened.automation != "human" or opened.channel not in ("email", "web"):
        return False
    if timezone.now() - ticket.created_at > timedelta(days=2):
        return False  # an event heard very late: a greeting now would puzzle
    account = ticket.account
    if account is not None and not account.config.get("acknowledge", True):
        return False
    if _is_forged(opened.message_id):
        return False
    return limits.may_acknowledge(ticket)


def _is_forged(message_id: int) -> bool:
    """A server we believe says that the sender's domain disowns it: whoever is named there wrote
    nothing and is not to be bothered."""
    rows = MessageBody.objects.filter(message_id=message_id).values_list(
        "authentication", flat=True
    )
    return (rows.first() or {}).get("dmarc") == "fail"
