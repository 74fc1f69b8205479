"""Colleagues from other departments in the notes of one ticket, by mail and without a seat.

Decision 0013: a guest sees what is mailed to them and has no page. Whoever writes a note says
whether guests get it; their answers, by the token signed for them, become notes.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from otklik.core import settings
from otklik.core.access import Actor, Conflict, Invalid
from otklik.core.db import action
from otklik.core.db.spelling import spelt_once
from otklik.core.events.record import record
from otklik.kit.addresses import domain_of, normalise_domain, normalise_email
from otklik.people.models import Agent, Identity
from otklik.people.values import PUBLIC_MAIL_DOMAINS
from otklik.tickets import permissions
from otklik.tickets.actions.participants import demand_elsewhere
from otklik.tickets.actions.side import people_of_customer
from otklik.tickets.actions.words import keep_message, new_message
from otklik.tickets.actions.writing import add_note
from otklik.tickets.columns import write_columns
from otklik.tickets.contract import Words
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import NoteAdded
from otklik.tickets.homes import main_thread
from otklik.tickets.models import (
    Direction,
    Message,
    MessageKind,
    NoteGuest,
    Thread,
    Ticket,
)
from otklik.tickets.sending_events import GuestInvited, GuestRevoked, NoteShared

DOMAINS = "tickets.guest_domains"
MOST_GUESTS = 20


def register_settings() -> None:
    settings.register(
        DOMAINS,
        list,
        [],
        _lazy("Domains of the company"),
        help=_lazy("Who has a confirmed address there may be invited to the notes of a ticket."),
        check=_demand_own_domains,
    )


def company_domains() -> list[str]:
    return list(settings.get(DOMAINS) or [])


def _demand_own_domains(given: list[object]) -> None:
    for one in given:
        domain = str(one)
        if domain in PUBLIC_MAIL_DOMAINS:
            raise ValueError(_("Anybody can have an address at %(domain)s.") % {"domain": domain})
        try:
            is_plain = normalise_domain(domain) == domain
        except ValueError:
            is_plain = False
        if not is_plain:
            raise ValueError(_("“%(domain)s” is no domain.") % {"domain": domain[:100]})


@action
def invite_guest(actor: Actor, ticket: Ticket, address: str) -> NoteGuest:
    """A colleague takes part in the notes from now on. Nothing is sent yet.

    Raises Invalid for an address that is not of the company, is not proven to be somebody's, is of
    an agent, or of the customer's side.
    """
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.NOTE)
    identity = _find_colleague(ticket, address)
    thread = main_thread(ticket)
    if len(list_guests(ticket.pk)) >= MOST_GUESTS:
        raise Invalid(_("A ticket has %(most)d guests at most.") % {"most": MOST_GUESTS})
    row, created = NoteGuest.objects.get_or_create(
        thread=thread, identity=identity, defaults={"invited_by_id": actor.person_id}
    )
    if not created and row.revoked_at is None:
        return row
    row.revoked_at, row.invited_by_id, row.created_at = None, actor.person_id, timezone.now()
    row.save()
    write_columns(ticket)
    record(actor, GuestInvited(ticket.pk, identity.person_id, identity.pk))
    return row


@action
def revoke_guest(actor: Actor, guest: NoteGuest) -> None:
    """They get nothing more, and what they write is nobody's. At once, for letters on their way
    to be written too."""
    ticket = lock_ticket(actor, guest.thread.ticket_id)
    require(actor, permissions.NOTE)
    row = NoteGuest.objects.select_for_update().get(pk=guest.pk)
    if row.revoked_at is not None:
        return
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    write_columns(ticket)
    record(actor, GuestRevoked(ticket.pk, row.identity.person_id, row.identity_id))


@action
def share_note(actor: Actor, message: Message) -> Message:
    """Mail a note to the guests of its ticket; `channels` adds the delivery. Nothing twice.

    Raises Invalid where there are none, Conflict for a note that went out already.
    """
    ticket = lock_ticket(actor, message.ticket_id)
    require(actor, permissions.NOTE)
    if message.kind != MessageKind.NOTE or message.direction != Direction.INTERNAL:
        raise Invalid(_("Only a note goes to guests."))
    if message.external_id:
        raise Conflict(_("This note has been sent to the guests."))
    # After a merge one of them may stand on the customer's side: notes are not for them then.
    members = people_of_customer(ticket)
    guests = [row for row in list_guests(ticket.pk) if row.identity.person_id not in members]
    ids = list(dict.fromkeys(row.identity_id for row in guests))
    if not ids:
        raise Invalid(_("Nobody is invited to the notes of this ticket."))
    people = {"to": ids, "cc": [], "bcc": []}
    record(actor, NoteShared(ticket.pk, message.pk, message.thread_id, people))
    return message


@action
def write_note(
    actor: Actor,
    ticket: Ticket,
    *,
    words: Words,
    to_guests: bool = False,
    client_key: UUID | None = None,
) -> Message:
    """A note, mailed to the guests of the ticket where that is wanted; once for a key."""
    note = add_note(actor, ticket, words=words, client_key=client_key)
    if to_guests and not note.external_id:
        share_note(actor, note)
    return note


@action
def receive_guest_note(
    actor: Actor,
    thread: Thread,
    *,
    words: Words,
    identity: Identity,
    is_guest: bool,
    channel: str = "",
    external_id: str = "",
    automation: str = "human",
    sent_at: datetime | None = None,
) -> Message:
    """A guest answered: a note of theirs. Of anybody else, also of one who was a guest, it is
    kept hidden, marked as a stranger's."""
    ticket = lock_ticket(actor, thread.ticket_id)
    note = keep_message(
        new_message(
            thread,
            kind=MessageKind.NOTE,
            direction=Direction.INTERNAL,
            author=identity.person,
            author_kind="customer",
            author_identity=identity,
            channel=channel,
            external_id=external_id,
            automation=automation,
            is_hidden=not is_guest,
            sent_at=sent_at,
        ),
        words,
    )
    write_columns(ticket, message=note, words=words)
    record(actor, NoteAdded(ticket_id=ticket.pk, message_id=note.pk))
    return note


