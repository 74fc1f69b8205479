"""The ticket page's read model: messages, notes and events in one order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, QuerySet

from otklik.core.access import Actor
from otklik.core.db.spelling import spelt_once
from otklik.core.db.together import Ahead
from otklik.core.events.models import EventRow
from otklik.tickets.homes import messages_for
from otklik.tickets.later_events import PRIVATE
from otklik.tickets.models import Message, Ticket

PAGE = 60  # events at most, beside the latest messages
LATEST = 30  # messages that a talk opens with, however long it is
STEP = 60  # earlier ones at a time
WINDOW = 240  # shown at once at most, wherever in the talk
# These tell what a message shows anyway, or what nobody asks about while reading.
_UNTOLD = (
    "message.received",
    "ticket.replied",
    "note.added",
    "message.delivery_changed",
    "ticket.opened",
    *PRIVATE,
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
    earlier_from: int = 0  # where a window begins that shows one step more before this one
    later_messages: int = 0
    later_from: int = 0  # where the window after this one begins
    participants: list[object] = field(default_factory=list)


def list_messages(actor: Actor, ticket: Ticket) -> list[Message]:
    """What this one may read, oldest first, with bodies and files. Customers see neither notes
    nor what a stranger wrote."""
    if not actor.is_staff:
        return list(_of_customer(actor, ticket).order_by("id"))
    return list(_messages(ticket.pk).order_by("id"))


def get_timeline(
    actor: Actor, ticket: Ticket, *, whole: bool = False, first: int | None = None
) -> Timeline:
    """The latest entries; earlier ones are counted. For staff ``first`` is the id of a message to
    begin with (the beginning with ``whole``); at most `WINDOW` of them come, later ones are counted
    too. A customer's ``whole`` is all of it."""
    if actor.is_staff and (whole or first is not None):
        return _window(actor, ticket, first or 0)
    if actor.is_staff:
        shown = list(reversed(_latest_messages(ticket.pk)))
    else:
        latest = _of_customer(actor, ticket).order_by("-id")
        shown = list(reversed(latest if whole else latest[:LATEST]))
    since = shown[0].created_at if shown and len(shown) == LATEST and not whole else None
    told = list(reversed(_latest_events(ticket.pk, actor.is_staff, whole, since)))
    told += _events_elsewhere(actor, ticket, shown, since)
    earlier_messages = earlier_events = 0
    if not whole:
        if len(shown) == LATEST:
            said = _said(ticket.pk) if actor.is_staff else [_of_customer(actor, ticket).count()]
            earlier_messages = sum(said) - len(shown)
        is_all = since is None and len(told) < PAGE
        earlier_events = 0 if is_all else sum(_told(ticket.pk, actor.is_staff)) - len(told)
    is_cut = bool(earlier_messages or earlier_events) and bool(shown)
    return Timeline(
        entries=_in_order(shown, told),
        earlier_messages=earlier_messages,
        earlier_events=earlier_events,
        last_message_id=shown[-1].pk if shown else 0,
        earlier_from=_step_before(ticket.pk, shown[0].pk) if is_cut else 0,
    )


def ask_ahead(
    ahead: Ahead, ticket_ids: Iterable[int]
) -> list[tuple[list[Message], list[EventRow]]]:
    """For `get_timeline` as staff sees it from the latest on; events of longer talks not."""
    ids = list(ticket_ids)
    said = ahead.ask(_latest_messages, [(pk,) for pk in ids])
    short = [pk for pk, rows in zip(ids, said, strict=True) if len(rows) < LATEST]
    told = ahead.ask(_latest_events, [(pk, True, False, None) for pk in short])
    events = dict(zip(short, told, strict=True))
    return [(rows, events.get(pk, [])) for pk, rows in zip(ids, said, strict=True)]


def _window(actor: Actor, ticket: Ticket, first: int) -> Timeline:
    rows = _messages(ticket.pk)
    found = list(rows.filter(pk__gte=first).order_by("id")[: WINDOW + 1])
    shown, beyond = found[:WINDOW], found[WINDOW:]
    earlier = rows.filter(pk__lt=shown[0].pk).count() if shown else rows.count()
    events = _events(ticket.pk, actor.is_staff).order_by("id")
    since = shown[0].created_at if shown and earlier else None
    within = events.filter(recorded_at__gte=since) if since is not None else events
    if beyond:
        within = within.filter(recorded_at__lt=beyond[0].created_at)
    told = list(within[: WINDOW * 2])
    told += _events_elsewhere(actor, ticket, shown, since)
    earlier_events = events.filter(recorded_at__lt=since).count() if since is not None else 0
    last = shown[-1].pk if shown else 0
    return Timeline(
        entries=_in_order(shown, told),
        earlier_messages=earlier,
        earlier_events=earlier_events,
        last_message_id=rows.order_by("-id").values_list("pk", flat=True).first() or 0,
        earlier_from=_step_before(ticket.pk, shown[0].pk) if shown and earlier else 0,
        later_messages=rows.filter(pk__gt=last).count() if beyond else 0,
        later_from=beyond[0].pk if beyond else 0,
    )


