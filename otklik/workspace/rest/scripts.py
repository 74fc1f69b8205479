"""`/scripts` and a ticket's `/script-runs`: writing them and going through one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import ByLanguage, Id, PageQuery, Strict, actor_of, find_named, get_row
from otklik.people.models import Team
from otklik.tickets.rest.found import get_ticket
from otklik.workspace.actions import (
    answer_run,
    begin_run,
    change_script,
    create_script,
    drop_run,
    finish_run,
    remove_script,
    step_back,
)
from otklik.workspace.going import LONGEST_ANSWER, MOST_OPTIONS, MOST_STEPS
from otklik.workspace.models import Script, ScriptRun
from otklik.workspace.queries.scripts import panel_of

router = Router(tags=["scripts"])

ScopeName = Literal["personal", "team", "shared"]
Result = Literal["note", "reply"]
Key = Annotated[str, Field(max_length=20)]


class ScriptOptionIn(Strict):
    label: Annotated[str, Field(min_length=1, max_length=120)]
    next: Key = Field("", description="Key of a later question; end; empty: the next one")


class QuestionIn(Strict):
    key: Annotated[str, Field(min_length=1, max_length=20)]
    question: Annotated[str, Field(min_length=1, max_length=300)]
    help: Annotated[str, Field(max_length=300)] = ""
    kind: Literal["choice", "yes_no", "text", "number"] = "text"
    options: Annotated[list[ScriptOptionIn], Field(max_length=MOST_OPTIONS)] = Field(
        [], description="Of a choice; of yes_no with the labels yes and no"
    )
    next: Key = ""
    goes: Annotated[str, Field(max_length=80)] = Field(
        "", description="tag, subject, priority, kind or field:<key>; empty: into the text alone"
    )


Questions = Annotated[list[QuestionIn], Field(min_length=1, max_length=MOST_STEPS)]


class ScriptIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    scope: ScopeName = "personal"
    team: Id | None = None
    labels: ByLanguage = Field({}, description="By language; where none is, `name`")
    hint: Annotated[str, Field(max_length=300)] = ""
    hints: ByLanguage = {}
    steps: Questions
    result: Result = "note"


class ScriptChange(Strict):
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    labels: ByLanguage | None = None
    hint: Annotated[str, Field(max_length=300)] | None = None
    hints: ByLanguage | None = None
    steps: Questions | None = None
    result: Result | None = None
    version: int | None = Field(None, description="As read: a change in between is a conflict")


class ScriptOut(Schema):
    id: int
    name: str
    scope: ScopeName
    team: int | None
    labels: ByLanguage
    hint: str
    hints: ByLanguage
    steps: list[dict[str, Any]]
    result: Result
    uses: int
    version: int


class ScriptPage(Schema):
    items: list[ScriptOut]
    next: str


class AnswerOut(Schema):
    key: str
    question: str
    value: str


class ScriptRunOut(Schema):
    id: int
    script: int
    answers: list[AnswerOut]
    question: dict[str, Any] | None = Field(None, description="None: every one is answered")
    version: int
    finished_at: datetime | None


class RunIn(Strict):
    script: Id


class AnswerIn(Strict):
    value: Annotated[str, Field(max_length=LONGEST_ANSWER)]
    version: int | None = None


class EndIn(Strict):
    result: Result | None = None
    version: int | None = None


class EndOut(Schema):
    operation: int
    text: str
    result: Result


@router.get("/scripts", response=ScriptPage, summary="Scripts one is offered")
def scripts(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    rows = Script.objects.visible_to(actor_of(request)).active()
    return page_by_id(rows, _show, cursor=query.cursor, limit=query.limit)


@router.post("/scripts", response={201: ScriptOut}, summary="Write a script")
def create(request: HttpRequest, data: ScriptIn) -> Status[dict[str, Any]]:
    given = data.model_dump()
    given["team"] = find_named(Team.objects.all(), data.team, "team")
    return Status(201, _show(create_script(actor_of(request), **given)))


@router.get("/scripts/{int:pk}", response=ScriptOut, summary="One script")
def get(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _show(_get(request, pk))


@router.patch("/scripts/{int:pk}", response=ScriptOut, summary="Change a script")
def change(request: HttpRequest, pk: int, data: ScriptChange) -> dict[str, Any]:
    given = data.model_dump(exclude_none=True, exclude={"version"})
    return _show(change_script(actor_of(request), _get(request, pk), version=data.version, **given))


@router.delete("/scripts/{int:pk}", response={204: None}, summary="Offer it no more")
def remove(request: HttpRequest, pk: int) -> Status[None]:
    remove_script(actor_of(request), _get(request, pk))
    return Status(204, None)


@router.get("/tickets/{int:number}/script-runs", response=list[ScriptRunOut], summary="Open runs")
def runs(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    ticket = get_ticket(request, number)
    if not actor_of(request).is_staff:
        raise Missing(_("There is nothing here"))
    rows = ScriptRun.objects.filter(ticket=ticket, finished_at__isnull=True).order_by("pk")
    return [_show_run(row) for row in rows]


@router.post("/tickets/{int:number}/script-runs", response=ScriptRunOut, summary="Begin a script")
def begin(request: HttpRequest, number: int, data: RunIn) -> dict[str, Any]:
    """One that is open on the ticket goes on."""
    script = _get(request, data.script)
    return _show_run(begin_run(actor_of(request), script, get_ticket(request, number)))


@router.post(
    "/tickets/{int:number}/script-runs/{int:run}/answers", response=ScriptRunOut, summary="Answer"
)
def answer(request: HttpRequest, number: int, run: int, data: AnswerIn) -> dict[str, Any]:
    found = _run(request, number, run)
    return _show_run(answer_run(actor_of(request), found, data.value, version=data.version))


@router.delete(
    "/tickets/{int:number}/script-runs/{int:run}/answers",
    response=ScriptRunOut,
    summary="Take the last answer back",
)
def back(request: HttpRequest, number: int, run: int) -> dict[str, Any]:
    return _show_run(step_back(actor_of(request), _run(request, number, run)))


@router.post(
    "/tickets/{int:number}/script-runs/{int:run}/end",
    response=EndOut,
    summary="Put the answers into the ticket",
)
def end(request: HttpRequest, number: int, run: int, data: EndIn) -> dict[str, Any]:
    finished = finish_run(
        actor_of(request),
        _run(request, number, run),
        result=data.result or "",
        version=data.version,
    )
    return {
        "operation": finished.operation.pk,
        "text": finished.text,
        "result": finished.result,
    }


@router.delete(
    "/tickets/{int:number}/script-runs/{int:run}", response={204: None}, summary="Leave it"
)
def leave(request: HttpRequest, number: int, run: int) -> Status[None]:
    drop_run(actor_of(request), _run(request, number, run))
    return Status(204, None)


def _get(request: HttpRequest, pk: int) -> Script:
    found: Script = get_row(Script.objects.visible_to(actor_of(request)).active(), pk)
    return found


def _run(request: HttpRequest, number: int, pk: int) -> ScriptRun:
    ticket = get_ticket(request, number)
    if not actor_of(request).is_staff:
        raise Missing(_("There is nothing here"))
    found: ScriptRun = get_row(ScriptRun.objects.filter(ticket=ticket), pk)
    return found


def _show(script: Script) -> dict[str, Any]:
    names = ("name", "scope", "hint", "steps", "result", "uses", "version")
    shown = {name: getattr(script, name) for name in names}
    said = {"labels": script.labels or {}, "hints": script.hints or {}}
    return {"id": script.pk, "team": script.team_id, **shown, **said}


def _show_run(run: ScriptRun) -> dict[str, Any]:
    panel = panel_of(run)
    step = panel.way.step
    return {
        "id": run.pk,
        "script": run.script_id,
        "answers": [
            {"key": one["key"], "question": one["question"], "value": value}
            for one, value in panel.way.answered
        ],
        "question": {**step, "options": panel.options} if step is not None else None,
        "version": run.version,
        "finished_at": run.finished_at,
    }
