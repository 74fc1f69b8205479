"""A segment's conditions as rows, beside the same as text: what was changed last is believed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from otklik.core.vocabulary.language import QueryProblem, read_query, spell_query
from otklik.people.models import SegmentOf
from otklik.people.permissions import SET_UP
from otklik.workspace.queries import filter_rows
from otklik.workspace.settings_screens.doors import open_to
from otklik.workspace.web.filtering import grouped, row_added, units

LONGEST = 2000


@require_safe
@open_to(SET_UP)
def builder(request: HttpRequest) -> HttpResponse:
    """``rows`` says that a row was changed; ``of`` is what the segment is of."""
    return render(request, "workspace/settings/segment_builder.html", builder_context(request.GET))


def builder_context(given: QueryDict, *, of: str = "", query: str = "") -> dict[str, Any]:
    """For a form that was filled in, or for a stored segment with its ``of`` and ``query``."""
    of = of or given.get("of", "")
    of = of if of in SegmentOf.values else SegmentOf.PERSON
    text = given.get("query", query)[:LONGEST]
    problems: dict[int, str] = {}
    problem: QueryProblem | None = None
    rows: list[filter_rows.FilterRow] = []
    if given.get("rows"):
        rows = filter_rows.read_rows(given, of)
        asked, problems = filter_rows.query_from(rows, "", of)
        rows += row_added(given.get("add", ""), rows, of)
        text = spell_query(of, asked)
    else:
        try:
            rows = filter_rows.rows_of(read_query(of, text).match)
        except QueryProblem as wrong:
            problem = wrong
    return {
        "of": of,
        "text": text,
        "query_problem": problem,
        "groups": grouped(rows, problems),
        "conditions": filter_rows.conditions_by_name(of),
        "units": units(),
    }