def list_guests(ticket_id: int) -> list[NoteGuest]:
    """Who takes part in the notes now, with their people."""
    return list(_guests(ticket_id))


@spelt_once
def _guests(ticket_id: int) -> QuerySet[NoteGuest]:
    rows = NoteGuest.objects.filter(thread__ticket=ticket_id, revoked_at__isnull=True)
    return rows.select_related("identity__person").order_by("id")


def _find_colleague(ticket: Ticket, address: str) -> Identity:
    try:
        value = normalise_email(address.strip())
    except ValueError:
        words = _("This is no e-mail address such as name@example.com.")
        raise Invalid(words, fields={"address": words}) from None
    if domain_of(value) not in company_domains():
        words = _(
            "%(address)s is at no domain of the company. An administrator names those under "
            "Trainees and guests."
        ) % {"address": value}
        raise Invalid(words, code="not_of_the_company", fields={"address": words})
    rows = Identity.objects.select_related("person").filter(kind="email", value=value)
    identity = rows.first()
    if identity is None or not identity.is_verified:
        words = _(
            "%(address)s is not confirmed yet. They sign in to the portal once by the link they "
            "get there, then invite them."
        ) % {"address": value}
        raise Invalid(words, code="not_confirmed", fields={"address": words})
    demand_elsewhere([identity], "address")
    if Agent.objects.filter(person_id=identity.person_id, is_active=True).exists():
        words = _("They are an agent and read the notes anyway.")
        raise Invalid(words, fields={"address": words})
    if identity.person_id in people_of_customer(ticket):
        words = _("They take part as a customer in this ticket: notes are not for them.")
        raise Invalid(words, code="customer_side", fields={"address": words})
    return identity