def find_window(actor: Actor, ticket: Ticket, message_id: int) -> int:
    """Where a window begins that shows this message with some before it, 0 when it is none of the
    ticket's or among the latest anyway."""
    if not actor.is_staff or not 0 < message_id < 1 << 63:
        return 0
    rows = Message.objects.filter(ticket=ticket).order_by("-id")
    latest = list(rows.values_list("pk", flat=True)[:LATEST])
    if message_id in latest or not rows.filter(pk=message_id).exists():
        return 0
    before = rows.filter(pk__lte=message_id).values_list("pk", flat=True)[:5]
    return min(before)


def _step_before(ticket_id: int, first: int) -> int:
    return min(_before(ticket_id, first), default=0)


@spelt_once
def _before(ticket_id: int, first: int) -> Iterable[int]:
    rows = Message.objects.filter(ticket=ticket_id, pk__lt=first).order_by("-id")
    return rows.values_list("pk", flat=True)[:STEP]


@spelt_once
def _said(ticket_id: int) -> Iterable[int]:
    """How many messages, once; none where there is none."""
    rows = Message.objects.filter(ticket=ticket_id).order_by().values("ticket_id")
    return rows.annotate(count=Count("pk")).values_list("count", flat=True)


@spelt_once
def _told(ticket_id: int, is_staff: bool) -> Iterable[int]:
    """The same of events."""
    rows = _events(ticket_id, is_staff).order_by().values("ticket_id")
    return rows.annotate(count=Count("pk")).values_list("count", flat=True)


def _in_order(shown: list[Message], told: list[EventRow]) -> list[Entry]:
    entries = [Entry(message.created_at, message=message) for message in shown]
    entries += [Entry(row.occurred_at, event=row) for row in told]
    return sorted(entries, key=lambda entry: (entry.at, entry.event is not None))


@spelt_once
def _latest_messages(ticket_id: int) -> QuerySet[Message]:
    """Newest first. Found before they are read: a plan made for a talk of five would read the
    bodies of two thousand to keep these."""
    newest = Message.objects.filter(ticket=ticket_id).order_by("-id").values("pk")[:LATEST]
    return _with_bodies(Message.objects.filter(pk__in=newest)).order_by("-id")


@spelt_once
def _latest_events(
    ticket_id: int, is_staff: bool, whole: bool, since: datetime | None
) -> QuerySet[EventRow]:
    """Newest first."""
    rows = _events(ticket_id, is_staff).order_by("-id")
    if since is not None:
        rows = rows.filter(recorded_at__gte=since)
    return rows if whole else rows[:PAGE]


def _messages(ticket_id: int) -> QuerySet[Message]:
    return _with_bodies(Message.objects.filter(ticket=ticket_id))


def _of_customer(actor: Actor, ticket: Ticket) -> QuerySet[Message]:
    return _with_bodies(messages_for(actor, ticket))


def _with_bodies(rows: QuerySet[Message]) -> QuerySet[Message]:
    along = ("body", "author", "author_identity", "thread")
    return rows.select_related(*along).prefetch_related("attachments")


def _events_elsewhere(
    actor: Actor, ticket: Ticket, shown: list[Message], since: datetime | None
) -> list[EventRow]:
    """For staff, what happened in tickets whose talk is shown here; for the customer of a merged
    one, what became of the ticket it is worked in."""
    if actor.is_staff:
        homes = {message.thread.came_from_id for message in shown} - {None}
        if not homes:  # mostly, and putting the question together costs more than asking it
            return []
        rows = EventRow.objects.filter(ticket_id__in=homes).exclude(name__in=_UNTOLD)
    elif ticket.merged_into_id is not None and ticket.merged_at is not None:
        homes = {ticket.merged_into_id}
        rows = EventRow.objects.filter(
            ticket_id__in=homes, name="ticket.status_changed", occurred_at__gte=ticket.merged_at
        )
    else:
        return []
    if since is not None:
        rows = rows.filter(recorded_at__gte=since)
    return list(rows.order_by("-id")[:PAGE])


def _events(ticket_id: int, is_staff: bool) -> QuerySet[EventRow]:
    rows = EventRow.objects.filter(ticket_id=ticket_id).exclude(name__in=_UNTOLD)
    if not is_staff:
        rows = rows.filter(name="ticket.status_changed")
    return rows
