"""Writing into a ticket: a message from outside, a reply, a note."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Conflict, Forbidden, Invalid, Origin
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people.models import Agent, Identity, Person
from otklik.tickets import permissions
from otklik.tickets.actions.mentioning import tell_mentioned
from otklik.tickets.actions.participants import demand_elsewhere
from otklik.tickets.actions.snoozing import wake_ticket
from otklik.tickets.actions.status import change_status
from otklik.tickets.actions.words import author_of, keep_message, keep_note, new_message, voice_of
from otklik.tickets.columns import write_columns
from otklik.tickets.contract import MAX_RECIPIENTS, Recipients, Words, too_many_words
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import MessageReceived, NoteAdded, TicketAssigned, TicketReplied
from otklik.tickets.homes import let_in
from otklik.tickets.models import (
    DeliveryState,
    Direction,
    Draft,
    Message,
    MessageKind,
    Status,
    StatusKind,
    Thread,
    Ticket,
)
from otklik.tickets.queries.recipients import thread_for
from otklik.tickets.reviewing import demand_approval
from otklik.tickets.solving import ASKING, Despite
from otklik.tickets.steps import is_bound, list_next

# What a customer's own words do to a ticket that is waiting or solved.
_REOPENED_BY_CUSTOMER = (StatusKind.PENDING, StatusKind.ON_HOLD, StatusKind.SOLVED)


@action
def receive_message(
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
    client_key: UUID | None = None,
) -> Message:
    """Somebody outside wrote. Reopens a solved or waiting ticket unless a machine wrote it or a
    stranger did; a closed one is the caller's business (`open_ticket(follow_up_of=…)`)."""
    known = _find_by_key(thread.ticket_id, client_key)
    if known is not None:
        return known
    actor = let_in(actor, thread)
    ticket = lock_ticket(actor, thread.ticket_id)
    _require_words(words)
    message = keep_message(
        new_message(
            thread,
            direction=Direction.IN,
            author=author,
            author_kind="customer",
            author_identity=identity,
            channel=channel,
            automation=automation,
            external_id=external_id,
            is_hidden=is_hidden,
            client_key=client_key,
            sent_at=sent_at,
            created_at=occurred_at,
        ),
        words,
    )
    record(
        actor,
        MessageReceived(
            ticket_id=ticket.pk,
            person_id=author.pk if author else None,
            message_id=message.pk,
            thread_id=thread.pk,
            channel=message.channel,
            is_hidden=is_hidden,
            automation=automation,
        ),
        occurred_at=occurred_at,
    )
    is_human = automation == "human" and not is_hidden
    if is_human and ticket.snoozed_until is not None:
        ticket = wake_ticket(actor, ticket, reason="answer")
    if is_human and ticket.status_kind in _REOPENED_BY_CUSTOMER:
        ticket = change_status(
            actor, ticket, StatusKind.OPEN, reason="customer_reply", occurred_at=occurred_at
        )
    # After the status: who writes into a solved ticket waits again.
    write_columns(ticket, message=message, words=words)
    return message


@action
def reply_to_ticket(
    actor: Actor,
    ticket: Ticket,
    *,
    words: Words,
    recipients: Recipients,
    thread: Thread | None = None,
    status: Status | str = "",
    despite: Despite = ASKING,
    seen_message_id: int | None = None,
    client_key: UUID | None = None,
    is_automatic: bool = False,
    account_id: int | None = None,
    occurred_at: datetime | None = None,
) -> Message:
    """Write to the outside through the ticket's thread; `channels` adds the delivery.

    ``status`` is the status to go on with, or a kind of it; what `change_status` refuses keeps the
    words from leaving too, unless it is ``despite`` that. With ``seen_message_id`` a reply that
    crosses a newer message raises Conflict naming it. The same ``client_key`` twice sends once.
    What is not live (an import, the demo) is not sent: it says so by being sent already. Raises
    Forbidden (``needs_review``) for a trainee's words that no mentor has approved.
    """
    known = _find_by_key(ticket.pk, client_key)
    if known is not None:
        return known
    ticket = lock_ticket(actor, ticket)
    if not is_automatic:
        require(actor, permissions.REPLY)
        demand_approval(actor, ticket, status=status, client_key=client_key)
        _require_words(words)
    _require_open_door(ticket)
    if not recipients.everybody():
        raise Invalid(_("Choose who gets the reply."), fields={"to": _("Nobody would get this.")})
    recipients = recipients.without_repeats()
    if len(recipients.everybody()) > MAX_RECIPIENTS:
        raise Invalid(too_many_words(), fields={"to": too_many_words()})
    if not is_automatic:
        for field in ("to", "cc", "bcc"):
            demand_elsewhere(getattr(recipients, field), field)
    _require_seen(ticket, actor, seen_message_id)
    thread = thread or thread_for(ticket, recipients.to)
    subject = words.subject or _reply_subject(thread.subject or ticket.subject)
    words = replace(words, subject=subject, addresses=_addresses_of(recipients, words.addresses))
    message = keep_message(
        new_message(
            thread,
            direction=Direction.OUT,
            author_kind=voice_of(actor),
            author=author_of(actor),
            is_automatic=is_automatic,
            delivery_state=(
                DeliveryState.QUEUED if actor.origin is Origin.LIVE else DeliveryState.SENT
            ),
            client_key=client_key,
            created_at=occurred_at,
            account_id=account_id,
        ),
        words,
    )
    taken_by = None if is_automatic or ticket.assignee_id else _agent_of(actor)
    if taken_by is not None:
        ticket.assignee = taken_by
    write_columns(ticket, message=message, words=words, changed=["assignee"] if taken_by else [])
    record(
        actor,
        TicketReplied(
            ticket_id=ticket.pk,
            message_id=message.pk,
            thread_id=thread.pk,
            recipients=recipients.ids(),
            is_automatic=is_automatic,
        ),
        occurred_at=occurred_at,
    )
    if not is_automatic:
        tell_mentioned(actor, ticket, message, words, at=occurred_at)
    if taken_by is not None:
        taken = TicketAssigned(ticket_id=ticket.pk, old=None, new=taken_by.pk)
        record(actor, taken, occurred_at=occurred_at)
    if not is_automatic:
        _forget_draft(ticket, actor, MessageKind.PUBLIC)
        wanted = status or _of_itself(actor, ticket)
        stands = ticket.status_id if isinstance(wanted, Status) else ticket.status_kind
        if wanted and (wanted.pk if isinstance(wanted, Status) else wanted) != stands:
            change_status(
                actor, ticket, wanted, reason="reply", despite=despite, occurred_at=occurred_at
            )
    return message


