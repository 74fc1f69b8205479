"""Side conversations: talk with a third party in a thread of its own, for staff alone.

Whoever asks belongs to no side conversation, and what is said there is of kind ``side`` in a
thread for staff: neither the portal nor a letter to the customer nor a list has a way to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from otklik.core.access import SYSTEM, Actor, Forbidden, Invalid, Origin
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.desk.accounts import find_sending_account
from otklik.people.models import Identity, Person
from otklik.tickets import permissions
from otklik.tickets.actions.addressed import identities_for
from otklik.tickets.actions.participants import add_participant, demand_elsewhere
from otklik.tickets.actions.status import change_status
from otklik.tickets.actions.words import author_of, keep_message, new_message, voice_of
from otklik.tickets.columns import write_columns
from otklik.tickets.contract import MAX_RECIPIENTS, Recipients, Words, too_many_words
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.models import (
    Audience,
    DeliveryState,
    Direction,
    Draft,
    Message,
    MessageKind,
    Participant,
    ParticipantRole,
    StatusKind,
    Thread,
    Ticket,
)
from otklik.tickets.reviewing import demand_approval
from otklik.tickets.sending_events import SideMessageReceived, SideMessageSent, SideOpened


@action
def open_side(
    actor: Actor,
    ticket: Ticket,
    *,
    subject: str,
    to: Sequence[str],
    cc: Sequence[str] = (),
    account_id: int | None = None,
) -> Thread:
    """Begin to talk with a third party about a ticket; nothing is sent yet.

    ``account_id`` is the mailbox of the conversation, by default the ticket's own.
    Raises Invalid for no subject, for nobody, and for an address of the customer's side.
    """
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.REPLY)
    _require_open_door(ticket)
    name = " ".join(subject.split())[:300]
    if not name:
        words = _("Give it a subject: it names the conversation.")
        raise Invalid(words, fields={"subject": words})
    people = [*identities_for(actor, to), *identities_for(actor, cc)]
    if not people:
        raise Invalid(_("Choose who gets it."), fields={"to": _("Nobody would get this.")})
    _demand_third_party(ticket, people, "to")
    account = ticket.account if ticket.account and ticket.account.kind == "email" else None
    usual = account or find_sending_account(ticket.brand_id)
    thread = Thread.objects.create(
        ticket=ticket,
        account_id=account_id or (usual.pk if usual is not None else None),
        channel="email",
        audience=Audience.STAFF,
        subject=name,
        is_main=False,
    )
    record(actor, SideOpened(ticket.pk, thread.pk))
    for identity in people:
        add_participant(actor, thread, identity, role=ParticipantRole.CC, is_confirmed=True)
    write_columns(ticket)
    return thread


@action
def write_to_side(
    actor: Actor,
    thread: Thread,
    *,
    words: Words,
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    client_key: UUID | None = None,
    account_id: int | None = None,
) -> Message:
    """Write to the third party of a side conversation; `channels` adds the delivery.

    ``account_id`` is the mailbox it goes through, by default the conversation's own. Without
    ``to`` everybody in it gets it. The same ``client_key`` twice sends once. Raises Invalid, also
    for an address of the customer's side, and Forbidden.
    """
    if client_key is not None:
        known = Message.objects.filter(ticket_id=thread.ticket_id, client_key=client_key).first()
        if known is not None:
            return known
    ticket = lock_ticket(actor, thread.ticket_id)
    require(actor, permissions.REPLY)
    _require_open_door(ticket)
    _require_side(thread)
    demand_approval(actor, ticket, is_side=True, client_key=client_key)
    if not (words.text.strip() or words.files):
        raise Invalid(_("Nothing is written yet."), fields={"text": _("Nothing is written yet.")})
    recipients = Recipients(
        to=identities_for(actor, to) or _members(thread),
        cc=identities_for(actor, cc),
        bcc=identities_for(actor, bcc),
    ).without_repeats()
    everybody = recipients.everybody()
    if not everybody:
        raise Invalid(_("Choose who gets it."), fields={"to": _("Nobody would get this.")})
    if len(everybody) > MAX_RECIPIENTS:
        raise Invalid(too_many_words(), fields={"to": too_many_words()})
    _demand_third_party(ticket, everybody, "to")
    is_first = not Message.objects.filter(thread=thread).exists()
    subject = words.subject or (thread.subject if is_first else _re(thread.subject))
    addresses = {
        name: [{"address": one.value, "name": one.person.name} for one in getattr(recipients, name)]
        for name in ("to", "cc", "bcc")
    }
    words = replace(words, subject=subject, addresses=addresses)
    message = keep_message(
        new_message(
            thread,
            kind=MessageKind.SIDE,
            direction=Direction.OUT,
            author_kind=voice_of(actor),
            author=author_of(actor),
            delivery_state=(
                DeliveryState.QUEUED if actor.origin is Origin.LIVE else DeliveryState.SENT
            ),
            client_key=client_key,
            account_id=account_id,
        ),
        words,
    )
    write_columns(ticket, message=message, words=words)
    record(actor, SideMessageSent(ticket.pk, message.pk, thread.pk, recipients.ids()))
    known_ids = set(thread.participants.values_list("identity_id", flat=True))
    for identity in (*recipients.to, *recipients.cc):
        if identity.pk not in known_ids:
            add_participant(actor, thread, identity, role=ParticipantRole.CC, is_confirmed=True)
    if actor.person_id is not None:
        mine = Draft.objects.filter(ticket=ticket, author_id=actor.person_id)
        mine.filter(kind=MessageKind.SIDE).delete()
    return message


@action
def receive_side_message(
    actor: Actor,
    thread: Thread,
    *,
    words: Words,
    author: Person | None,
    identity: Identity | None,
    channel: str = "",
    external_id: str = "",
    automation: str = "human",
    is_hidden: bool = False,
    sent_at: datetime | None = None,
    occurred_at: datetime | None = None,
) -> Message:
    """The third party answered. A ticket on hold for them is open again; nothing else of it moves.

    The desk itself opens it, for no reason that is told: the customer reads of status changes.
    """
    ticket = lock_ticket(actor, thread.ticket_id)
    message = keep_message(
        new_message(
            thread,
            kind=MessageKind.SIDE,
            direction=Direction.IN,
            author=author,
            author_kind="customer",
            author_identity=identity,
            channel=channel,
            automation=automation,
            external_id=external_id,
            is_hidden=is_hidden,
            sent_at=sent_at,
            created_at=occurred_at,
        ),
        words,
    )
    record(
        actor,
        SideMessageReceived(
            ticket_id=ticket.pk,
            person_id=author.pk if author else None,
            message_id=message.pk,
            thread_id=thread.pk,
            is_hidden=is_hidden,
            automation=automation,
        ),
        occurred_at=occurred_at,
    )
    if automation == "human" and not is_hidden and ticket.status_kind == StatusKind.ON_HOLD:
        ticket = change_status(replace(SYSTEM, origin=actor.origin), ticket, StatusKind.OPEN)
    write_columns(ticket, message=message, words=words)
    return message


def is_side(thread: Thread) -> bool:
    return not thread.is_main and thread.audience == Audience.STAFF


def people_of_customer(ticket: Ticket) -> set[int]:
    """Persons on the customer's side: who asked, also in tickets merged into this one, and whoever
    takes part in their talks."""
    apart = Q(thread__is_main=False, thread__audience=Audience.STAFF)
    rows = Participant.objects.filter(thread__ticket=ticket).exclude(apart)
    members = set(rows.values_list("identity__person_id", flat=True))
    asked = Ticket.objects.filter(Q(pk=ticket.pk) | Q(merged_into=ticket.pk))
    return members | set(asked.values_list("requester_id", flat=True))


def _members(thread: Thread) -> list[Identity]:
    rows = Participant.objects.filter(thread=thread, is_confirmed=True)
    return [row.identity for row in rows.select_related("identity__person").order_by("id")]


def _demand_third_party(ticket: Ticket, people: Sequence[Identity], field: str) -> None:
    """Raises Invalid for who is on the customer's side: they never get what is said aside."""
    demand_elsewhere(people, field)
    members = people_of_customer(ticket)
    for identity in people:
        if identity.person_id in members:
            words = _(
                "%(address)s takes part in the talk with the customer. A side conversation never "
                "goes to that side: write a reply instead."
            ) % {"address": identity.value}
            raise Invalid(words, code="customer_side", fields={field: words})


def _require_side(thread: Thread) -> None:
    if not is_side(thread):
        raise Invalid(_("This is no side conversation."), fields={"thread": _("There is none.")})


def _require_open_door(ticket: Ticket) -> None:
    if ticket.trashed_at is not None:
        raise Forbidden(_("This ticket is in the trash. Restore it to reply."))


def _re(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"[:300]
