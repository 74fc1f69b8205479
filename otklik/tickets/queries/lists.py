"""Lists of tickets: which, in which order, a page at a time.

A page is one query for ids and columns plus one for what is unread; each common list walks its own
partial index (`models.Ticket.Meta`) and stops after a page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django.core.exceptions import EmptyResultSet
from django.utils.translation import gettext as _

from otklik.core import search
from otklik.core.access import Actor, Invalid
from otklik.core.db.planning import planned_anew
from otklik.kit.paging import Cursor, decode_cursor, keyset_filter, keyset_order
from otklik.tickets.models import Ticket
from otklik.tickets.queries import spelt, walking
from otklik.tickets.queries.filters import LISTS, SORTS, Filters, Sort, whole_match
from otklik.tickets.queries.narrowing import list_tickets
from otklik.tickets.querysets import TicketQuerySet

PAGE = 50
MAX_COUNT = 999
MAX_HITS = search.MOST_CANDIDATES


@dataclass(frozen=True, slots=True)
class Page:
    tickets: list[Ticket]
    next: str = ""
    previous: str = ""
    is_cut: bool = False  # a search that looked at its newest and best candidates only
    looked_at: int = 0  # a query that ended with its candidates: ``next`` looks at further ones
    unread: frozenset[int] = field(default_factory=frozenset)


def default_sort(filters: Filters) -> Sort:
    own = {"solved": "solved", "snoozed": "waking"}
    return SORTS[own.get(filters.list, "newest")]


def get_page(
    actor: Actor,
    filters: Filters,
    *,
    sort: Sort | None = None,
    cursor: str = "",
    size: int = PAGE,
    columns: tuple[str, ...] = (),
) -> Page:
    """One page. Raises Invalid for a cursor that is none. A search is ordered by how well it fits
    and by newness, unless a sort is asked for. ``columns`` names all that the caller reads, where
    that is little."""
    order = sort or default_sort(filters)
    shown = spelt.Shown(columns, order)
    is_common = not filters.is_narrowed and order == default_sort(filters)
    if is_common and not cursor:
        found = spelt.first_of(actor, filters.list, shown, size + 1)
        return _paged(found, order, None, "next", size)
    hits: list[int] = []
    if filters.q:
        best = search.find("ticket", filters.q, scopes=actor.scopes, limit=MAX_HITS)
        hits = [hit.object_id for hit in best]
        if sort is None:
            return _page_of_hits(partial(spelt.among, actor, filters, shown), hits, cursor, size)
    rows = shown.of(list_tickets(actor, filters))
    if filters.q:
        page = _page(rows.filter(pk__in=hits), order, cursor, size, is_common=False)
        return replace(page, is_cut=len(hits) >= MAX_HITS)
    if filters.match is not None or filters.within is not None:
        return _walked(actor, rows, filters, order, cursor, size)
    return _page(rows, order, cursor, size, is_common=is_common)


def count_bounded(rows: TicketQuerySet, limit: int = MAX_COUNT) -> int:
    """At most ``limit`` + 1: a list of a million costs what one of a thousand does."""
    return rows.order_by().values("pk")[: limit + 1].count()


def count_lists(actor: Actor, names: tuple[str, ...] = LISTS[:4]) -> dict[str, int]:
    return {name: count_bounded(list_tickets(actor, Filters(list=name))) for name in names}


def _walked(
    actor: Actor, rows: TicketQuerySet, filters: Filters, sort: Sort, token: str, size: int
) -> Page:
    """One page of a query: of the candidates along one index, the first that fit."""
    cursor = _cursor(token)
    direction = cursor.direction if cursor else "next"
    match = whole_match(filters)
    road = walking.choose_road(actor, match, sort.key)
    beyond = None
    if cursor is not None:
        beyond = keyset_filter(cursor, sort.key, is_descending=sort.is_descending)
    is_down = sort.is_descending == (direction == "next")
    order = keyset_order(direction, sort.key, is_descending=sort.is_descending)
    is_sorted = road.key == sort.key
    most = walking.PAGE_CANDIDATES
    try:
        candidates = road.candidates(
            most, is_descending=is_down, beyond=beyond if is_sorted else None
        )
    except EmptyResultSet:
        return Page([])
    asked = rows if is_sorted or beyond is None else rows.filter(beyond)
    ids = asked.order_by(*order).select_related(None).values_list("pk", flat=True)[: size + 1]
    statement = walking.within(candidates, ids)
    found = [pk for (pk, *_rest) in walking.run(statement)] if statement else []
    by_id = {ticket.pk: ticket for ticket in rows.filter(pk__in=found)}
    page = _paged([by_id[pk] for pk in found if pk in by_id], sort, cursor, direction, size)
    if len(found) > size or direction == "previous":
        return page
    last = road.last(most, is_descending=is_down, beyond=beyond) if is_sorted else None
    if last is not None:
        return replace(page, next=Cursor(*last).encode(), looked_at=most)
    return replace(page, is_cut=not is_sorted and walking.are_all(candidates, most))


def count_query(actor: Actor, filters: Filters, *, now: datetime | None = None) -> walking.Question:
    """How to count what a query finds without reading the table; words are not counted."""
    rows = list_tickets(actor, filters, now=now)
    is_plain = filters == Filters(list="any", match=filters.match, text=filters.text)
    return walking.count_question(actor, whole_match(filters), rows, MAX_COUNT, is_plain=is_plain)


def _cursor(token: str) -> Cursor | None:
    if not token:
        return None
    try:
        return decode_cursor(token)
    except ValueError as error:
        raise Invalid(_("This page address is damaged."), fields={"cursor": str(error)}) from error


def _page(rows: TicketQuerySet, sort: Sort, token: str, size: int, *, is_common: bool) -> Page:
    """``is_common``: SQLite walks the list's own index though the rows of others are joined. Else
    it would begin with whatever of them is fewest, and read and sort every ticket."""
    cursor = _cursor(token)
    if cursor is not None:
        rows = rows.filter(keyset_filter(cursor, sort.key, is_descending=sort.is_descending))
    direction = cursor.direction if cursor else "next"
    order = keyset_order(direction, sort.key, is_descending=sort.is_descending)
    rows = rows.order_by(*order)
    if is_common:
        found = list(rows[: size + 1])
    else:
        with planned_anew():  # where to begin depends on how many tickets have what is asked for
            ids = list(rows.values_list("pk", flat=True)[: size + 1])
        by_id = {ticket.pk: ticket for ticket in rows.filter(pk__in=ids)}
        found = [by_id[pk] for pk in ids if pk in by_id]
    return _paged(found, sort, cursor, direction, size)


def _paged(
    found: list[Ticket], sort: Sort, cursor: Cursor | None, direction: str, size: int
) -> Page:
    """``found`` in the order they were read, one more than a page when there is another."""
    has_more = len(found) > size
    found = found[:size]
    if direction == "previous":
        found.reverse()

    def token_for(ticket: Ticket, side: str) -> str:
        return Cursor(getattr(ticket, sort.key), ticket.pk, side).encode()  # type: ignore[arg-type]

    has_next = has_more if direction == "next" else cursor is not None
    has_previous = has_more if direction == "previous" else cursor is not None
    return Page(
        tickets=found,
        next=token_for(found[-1], "next") if found and has_next else "",
        previous=token_for(found[0], "previous") if found and has_previous else "",
    )


_SPARE = 3  # hits looked at beyond a page, for those that one may not see: mostly enough
_AT_A_TIME = 150  # and more of them at a time when it was not


def _page_of_hits(
    among: Callable[[Sequence[int]], list[Ticket]], ids: list[int], token: str, size: int
) -> Page:
    """Best first. The cursor counts candidates, which are bounded and ranked anew each time."""
    cursor = _cursor(token)
    start = cursor.id if cursor else 0
    shown: list[Ticket] = []
    seen, step = 0, start + size + _SPARE
    while seen < len(ids) and len(shown) <= start + size:
        few = ids[seen : seen + step]
        by_id = {ticket.pk: ticket for ticket in among(few)}
        shown += [by_id[pk] for pk in few if pk in by_id]
        seen, step = seen + step, _AT_A_TIME
    return Page(
        tickets=shown[start : start + size],
        next=Cursor(0, start + size).encode() if start + size < len(shown) else "",
        previous=Cursor(0, max(start - size, 0)).encode() if start else "",
        is_cut=len(ids) >= MAX_HITS,
    )
