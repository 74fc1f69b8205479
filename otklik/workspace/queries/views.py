"""Views as they are read: what is asked, what of it is gone, and how many tickets fit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db.spelling import spelt_once
from otklik.core.vocabulary import Match, find_condition, read_match
from otklik.core.vocabulary.language import Query, list_gone
from otklik.core.vocabulary.matching import canonical
from otklik.tickets.queries import Filters, count_query
from otklik.tickets.queries.walking import Question, minute
from otklik.workspace.models import View, ViewPlace
from otklik.workspace.models.view import whose
from otklik.workspace.queries.layouts import Layout, known_columns

MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Opened:
    """A view as it can be used. ``lost`` are conditions that nobody brings any more: what is left
    of the query would show more than was asked for, so it finds nothing until it is changed."""

    view: View
    query: Query
    lost: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def filters(self) -> Filters:
        match = None if self.query.match.is_empty else self.query.match
        return Filters(list="any", q=self.query.words, match=match)

    @property
    def layout(self) -> Layout:
        view = self.view
        return Layout(view.layout, view.grouping, known_columns(view.columns))

    @property
    def warning(self) -> str:
        """What it names that is not there, in words; "" when all is."""
        if self.lost:
            return _("This view asks for what this desk no longer knows: %(names)s.") % {
                "names": ", ".join(self.lost)
            }
        if self.gone:
            return _("This view names what is gone: %(names)s.") % {"names": ", ".join(self.gone)}
        return ""


def open_view(view: View) -> Opened:
    """Reads what is stored, whatever became of what it names. Raises nothing."""
    words = str(view.query.get("words") or "")
    try:
        match = canonical(read_match("ticket", view.match_json))
    except Invalid:
        return Opened(view, Query(Match(), words), lost=_lost(view))
    query = Query(match, words)
    gone = tuple(f"{condition.label} #{value}" for condition, value in list_gone("ticket", query))
    return Opened(view, query, gone=gone)


def query_of_view(view: View) -> Query:
    return open_view(view).query


def _lost(view: View) -> tuple[str, ...]:
    clauses = [
        clause
        for group in ("all", "any")
        for clause in view.match_json.get(group) or []
        if isinstance(clause, dict)
    ]
    names = [str(clause.get("condition")) for clause in clauses]
    return tuple(name for name in names if find_condition(name) is None) or tuple(names)


def find_view(actor: Actor, pk: int | None) -> View | None:
    if pk is None or not 0 < pk < 1 << 63:
        return None
    return View.objects.visible_to(actor).select_related("team", "role").filter(pk=pk).first()


def list_views(actor: Actor, *, with_hidden: bool = False) -> list[View]:
    """In this one's own order; ``hidden`` and ``place`` are annotated."""
    if not actor.is_staff:
        return []
    found: list[Any] = _offered(*whose(actor))
    found.sort(key=lambda row: (row.place is None, row.place or 0, row.pk))
    shown = [row for row in found if with_hidden or not row.hidden]
    return shown[:300] if with_hidden else shown[:MOST_SHOWN]


@spelt_once
def _offered(person_id: int, user_id: int, team_ids: tuple[int, ...]) -> QuerySet[View]:
    places = ViewPlace.objects.filter(person_id=person_id, view=OuterRef("pk"))
    rows = View.objects.offered_to(person_id, user_id, team_ids).select_related("team", "role")
    return rows.annotate(
        place=Subquery(places.values("position")[:1]),
        hidden=Subquery(places.values("is_hidden")[:1]),
    )


@lru_cache(maxsize=512)
def _question(_vendor: str, actor: Actor, stored: str, now: Any) -> Question | None:
    """Spelt once a minute: longer ago than two days is asked of the minute."""
    query = json.loads(stored)
    try:
        match = canonical(read_match("ticket", query.get("match") or {}))
    except Invalid:
        return None
    if query.get("words"):
        return None
    filters = Filters(list="any", match=None if match.is_empty else match)
    return count_query(actor, filters, now=now)


def question_of(actor: Actor, view: View, now: Any) -> Question | None:
    """How its tickets are counted; None for one with words, which are not."""
    stored = json.dumps(view.query, sort_keys=True)
    return _question(connection.vendor, actor, stored, minute(now))
