"""`/views`: saved views, their places, and what is in them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Forbidden, Missing
from otklik.core.rest.shapes import Id, Strict, actor_of, find_named, given
from otklik.core.vocabulary import read_match
from otklik.core.vocabulary.language import Query, read_query, spell_query
from otklik.core.vocabulary.matching import canonical
from otklik.people.models import Role, Team
from otklik.tickets.queries import walking
from otklik.workspace import actions
from otklik.workspace.models import View
from otklik.workspace.queries.navigation import count_lists, list_navigation, view_name
from otklik.workspace.queries.views import find_view, list_views, open_view, question_of

router = Router(tags=["views"])
Name = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=1000)]
Code = Annotated[str, Field(max_length=20)]
ScopeName = Literal["personal", "team", "role"]


class ViewOut(Schema):
    id: int
    name: str
    scope: ScopeName
    team: int | None
    role: int | None
    query: str = Field(description="As text, in English; for `query` of `GET /tickets`")
    match: dict[str, Any]
    words: str
    sort: str
    columns: list[str]
    grouping: str
    layout: str
    warning: str = Field(description="What it names that is gone; empty when all is there")
    count: str = Field(description='"7", "999+"; "7+": more among older ones; empty: not counted')
    is_hidden: bool
    may_change: bool
    version: int


class ViewIn(Strict):
    name: Name
    query: Text = Field("", description="`status:open team:me priority>=high`")
    match: dict[str, Any] | None = Field(None, description="Instead of `query`, with `words`")
    words: Annotated[str, Field(max_length=300)] = ""
    scope: ScopeName = "personal"
    team: Id | None = None
    role: Id | None = None
    sort: Code = ""
    columns: Annotated[list[Code], Field(max_length=40)] = []
    grouping: Code = ""
    layout: Code = ""


class ViewChange(Strict):
    """Only what is given changes. ``version``: as read; a change in between is a conflict."""

    name: Name | None = None
    query: Text | None = None
    scope: ScopeName | None = None
    team: Id | None = None
    role: Id | None = None
    sort: Code | None = None
    columns: Annotated[list[Code], Field(max_length=40)] | None = None
    grouping: Code | None = None
    layout: Code | None = None
    version: int | None = None


class PlaceIn(Strict):
    is_hidden: bool


class ViewOrderIn(Strict):
    views: Annotated[list[Id], Field(max_length=400)]


class BuiltInOut(Schema):
    name: str = Field(description="For `list` of `GET /tickets`, but: reminders, unsent")
    label: str
    count: str = Field(description='"7", "999+"; empty: not counted')


class PlanOut(Schema):
    road: str = Field(description="The index along which candidates come")
    is_exact: bool
    lines: list[str] = Field(description="EXPLAIN of the count")


@router.get("/lists", response=list[BuiltInOut], summary="The built-in lists and their counts")
def lists(request: HttpRequest) -> list[dict[str, Any]]:
    """As the navigation shows them. `GET /reminders` and `GET /waiting-replies` are two of them."""
    _demand_staff(request)
    items = list_navigation(actor_of(request), "", views=())
    return [{"name": one.name, "label": one.label, "count": one.count} for one in items]


@router.get("/views", response=list[ViewOut], summary="One's views, in one's order")
def views(request: HttpRequest) -> list[dict[str, Any]]:
    _demand_staff(request)
    actor = actor_of(request)
    rows = list_views(actor, with_hidden=True)
    counts = count_lists(actor, rows[:60])
    return [_show(request, row, counts) for row in rows]


@router.post("/views", response={201: ViewOut}, summary="Keep a view")
def keep(request: HttpRequest, data: ViewIn) -> Status[dict[str, Any]]:
    _demand_staff(request)
    if data.match is not None:
        words = read_query("ticket", data.words).words
        query = Query(canonical(read_match("ticket", data.match)), words)
    else:
        query = read_query("ticket", data.query)
    row = actions.create_view(
        actor_of(request),
        name=data.name,
        query=query,
        **_whose(data.scope, data.team, data.role),
        sort=data.sort,
        columns=data.columns,
        grouping=data.grouping,
        layout=data.layout,
    )
    return Status(201, _show(request, row, {}))


@router.get("/views/{int:pk}", response=ViewOut, summary="A view")
def view(request: HttpRequest, pk: int) -> dict[str, Any]:
    row = _get(request, pk)
    return _show(request, row, count_lists(actor_of(request), [row]))


@router.patch("/views/{int:pk}", response=ViewOut, summary="Change a view")
def alter(request: HttpRequest, pk: int, data: ViewChange) -> dict[str, Any]:
    changes = given(data)
    version = changes.pop("version", None)
    if "query" in changes:
        changes["query"] = read_query("ticket", changes["query"])
    team, role = changes.pop("team", None), changes.pop("role", None)
    if "scope" in changes:
        changes |= _whose(changes["scope"], team, role)
    row = actions.change_view(actor_of(request), _get(request, pk), version=version, **changes)
    return _show(request, row, {})


@router.delete("/views/{int:pk}", response={204: None}, summary="Remove a view")
def remove(request: HttpRequest, pk: int) -> Status[None]:
    actions.remove_view(actor_of(request), _get(request, pk))
    return Status(204, None)


@router.post("/views/{int:pk}/copy", response={201: ViewOut}, summary="A copy of one's own")
def copy(request: HttpRequest, pk: int) -> Status[dict[str, Any]]:
    return Status(201, _show(request, actions.copy_view(actor_of(request), _get(request, pk)), {}))


@router.put("/views/{int:pk}/place", response={204: None}, summary="Hide a view, or show it")
def place(request: HttpRequest, pk: int, data: PlaceIn) -> Status[None]:
    actions.hide_view(actor_of(request), _get(request, pk), is_hidden=data.is_hidden)
    return Status(204, None)


@router.put("/views/order", response={204: None}, summary="One's own order of views")
def order(request: HttpRequest, data: ViewOrderIn) -> Status[None]:
    actions.order_views(actor_of(request), [_get(request, pk) for pk in data.views])
    return Status(204, None)


@router.get("/views/{int:pk}/plan", response=PlanOut, summary="How a view is counted")
def plan(request: HttpRequest, pk: int) -> dict[str, Any]:
    """The database's own plan: no step reads the whole table."""
    question = question_of(actor_of(request), _get(request, pk), timezone.now())
    if question is None or question.statement is None:
        return {"road": "", "is_exact": True, "lines": []}
    lines = walking.explain(question.statement)
    return {"road": question.road.index, "is_exact": question.is_exact, "lines": lines}


