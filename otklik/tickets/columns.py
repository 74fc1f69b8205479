"""The one place that writes a ticket's list columns, and the proof that they are right.

`write_columns` follows each change; `compute_columns` derives the same from threads and messages
alone, for `otklik rebuild tickets` and for the test that both agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from otklik.tickets.bodies import snippet_of
from otklik.tickets.contract import Words
from otklik.tickets.homes import messages_of
from otklik.tickets.live import tell_changed
from otklik.tickets.models import (
    FINISHED,
    UNFINISHED,
    Direction,
    Message,
    MessageKind,
    Ticket,
)

# Machines and strangers do not count as somebody who waits, nor our acknowledgements as an answer.
_HUMAN = ("", "human")


def counts_as_talk(message: Message) -> bool:
    return (
        message.kind == MessageKind.PUBLIC
        and not message.is_automatic
        and not message.is_hidden
        and message.automation in _HUMAN
    )


def write_columns(
    ticket: Ticket,
    *,
    message: Message | None = None,
    words: Words | None = None,
    changed: Iterable[str] = (),
) -> None:
    """Save a change: the fields in ``changed`` and every list column that follows from it.

    Raises nothing: callers hold the ticket's row (`tickets.doors.lock_ticket`).
    """
    apply_columns(ticket, message, words)
    ticket.version += 1
    fields = {*changed, *LIST_COLUMNS, "updated_at", "version"}
    if "subject" in fields:
        fields.add("subject_key")
    ticket.save(update_fields=sorted(fields))
    tell_changed(ticket.pk, ticket.version)
    if message is not None and message.thread.came_from_id is not None:
        rebuild_columns([message.thread.came_from_id])  # what its own customer sees of it


def apply_columns(ticket: Ticket, message: Message | None, words: Words | None) -> None:
    """Set, without saving, every list column that follows from the ticket's newest message."""
    ticket.status_kind = ticket.status.kind
    ticket.is_unfinished = _is_unfinished(ticket)
    if message is not None and message.kind == MessageKind.PUBLIC:
        ticket.message_count += 1
    if message is not None and counts_as_talk(message):
        ticket.last_channel = message.channel
        ticket.last_message_at = message.created_at
        ticket.last_message_by = message.author_kind
        ticket.snippet = snippet_of(words) if words is not None else ticket.snippet
        if message.direction == Direction.IN:
            ticket.waiting_since = ticket.waiting_since or message.created_at
        else:
            ticket.waiting_since = None
    if ticket.status_kind in FINISHED:
        ticket.waiting_since = None
    ticket.updated_at = timezone.now()


LIST_COLUMNS = (
    "status_kind",
    "is_unfinished",
    "last_channel",
    "last_message_at",
    "last_message_by",
    "snippet",
    "waiting_since",
    "message_count",
)


def compute_columns(ticket: Ticket, *, rows: QuerySet[Message] | None = None) -> dict[str, Any]:
    """Every list column from the rows it follows from. Reads; writes nothing. ``rows`` are the
    messages that count: those it holds, or for a merged ticket those of its own threads."""
    if rows is None:
        is_merged = ticket.merged_into_id is not None
        rows = messages_of(ticket.pk) if is_merged else ticket.messages.all()
    values: dict[str, Any] = {
        "status_kind": ticket.status.kind,
        "is_unfinished": _is_unfinished(ticket),
        "last_channel": "",
        "last_message_at": ticket.created_at,
        "last_message_by": "",
        "snippet": "",
        "waiting_since": None,
        "message_count": 0,
    }
    finished = _finished_since(ticket)
    waiting: datetime | None = None
    for message in rows.select_related("body").order_by("id"):
        if message.kind == MessageKind.PUBLIC:
            values["message_count"] += 1
        if not counts_as_talk(message):
            continue
        body = message.body
        words = Words(text=body.text, reply_text=body.reply_text)
        values["last_channel"] = message.channel
        values["last_message_at"] = message.created_at
        values["last_message_by"] = message.author_kind
        values["snippet"] = snippet_of(words)
        if message.direction != Direction.IN:
            waiting = None
        elif finished is None or message.created_at > finished:
            waiting = waiting or message.created_at
    values["waiting_since"] = None if ticket.status.kind in FINISHED else waiting
    return values


def rebuild_columns(ticket_ids: Iterable[int], *, is_told: bool = False) -> int:
    """Write what `compute_columns` says where it differs; returns how many tickets did.
    ``is_told``: open pages hear of all of them, since more than columns changed."""
    differing = 0
    for ticket in Ticket.objects.filter(pk__in=list(ticket_ids)).select_related("status"):
        values = compute_columns(ticket)
        wrong = {name: value for name, value in values.items() if getattr(ticket, name) != value}
        if wrong:
            differing += 1
            Ticket.objects.filter(pk=ticket.pk).update(**wrong, version=F("version") + 1)
        if wrong or is_told:
            tell_changed(ticket.pk, ticket.version + bool(wrong))
    return differing


def _is_unfinished(ticket: Ticket) -> bool:
    """Whether it wants work now; spam, trash and what is put off do not, nor what is worked in
    another ticket."""
    away = (ticket.trashed_at, ticket.spam_at, ticket.snoozed_until, ticket.merged_into_id)
    is_put_away = any(value is not None for value in away)
    return not is_put_away and ticket.status.kind in UNFINISHED


def _finished_since(ticket: Ticket) -> datetime | None:
    """When the ticket was last solved or closed: nobody waits for what came before."""
    from otklik.core.events.models import EventRow

    rows = EventRow.objects.filter(ticket_id=ticket.pk, name="ticket.status_changed")
    for row in rows.order_by("-id"):
        if row.data.get("new_kind") in FINISHED:
            return row.occurred_at
    return None
