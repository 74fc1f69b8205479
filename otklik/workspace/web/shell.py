"""What every agents' page has around its content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from otklik.desk.texts import list_languages
from otklik.tickets import permissions
from otklik.tickets.queries import Filters, Sort, default_sort
from otklik.ui import marks
from otklik.workspace.queries.navigation import LABELS, SORT_LABELS, list_navigation
from otklik.workspace.queries.rows import Rows, list_query, list_rows
from otklik.workspace.settings_screens.sections import may_open_settings
from otklik.workspace.web.asking import Asked, shown_query
from otklik.workspace.web.staff import actor_of


def shell_context(request: HttpRequest, current: str = "") -> dict[str, Any]:
    """Navigation, the person's menu, theme and density."""
    actor, user = actor_of(request), request.user
    return {
        "navigation": list_navigation(actor, current),
        "current_list": current,
        "me_name": actor.name,
        "me_avatar": marks.avatar(actor.name or "?", actor.person_id),
        "theme": user.theme,  # type: ignore[union-attr]
        "density": user.density,  # type: ignore[union-attr]
        "offers_tour": not user.has_toured,  # type: ignore[union-attr]
        "languages": list_languages(),
        "may_open": actor.can(permissions.OPEN),
        "may_take": actor.can(permissions.ASSIGN),
        "may_bulk": actor.can(permissions.BULK),
        "may_see_people": actor.can("people.view"),
        "may_open_settings": may_open_settings(actor),
    }


def list_address(filters: Filters, sort: Sort | None) -> dict[str, Any]:
    """What a page needs that fetches its list pane when it is seen, on a phone never."""
    return {
        "filters": filters,
        "list_title": str(LABELS[filters.list]),
        "list_query": list_query(filters, sort.code if sort else ""),
    }


def list_context(
    request: HttpRequest, asked: Asked, *, current: int | None = None
) -> dict[str, Any]:
    """The list pane: rows, title, what narrows it, its sorts and its other addresses."""
    filters, sort = asked.filters, asked.sort
    address = list_address(filters, sort)
    query = address["list_query"]
    found: Rows = (
        Rows([], "", is_cut=False)
        if asked.problem
        else list_rows(
            actor_of(request),
            filters,
            sort=sort,
            cursor=request.GET.get("cursor", "")[:500],
            query=query,
            current=current,
        )
    )
    shown = sort or default_sort(filters)
    return address | {
        "rows": found.rows,
        "is_cut": found.is_cut,
        "looked_at": found.looked_at,
        "asked": asked,
        "query_text": shown_query(filters),
        "sort_code": sort.code if sort else "",
        "list_without": list_query(Filters(list=filters.list)),
        "more_query": list_query(filters, sort.code if sort else "", cursor=found.next)
        if found.next
        else "",
        "sort_label": _sort_words(shown, is_search=bool(filters.q) and sort is None),
        "sorts": [
            (code, str(words), list_query(filters, code), code == shown.code)
            for code, words in SORT_LABELS.items()
        ],
        "narrowed": _count_narrowed(filters),
    }


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