def _whose(scope: str, team: int | None, role: int | None) -> dict[str, Any]:
    return {
        "scope": scope,
        "team": find_named(Team.objects.all(), team, "team"),
        "role": find_named(Role.objects.all(), role, "role"),
    }


def _demand_staff(request: HttpRequest) -> None:
    if not actor_of(request).is_staff:
        raise Forbidden(_("Only staff may do this."))


def _get(request: HttpRequest, pk: int) -> View:
    found = find_view(actor_of(request), pk)
    if found is None:
        raise Missing(_("There is no such view, or it is not yours to see."))
    return found


def _show(request: HttpRequest, row: View, counts: dict[str, str]) -> dict[str, Any]:
    opened = open_view(row)
    return {
        "id": row.pk,
        "name": row.name,
        "scope": row.scope,
        "team": row.team_id,
        "role": row.role_id,
        "query": spell_query("ticket", opened.query, "en"),
        "match": row.match_json,
        "words": opened.query.words,
        "sort": row.sort,
        "columns": row.columns,
        "grouping": row.grouping,
        "layout": row.layout,
        "warning": opened.warning,
        "count": counts.get(view_name(row), ""),
        "is_hidden": bool(getattr(row, "hidden", False)),
        "may_change": actions.may_change_view(actor_of(request), row),
        "version": row.version,
    }
