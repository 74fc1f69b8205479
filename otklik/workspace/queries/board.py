"""A list as a board: columns by status or assignee with a bounded number of cards, in one walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core import search
from otklik.core.access import Actor
from otklik.tickets.checklists import find_progress
from otklik.tickets.models import Priority, Ticket
from otklik.tickets.queries import MAX_COUNT, Filters, list_tickets, walking
from otklik.tickets.queries.filters import whole_match
from otklik.tickets.queries.lists import MAX_HITS
from otklik.tickets.steps import list_next, list_statuses
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.queries import choices, marks
from otklik.workspace.queries.navigation import spell_count

CARDS = 25  # of a column
_MOST_COLUMNS = 30
COLUMN_OF = {"board": "status_id", "people": "assignee_id"}


@dataclass(frozen=True, slots=True)
class Card:
    id: int
    number: int
    url: str
    subject: str
    person: str
    aside: str
    mark: SafeString | str
    when: str
    was: int  # the column it stands in; 0 is nobody
    checks: SafeString | str  # how far its checklists are, while something is open


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """``tickets`` are the newest of it, ``is_cut`` says that there are more; ``cards`` are what a
    screen shows of them."""

    key: int
    label: str
    mark: SafeString | str
    count: str
    tickets: list[Ticket]
    cards: list[Card]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Board:
    """``looked_at``: so many of the newest were looked at and there are more; 0 when all were.
    ``is_cut``: of a search, the newest and best of many were looked at. ``progress``: how far the
    checklists of tickets are, by id."""

    columns: list[BoardColumn]
    looked_at: int = 0
    is_cut: bool = False
    progress: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def get_board(actor: Actor, filters: Filters, layout: str, query: str) -> Board:
    """``layout`` is "board" or "people". Of the newest candidates the newest of each column."""
    column = COLUMN_OF[layout]
    found = _cards(actor, filters, column)
    rows = Ticket.objects.filter(pk__in=found.ids).with_people()
    by_column: dict[int, list[Ticket]] = {}
    for ticket in sorted(rows, key=lambda row: (row.last_message_at, row.pk), reverse=True):
        by_column.setdefault(getattr(ticket, column) or 0, []).append(ticket)
    suffix = f"?{query}" if query else ""
    progress = find_progress(found.ids)
    is_more = bool(found.looked_at) or found.is_cut
    columns = [
        BoardColumn(
            key=key,
            label=label,
            mark=mark,
            count=spell_count(found.counts.get(key, 0), is_more),
            tickets=by_column.get(key, []),
            cards=[
                _card(ticket, layout, key, suffix, progress.get(ticket.pk))
                for ticket in by_column.get(key, [])
            ],
            is_cut=found.counts.get(key, 0) > len(by_column.get(key, [])),
        )
        for key, label, mark in _columns(actor, layout, found.counts)
    ]
    return Board(columns, found.looked_at, found.is_cut, progress)


def list_places(actor: Actor, ticket: Ticket, layout: str) -> list[tuple[int, str, Any]]:
    """Where a card may go: the statuses that may follow, or those who can have it."""
    if layout == "board":
        rows = list_next(ticket.status_id)
        return [(row.pk, marks.status_words(row), marks.kind_mark(row.kind)) for row in rows]
    return [(0, _("Nobody"), ""), *((pk, name, "") for pk, name in choices.agent_choices(actor))]


def _columns(actor: Actor, layout: str, counts: dict[int, int]) -> list[tuple[int, str, Any]]:
    if layout == "board":
        return [
            (row.pk, marks.status_words(row), marks.kind_mark(row.kind)) for row in list_statuses()
        ]
    agents = choices.agent_choices(actor)
    used = [(pk, name, "") for pk, name in agents if pk in counts]
    free = [(pk, name, "") for pk, name in agents if pk not in counts]
    return [(0, _("Nobody"), ""), *used, *free][:_MOST_COLUMNS]


@dataclass(frozen=True, slots=True)
class _Found:
    ids: list[int]
    counts: dict[int, int]
    looked_at: int = 0
    is_cut: bool = False


def _cards(actor: Actor, filters: Filters, column: str) -> _Found:
    """Ids of the cards, and how many of the candidates there are in each column."""
    rows = list_tickets(actor, filters)
    is_cut = False
    if filters.q:
        hits = search.find("ticket", filters.q, scopes=actor.scopes, limit=MAX_HITS)
        is_cut = len(hits) >= MAX_HITS
        rows = rows.filter(pk__in=[hit.object_id for hit in hits])
    order = [F("last_message_at").desc(), F("pk").desc()]
    ranked = rows.order_by().annotate(
        place=Window(RowNumber(), partition_by=column, order_by=order),
        fitting=Window(Count("pk"), partition_by=column),
    )
    asked = ranked.filter(place__lte=CARDS).values_list("pk", column, "fitting")
    road = walking.choose_road(actor, whole_match(filters), "last_message_at")
    most = walking.COUNT_CANDIDATES
    try:
        candidates = road.candidates(most)
        statement = walking.within(candidates, asked)
    except EmptyResultSet:
        return _Found([], {})
    found: Sequence[tuple[Any, ...]] = walking.run(statement) if statement else []
    counts = {(key or 0): min(count, MAX_COUNT + 1) for _pk, key, count, *_rest in found}
    looked_at = most if walking.are_all(candidates, most) else 0
    return _Found([pk for pk, *_rest in found], counts, looked_at, is_cut)


def _card(ticket: Ticket, layout: str, key: int, suffix: str, done: tuple[int, int] | None) -> Card:
    local = timezone.localtime(ticket.last_message_at)
    is_today = local.date() == timezone.localdate()
    if layout == "board":
        aside = ticket.assignee.person.name if ticket.assignee else _("Nobody")
    else:
        aside = marks.status_words(ticket.status)
    return Card(
        id=ticket.pk,
        number=ticket.number,
        url=f"/tickets/{ticket.number}/{suffix}",
        subject=ticket.subject or _("No subject"),
        person=ticket.requester.name or str(ticket.requester_identity or _("No name")),
        aside=aside,
        mark=marks.priority_mark(ticket.priority) if ticket.priority >= Priority.HIGH else "",
        when=moment_words(local, "time" if is_today else "date"),
        was=key,
        checks=marks.checks_mark(done),
    )
