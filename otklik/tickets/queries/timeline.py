"""The ticket page's read model: messages, notes and events in one order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from otklik.core.access import Actor
from otklik.core.events.models import EventRow
from otklik.tickets.models import Message, MessageKind, Ticket

PAGE = 60
# These tell what a message shows anyway, or what nobody asks about while reading.
_UNTOLD = (
    "message.received",
    "ticket.replied",
    "note.added",
    "message.delivery_changed",
    "ticket.opened",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: a message or an event, never both."""

    at: datetime
    message: Message | None = None
    event: EventRow | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    entries: list[Entry]
    earlier_messages: int = 0
    earlier_events: int = 0
    last_message_id: int = 0
    participants: list[object] = field(default_factory=list)


def list_messages(actor: Actor, ticket: Ticket) -> list[Message]:
    """What this one may read, oldest first, with bodies and files. Customers see neither notes
    nor what a stranger wrote."""
    return list(_messages(actor, ticket).order_by("id"))


def get_timeline(actor: Actor, ticket: Ticket, *, whole: bool = False) -> Timeline:
    """The latest entries; earlier ones are counted and come with ``whole``."""
    messages = _messages(actor, ticket)
    events = _events(actor, ticket)
    limit = None if whole else PAGE
    shown = list(reversed(messages.order_by("-id")[:limit]))
    since = shown[0].created_at if shown and len(shown) == PAGE and not whole else None
    lines = events.order_by("-id")
    if since is not None:
        lines = lines.filter(recorded_at__gte=since)
    told = list(reversed(lines[: None if whole else PAGE]))
    entries = [Entry(message.created_at, message=message) for message in shown]
    entries += [Entry(row.occurred_at, event=row) for row in told]
    entries.sort(key=lambda entry: (entry.at, entry.event is not None))
    earlier_messages = earlier_events = 0
    if not whole:
        earlier_messages = messages.count() - len(shown) if len(shown) == PAGE else 0
        is_all = since is None and len(told) < PAGE
        earlier_events = 0 if is_all else events.count() - len(told)
    return Timeline(
        entries=entries,
        earlier_messages=earlier_messages,
        earlier_events=earlier_events,
        last_message_id=shown[-1].pk if shown else 0,
    )


def _messages(actor: Actor, ticket: Ticket):  # type: ignore[no-untyped-def]
    rows = Message.objects.filter(ticket=ticket).select_related(
        "body", "author", "author_identity", "account", "thread"
    )
    rows = rows.prefetch_related("attachments")
    if not actor.is_staff:
        rows = rows.filter(kind=MessageKind.PUBLIC, is_hidden=False).exclude(
            thread__audience="staff"
        )
    return rows


def _events(actor: Actor, ticket: Ticket):  # type: ignore[no-untyped-def]
    rows = EventRow.objects.filter(ticket_id=ticket.pk).exclude(name__in=_UNTOLD)
    if not actor.is_staff:
        rows = rows.filter(name="ticket.status_changed")
    return rows
