"""Building a query: the filter dialog, completion in the field, names for its values."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.vocabulary import find_condition, list_conditions
from otklik.core.vocabulary.language import (
    QueryProblem,
    complete,
    offer_values,
    read_query,
    spell_query,
)
from otklik.kit.numbers import whole_number
from otklik.people import policy
from otklik.tickets.queries import query_of
from otklik.workspace.queries import filter_rows
from otklik.workspace.queries.asking import Asked, ask
from otklik.workspace.web.listing import kept_pairs
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, is_fragment, staff_view

_OF_PEOPLE = ("person", "organisation")


@staff_view()
def filters(request: HttpRequest) -> HttpResponseBase:
    """The filter dialog, and a page of its own without scripts: rows and text say the same.

    Whichever of both was changed last is believed: ``rows`` when a row was, else the text.
    """
    asked = ask(actor_of(request), request.GET)
    given = request.GET
    problem: QueryProblem | None = asked.problem
    problems: dict[int, str] = {}
    if given.get("rows"):
        rows = filter_rows.read_rows(given)
        query, problems = filter_rows.query_from(rows, _words(given.get("words", "")))
        problem = None
        rows += row_added(given.get("add", ""), rows)
        text = spell_query("ticket", query)
    else:
        query = query_of(asked.filters)
        rows = filter_rows.rows_of(query.match)
        text = asked.filters.text if problem else spell_query("ticket", query)
    if given.get("show") and not problems and problem is None:
        return _show(request, asked, text)
    if not rows and problem is None:
        rows = row_added("all", rows)
    context: dict[str, Any] = {
        "filters": asked.filters,
        "query_pairs": kept_pairs(asked),
        "words": query.words,
        "text": text,
        "problem": problem,
        "groups": grouped(rows, problems),
        "conditions": filter_rows.conditions_by_name(),
        "units": units(),
    }
    status = 422 if problem or problems else 200
    if is_fragment(request):
        return render(request, "workspace/parts/filters.html", context, status=status)
    context |= shell_context(request, asked.current)
    return render(request, "workspace/filters.html", context, status=status)


@staff_view()
def completions(request: HttpRequest) -> HttpResponse:
    """What could stand at the caret (``at``) of the text typed so far (``q``)."""
    text = request.GET.get("q", "")[:1000]
    at = whole_number(request.GET.get("at"))
    thing = _thing_asked(request, request.GET.get("of", "ticket"))
    options = complete(thing, text, len(text) if at is None else at)
    return render(request, "workspace/parts/query_completions.html", {"options": options})


@staff_view()
def values(request: HttpRequest) -> HttpResponse:
    """Values of a condition that begin with what is typed, for a row of the dialog."""
    condition = find_condition(request.GET.get("condition", ""))
    begun = request.GET.get("q", "").strip()[:100]
    offered = []
    if condition is not None:
        offered = offer_values(_thing_asked(request, condition.thing), condition, begun)
    options = [(text, label or text.strip('"'), "", "") for text, label in offered]
    return render(request, "workspace/parts/options.html", {"options": options})


def _thing_asked(request: HttpRequest, thing: str) -> str:
    """Tickets, or people and organisations for who may see those."""
    if thing == "ticket" or (thing in _OF_PEOPLE and policy.can_see_people(actor_of(request))):
        return thing
    raise Http404


def _words(text: str) -> str:
    """Words to search for, without what would be read as a condition."""
    try:
        return read_query("ticket", text[:300]).words
    except QueryProblem:
        return " ".join(text[:300].replace('"', " ").split())


def _show(request: HttpRequest, asked: Asked, text: str) -> HttpResponseBase:
    url = f"{reverse('workspace:inbox')}?{asked.address(q=text)}"
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def row_added(
    group: str, rows: list[filter_rows.FilterRow], thing: str = "ticket"
) -> list[filter_rows.FilterRow]:
    """A new row to be filled in, about the first thing that can be asked; several alternatives
    begin with two."""
    if group not in filter_rows.GROUPS:
        return []
    condition = list_conditions(thing)[0]
    first = max((row.number for row in rows), default=-1) + 1
    is_first = group == "any" and not any(row.group == "any" for row in rows)
    return [
        filter_rows.FilterRow(group, number, condition, condition.operators[0])
        for number in range(first, first + (2 if is_first else 1))
    ]


def grouped(
    rows: list[filter_rows.FilterRow], problems: dict[int, str]
) -> list[tuple[str, str, list[dict[str, Any]]]]:
    titles = {"all": _("All of these hold"), "any": _("And one of these holds")}
    return [
        (
            group,
            titles[group],
            [
                {
                    "row": row,
                    "kind": filter_rows.kind_of(row),
                    "problem": problems.get(row.number, ""),
                }
                for row in rows
                if row.group == group
            ],
        )
        for group in filter_rows.GROUPS
    ]


def units() -> list[tuple[str, str]]:
    words = (_("minutes"), _("hours"), _("days"), _("weeks"))
    return [(code, word) for (code, _size), word in zip(filter_rows.UNITS, words, strict=True)]
