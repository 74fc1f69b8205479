"""`/macros` and a ticket's `/macros/{id}`: writing them, what they would change, running them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Body, Query, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import ByLanguage, Id, PageQuery, Strict, actor_of, find_named, get_row
from otklik.people.models import Team
from otklik.tickets.bulk.choosing import ids_of_numbers
from otklik.tickets.effects import MOST_STEPS, clean_steps, foresee
from otklik.tickets.rest.bulk import BulkActOut, Number, StepIn, show_act
from otklik.tickets.rest.found import get_ticket
from otklik.tickets.rest.shapes import DespiteIn
from otklik.workspace.actions import (
    change_macro,
    create_macro,
    may_change_offered,
    remove_macro,
    run_macro,
    run_macro_on_many,
)
from otklik.workspace.models import Macro
from otklik.workspace.queries.macros import steps_in_words

router = Router(tags=["macros"])

ScopeName = Literal["personal", "team", "shared"]
Steps = Annotated[list[StepIn], Field(min_length=1, max_length=MOST_STEPS)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
_AS_ASKED = DespiteIn(despite_checklists=False, despite_parts=False)
Hint = Annotated[str, Field(max_length=300)]


class StepOut(Schema):
    effect: str
    params: dict[str, Any]
    words: str
    is_reversible: bool
    problem: str = Field(..., description="What it names is there no longer")


class MacroOut(Schema):
    id: int
    name: str
    scope: ScopeName
    team: int | None
    labels: ByLanguage = Field(..., description="By language; where none is, `name`")
    hint: str = Field(..., description="When to use it")
    hints: ByLanguage
    steps: list[StepOut]
    uses: int
    last_used_at: datetime | None
    may_change: bool
    version: int


class MacroPage(Schema):
    items: list[MacroOut]
    next: str


class MacroIn(Strict):
    name: Name
    scope: ScopeName = "personal"
    team: Id | None = None
    labels: ByLanguage = {}
    hint: Hint = ""
    hints: ByLanguage = {}
    steps: Steps


class MacroChange(Strict):
    name: Name | None = None
    scope: ScopeName | None = None
    team: Id | None = None
    labels: ByLanguage | None = None
    hint: Hint | None = None
    hints: ByLanguage | None = None
    steps: Steps | None = None
    version: int | None = Field(None, description="As read: a change in between is a conflict")


class ForeseenOut(Schema):
    label: str
    old: str
    new: str
    text: str
    is_reversible: bool
    problem: str = Field(..., description="Why it would be refused as things stand")
    code: str = Field(..., description="Of the problem: incomplete, open_items, open_parts")


class MacroRunOut(Schema):
    operation: int = Field(..., description="Taken back by `POST /operations/{id}/undo`")


class ManyIn(DespiteIn):
    tickets: list[Number] = Field(..., min_length=1, max_length=10_000, description="Numbers")


@router.get("/macros", response=MacroPage, summary="Macros one is offered")
def macros(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    rows = Macro.objects.visible_to(actor_of(request)).active()
    return page_by_id(rows, lambda row: _show(request, row), cursor=query.cursor, limit=query.limit)


@router.post("/macros", response={201: MacroOut}, summary="Write a macro")
def create(request: HttpRequest, data: MacroIn) -> Status[dict[str, Any]]:
    team = find_named(Team.objects.all(), data.team, "team")
    steps = [step.model_dump() for step in data.steps]
    made = create_macro(
        actor_of(request),
        name=data.name,
        steps=steps,
        scope=data.scope,
        team=team,
        labels=data.labels,
        hint=data.hint,
        hints=data.hints,
    )
    return Status(201, _show(request, made))


@router.get("/macros/{int:pk}", response=MacroOut, summary="One macro")
def get(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _show(request, _get(request, pk))


@router.patch("/macros/{int:pk}", response=MacroOut, summary="Change a macro")
def change(request: HttpRequest, pk: int, data: MacroChange) -> dict[str, Any]:
    given = data.model_dump(exclude_unset=True, exclude={"version"})
    if "team" in given:
        given["team"] = find_named(Team.objects.all(), data.team, "team")
    changed = change_macro(
        actor_of(request), _get(request, pk), version=data.version, **_without_none(given)
    )
    return _show(request, changed)


@router.delete("/macros/{int:pk}", response={204: None}, summary="Offer it no more")
def remove(request: HttpRequest, pk: int) -> Status[None]:
    remove_macro(actor_of(request), _get(request, pk))
    return Status(204, None)


@router.get(
    "/tickets/{int:number}/macros/{int:pk}",
    response=list[ForeseenOut],
    summary="What a macro would change on a ticket",
)
def preview(request: HttpRequest, number: int, pk: int) -> list[dict[str, Any]]:
    macro, ticket = _get(request, pk), get_ticket(request, number)
    told = foresee(actor_of(request), ticket, clean_steps(macro.steps))
    return [{name: getattr(one, name) for name in ForeseenOut.model_fields} for one in told]


@router.post(
    "/tickets/{int:number}/macros/{int:pk}", response=MacroRunOut, summary="Run a macro on a ticket"
)
def run(
    request: HttpRequest, number: int, pk: int, data: Body[DespiteIn] = _AS_ASKED
) -> dict[str, Any]:
    """Every step or none, as one operation."""
    macro, ticket = _get(request, pk), get_ticket(request, number)
    operation = run_macro(actor_of(request), macro, ticket, despite=data.despite)
    return {"operation": operation.pk}


@router.post(
    "/macros/{int:pk}/bulk-acts", response={202: BulkActOut}, summary="Run a macro on many tickets"
)
def run_on_many(request: HttpRequest, pk: int, data: ManyIn) -> Status[dict[str, Any]]:
    actor = actor_of(request)
    ids = ids_of_numbers(actor, data.tickets)
    act = run_macro_on_many(actor, _get(request, pk), ids, despite=data.despite)
    return Status(202, show_act(act))


def _get(request: HttpRequest, pk: int) -> Macro:
    rows = Macro.objects.visible_to(actor_of(request)).active()
    found: Macro = get_row(rows, pk)
    return found


def _show(request: HttpRequest, macro: Macro) -> dict[str, Any]:
    actor = actor_of(request)
    if not actor.is_staff:
        raise Missing("")
    told = steps_in_words(macro.steps)
    return {
        "id": macro.pk,
        "name": macro.name,
        "scope": macro.scope,
        "team": macro.team_id,
        "labels": macro.labels or {},
        "hint": macro.hint,
        "hints": macro.hints or {},
        "steps": [
            {
                "effect": str(step.get("effect", "")),
                "params": step.get("params") or {},
                "words": words.words,
                "is_reversible": words.is_reversible,
                "problem": words.problem,
            }
            for step, words in zip(macro.steps, told, strict=True)
        ],
        "uses": macro.uses,
        "last_used_at": macro.last_used_at,
        "may_change": may_change_offered(actor, macro),
        "version": macro.version,
    }


def _without_none(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None or name == "team"}