def _of_itself(actor: Actor, ticket: Ticket) -> str:
    """What is answered is no longer new, where a step leads there."""
    if ticket.status_kind != StatusKind.NEW:
        return ""
    may_follow = any(row.kind == StatusKind.OPEN for row in list_next(ticket.status_id))
    return StatusKind.OPEN if may_follow or not is_bound(actor) else ""


@action
def add_note(
    actor: Actor,
    ticket: Ticket,
    *,
    words: Words,
    client_key: UUID | None = None,
    occurred_at: datetime | None = None,
) -> Message:
    """Write for staff only. Notes never reach anybody outside, and wake nobody's clock."""
    known = _find_by_key(ticket.pk, client_key)
    if known is not None:
        return known
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.NOTE)
    _require_words(words)
    message = keep_note(actor, ticket, words, client_key=client_key, created_at=occurred_at)
    write_columns(ticket, message=message, words=words)
    added = NoteAdded(ticket_id=ticket.pk, message_id=message.pk)
    record(actor, added, occurred_at=occurred_at)
    tell_mentioned(actor, ticket, message, words, at=occurred_at)
    _forget_draft(ticket, actor, MessageKind.NOTE)
    return message


def _find_by_key(ticket_id: int, client_key: UUID | None) -> Message | None:
    if client_key is None:
        return None
    return Message.objects.filter(ticket_id=ticket_id, client_key=client_key).first()


def _require_words(words: Words) -> None:
    if not (words.text.strip() or words.files or words.html.strip()):
        raise Invalid(_("Nothing is written yet."), fields={"text": _("Nothing is written yet.")})


def _require_open_door(ticket: Ticket) -> None:
    if ticket.trashed_at is not None:
        raise Forbidden(_("This ticket is in the trash. Restore it to reply."))


def _require_seen(ticket: Ticket, actor: Actor, seen_message_id: int | None) -> None:
    """Raises Conflict with the messages that came while the reply was written."""
    if seen_message_id is None:
        return
    newer = Message.objects.filter(ticket=ticket, id__gt=seen_message_id, is_automatic=False)
    crossing = list(
        newer.exclude(author_id=actor.person_id, author_kind=voice_of(actor))
        .order_by("id")
        .values_list("id", flat=True)[:20]
    )
    if crossing:
        raise Conflict(
            _("A newer message came while you were writing."), fields={"messages": crossing}
        )


def _reply_subject(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"[:300]


def _addresses_of(recipients: Recipients, given: Any) -> dict[str, Any]:
    def spell(identity: Identity) -> dict[str, str]:
        return {"address": identity.value, "name": identity.person.name}

    return {
        **dict(given),
        "to": [spell(identity) for identity in recipients.to],
        "cc": [spell(identity) for identity in recipients.cc],
        "bcc": [spell(identity) for identity in recipients.bcc],
    }


def _agent_of(actor: Actor) -> Agent | None:
    if actor.person_id is None or actor.kind not in (ActorKind.AGENT, ActorKind.TOKEN):
        return None
    return Agent.objects.filter(person_id=actor.person_id, is_active=True).first()


def _forget_draft(ticket: Ticket, actor: Actor, kind: str) -> None:
    if actor.person_id is not None:
        Draft.objects.filter(ticket=ticket, author_id=actor.person_id, kind=kind).delete()
