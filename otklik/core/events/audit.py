"""The audit trail: what happened, by whom, to what, when. Bounded however long the trail is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Q, QuerySet

from otklik.core.events.models import EventRow

# What no index helps to find is looked for among so many events at a time, newest first.
WINDOW = 50_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; what is empty is not. ``actor_id`` is of agents and customers."""

    actor_id: int | None = None
    ticket_id: int | None = None
    person_id: int | None = None
    name: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page, newest first. ``next`` is the id before which the next one begins, 0 at the end; a
    page may be short or empty and still have a next one, where it looked through a window."""

    rows: list[EventRow]
    next: int


def find_events(asked: Asked, *, before: int = 0, size: int = 50) -> Found:
    """Reads only; at most a window of the trail and two dozen look-ups by key."""
    newest = _bound(asked.until, before)
    oldest = _first_since(asked.since) if asked.since is not None else 0
    rows = EventRow.objects.filter(id__gte=oldest)
    if newest is not None:
        rows = rows.filter(id__lt=newest)
    rows = _matching(rows, asked)
    floor = 0
    if asked.actor_id is not None and asked.ticket_id is None and asked.person_id is None:
        top = newest or (EventRow.objects.aggregate(top=Max("id"))["top"] or 0) + 1
        floor = max(oldest, top - WINDOW)
        rows = rows.filter(id__gte=floor)
    found = list(rows.order_by("-id")[: size + 1])
    if len(found) > size:
        return Found(found[:size], found[size - 1].pk)
    first = EventRow.objects.aggregate(first=Min("id"))["first"] or 0
    return Found(found, floor if floor > max(oldest, first) else 0)


def _matching(rows: QuerySet[EventRow], asked: Asked) -> QuerySet[EventRow]:
    if asked.ticket_id is not None:
        rows = rows.filter(ticket_id=asked.ticket_id)
    if asked.person_id is not None:
        rows = rows.filter(person_id=asked.person_id)
    if asked.name:
        rows = rows.filter(name=asked.name)
    if asked.actor_id is not None:
        who = Q(actor_kind__in=("agent", "customer"), actor_id=asked.actor_id)
        rows = rows.filter(who | Q(on_behalf_of=asked.actor_id))
    return rows


def _bound(until: datetime | None, before: int) -> int | None:
    bounds = [before] if before else []
    if until is not None:
        bounds.append(_first_since(until))
    return min(bounds) if bounds else None


def _first_since(moment: datetime) -> int:
    """The first id of that time or later: ids grow with time, which itself has no index."""
    ends = EventRow.objects.aggregate(low=Min("id"), high=Max("id"))
    low, high = ends["low"] or 0, (ends["high"] or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = EventRow.objects.filter(id__gte=middle).order_by("id").first()
        if row is None or row.recorded_at >= moment:
            high = middle
        else:
            low = row.pk + 1
    return low
