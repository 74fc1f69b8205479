"""The list pane: rows, title, what narrows it, its sorts, layouts and other addresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.utils.translation import gettext as _

from otklik.core.vocabulary.language import read_query
from otklik.tickets.queries import Filters, Sort, default_sort
from otklik.workspace.actions import may_change_view
from otklik.workspace.handlers import list_topic
from otklik.workspace.queries import tables
from otklik.workspace.queries.asking import Asked, lead, shown_query
from otklik.workspace.queries.board import COLUMN_OF, Board, get_board
from otklik.workspace.queries.calendar import get_calendar
from otklik.workspace.queries.layouts import GROUPINGS, LAYOUTS
from otklik.workspace.queries.navigation import SORT_LABELS
from otklik.workspace.queries.rows import Rows, list_rows
from otklik.workspace.web.staff import actor_of


def list_address(asked: Asked) -> dict[str, Any]:
    """What a page needs that fetches its list pane when it is seen, on a phone never."""
    return {
        "asked": asked,
        "filters": asked.filters,
        "list_title": asked.title,
        "list_query": asked.address(),
        "nav_query": f"view={asked.view.pk}" if asked.view else f"list={asked.filters.list}",
        "layout": asked.layout.layout,
    }


def list_context(
    request: HttpRequest, asked: Asked, *, current: int | None = None
) -> dict[str, Any]:
    filters, sort, actor = asked.filters, asked.sort, actor_of(request)
    found = Rows([], "", is_cut=False)
    board = None
    dates: dict[str, Any] = {}
    if asked.layout.layout == "month":
        dates = _calendar(request, asked)
    elif asked.layout.layout in COLUMN_OF:
        board = Board([])
        if asked.problem is None:
            board = get_board(actor, filters, asked.layout.layout, asked.address())
    elif asked.problem is None:
        found = list_rows(
            actor,
            filters,
            sort=sort,
            cursor=request.GET.get("cursor", "")[:500],
            query=asked.address(),
            current=current,
            layout=asked.layout,
        )
    return (
        list_address(asked)
        | pane_context(request, asked)
        | {
            "board": board,
            **dates,
            "rows": found.rows,
            "list_topic": list_topic(actor, asked.address()),
            "is_plain": _is_plain(asked),
            "is_cut": found.is_cut,
            "looked_at": found.looked_at,
            "more_query": asked.address(cursor=found.next) if found.next else "",
            "table_head": tables.head_of(asked.layout.shown_columns)
            if asked.layout.layout == "table"
            else None,
        }
    )


def _calendar(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """The days around ``at`` and the addresses of others."""
    given = request.GET.get("span", "")
    span = given if given in ("week", "day") else "month"
    shown = None if span == "month" else span
    filters = asked.filters
    if asked.problem is not None:
        filters = Filters(list="any", match=read_query("ticket", "number:-1").match)
    found = get_calendar(
        actor_of(request), filters, asked.address(), span=span, at=request.GET.get("at", "")
    )
    return {
        "calendar": found,
        "calendar_query": asked.address(at=found.at, span=shown),
        "calendar_before": asked.address(at=found.before, span=shown),
        "calendar_after": asked.address(at=found.after, span=shown),
        "calendar_today": asked.address(span=shown),
        "calendar_spans": [
            (shown == code, words, asked.address(at=found.at, span=code))
            for code, words in ((None, _("Month")), ("week", _("Week")), ("day", _("Day")))
        ],
        "calendar_day": asked.address(at=None, span="day"),
    }


def pane_context(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """What stands above the rows, whatever shows them."""
    filters, sort = asked.filters, asked.sort
    shown = sort or default_sort(filters)
    view = asked.view
    pairs = asked.pairs
    return {
        "query_text": shown_query(filters),
        "query_pairs": kept_pairs(asked),
        "view": view,
        "view_warning": asked.opened.warning if asked.opened else "",
        "may_change_view": view is not None and may_change_view(actor_of(request), view),
        "list_without": asked.address(q=None) if view is None else f"view={view.pk}",
        "sort_label": _sort_words(shown, is_search=bool(filters.q) and sort is None),
        "sorts": [
            (code, str(words), lead(pairs, sort=code), code == shown.code)
            for code, words in SORT_LABELS.items()
            if code != "waking" or code == shown.code or filters.list == "snoozed"
        ],
        "layouts": [
            (code, str(words), lead(pairs, layout=code or None), code == asked.layout.layout)
            for code, words in LAYOUTS.items()
        ],
        "groupings": [
            (code, str(words), lead(pairs, group=code or None), code == asked.layout.grouping)
            for code, words in GROUPINGS.items()
        ],
        "narrowed": _count_narrowed(filters) if view is None or asked.is_asked_otherwise else 0,
    }


def _is_plain(asked: Asked) -> bool:
    """Whether tickets come, go and change places only for what `handlers` calls moving."""
    filters, sort = asked.filters, asked.sort
    if asked.view is not None or filters.is_narrowed or filters.q or filters.match is not None:
        return False
    return sort is None or sort.code in (default_sort(filters).code, "newest")


def kept_pairs(asked: Asked) -> list[tuple[str, str]]:
    """What of the address goes along with a new query, as fields of its form."""
    pairs = parse_qsl(asked.address(q=None), keep_blank_values=True)
    kept = ("view", "list", "sort", "layout", "group", "columns")
    return [(name, value) for name, value in pairs if name in kept]


def _sort_words(sort: Sort, *, is_search: bool) -> str:
    if is_search:
        return _("Best first")
    return str(SORT_LABELS.get(sort.code, SORT_LABELS["newest"]))


def _count_narrowed(filters: Filters) -> int:
    many = ("status", "kind", "priority", "team", "assignee", "tag", "channel")
    one = ("category", "brand", "requester", "organisation")
    asked = len(filters.match.clauses) if filters.match is not None else 0
    return (
        asked
        + sum(bool(getattr(filters, name)) for name in many)
        + sum(getattr(filters, name) is not None for name in one)
    )
