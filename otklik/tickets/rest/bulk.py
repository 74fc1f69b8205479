"""`/bulk-acts`: one act on many tickets in the background; `/effects`: what can be done to one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django import forms
from django.http import HttpRequest, QueryDict
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import PageQuery, Strict, actor_of
from otklik.core.vocabulary import list_effects
from otklik.tickets.bulk import begin_bulk, begin_undo, cancel_bulk, get_bulk
from otklik.tickets.bulk.choosing import ids_of_list, ids_of_numbers
from otklik.tickets.effects import MOST_STEPS
from otklik.tickets.models import BulkAct, ItemState, Ticket

router = Router(tags=["bulk"])

Number = Annotated[int, Field(gt=0, lt=2**63)]


class StepIn(Strict):
    effect: Annotated[str, Field(max_length=80, description="A name of `GET /effects`")]
    params: dict[str, Any] = {}


class BulkActIn(Strict):
    tickets: list[Number] | None = Field(None, max_length=10_000, description="Numbers")
    query: Annotated[str, Field(max_length=4000)] = Field(
        "", description="Instead of numbers: the query of `GET /tickets`, all of whose tickets"
    )
    steps: Annotated[list[StepIn], Field(min_length=1, max_length=MOST_STEPS)]
    title: Annotated[str, Field(max_length=200)] = ""


class BulkActOut(Schema):
    id: int
    title: str
    state: str = Field(..., description="waiting, running, done, cancelled")
    total: int
    done: int
    changed: int
    failed: int
    operation: int | None
    undoes: int | None
    created_at: datetime
    finished_at: datetime | None


class BulkActPage(Schema):
    items: list[BulkActOut]
    next: str


class BulkItemOut(Schema):
    ticket: int | None
    state: str
    why: str


class BulkItemPage(Schema):
    items: list[BulkItemOut]
    next: str


class ItemQuery(PageQuery):
    state: str = Field("failed", pattern="^(pending|changed|same|failed)$")


class ParamOut(Schema):
    name: str
    label: str
    is_required: bool
    choices: list[Any] | None


class EffectOut(Schema):
    name: str
    label: str
    is_reversible: bool
    params: list[ParamOut]


@router.get("/effects", response=list[EffectOut], summary="What can be done to a ticket")
def effects(request: HttpRequest) -> list[dict[str, Any]]:
    """For bulk acts and macros. For staff."""
    if not actor_of(request).is_staff:
        raise Missing("")
    return [
        {
            "name": effect.name,
            "label": str(effect.label),
            "is_reversible": effect.is_reversible,
            "params": [_param(name, field) for name, field in _fields(effect.form)],
        }
        for effect in list_effects("ticket")
    ]


@router.post("/bulk-acts", response={202: BulkActOut}, summary="Change many tickets")
def begin(request: HttpRequest, data: BulkActIn) -> Status[dict[str, Any]]:
    """It goes on in the background; read it again to see how far it is."""
    actor = actor_of(request)
    if data.tickets is not None:
        ids = ids_of_numbers(actor, data.tickets)
    else:
        ids = ids_of_list(actor, QueryDict(data.query))
    act = begin_bulk(
        actor,
        ids,
        [step.model_dump() for step in data.steps],
        title=data.title,
        client_key=request.client_key,  # type: ignore[attr-defined]
    )
    return Status(202, show_act(act))


@router.get("/bulk-acts", response=BulkActPage, summary="One's own acts on many, newest first")
def acts(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    rows = BulkAct.objects.visible_to(actor_of(request))
    return page_by_id(rows, show_act, cursor=query.cursor, limit=query.limit)


@router.get("/bulk-acts/{int:pk}", response=BulkActOut, summary="How far an act is")
def get(request: HttpRequest, pk: int) -> dict[str, Any]:
    return show_act(get_bulk(actor_of(request), pk))


@router.get("/bulk-acts/{int:pk}/items", response=BulkItemPage, summary="Ticket by ticket, and why")
def items(request: HttpRequest, pk: int, query: Query[ItemQuery]) -> dict[str, Any]:
    act = get_bulk(actor_of(request), pk)
    page = page_by_id(
        act.items.filter(state=ItemState(query.state)),
        lambda row: {"ticket": row.ticket_id, "state": row.state, "why": row.why},
        cursor=query.cursor,
        limit=query.limit,
        is_descending=False,
    )
    rows = Ticket.objects.filter(pk__in=[row["ticket"] for row in page["items"]])
    numbers = dict(rows.values_list("pk", "number"))
    for row in page["items"]:
        row["ticket"] = numbers.get(row["ticket"])
    return page


@router.post("/bulk-acts/{int:pk}/cancellation", response=BulkActOut, summary="Stop it")
def cancel(request: HttpRequest, pk: int) -> dict[str, Any]:
    """What was done stays done, and can be undone."""
    actor = actor_of(request)
    return show_act(cancel_bulk(actor, get_bulk(actor, pk)))


@router.post("/bulk-acts/{int:pk}/undo", response={202: BulkActOut}, summary="Take it back")
def undo(request: HttpRequest, pk: int) -> Status[dict[str, Any]]:
    """An act of its own; its failures are what was changed again since, and stays."""
    actor = actor_of(request)
    return Status(202, show_act(begin_undo(actor, get_bulk(actor, pk))))


def _fields(form: type[forms.Form] | None) -> list[tuple[str, forms.Field]]:
    return list(form().fields.items()) if form is not None else []


def _param(name: str, field: forms.Field) -> dict[str, Any]:
    choices: list[Any] | None = None
    if isinstance(field, forms.ModelChoiceField):
        queryset = field.queryset
        rows = queryset.all()[:500] if queryset is not None else []
        choices = [[row.pk, str(row)] for row in rows]
    elif isinstance(field, forms.ChoiceField):
        choices = [[value, str(label)] for value, label in field.choices]  # type: ignore[misc, union-attr]
    return {
        "name": name,
        "label": str(field.label),
        "is_required": field.required,
        "choices": choices,
    }


def show_act(act: BulkAct) -> dict[str, Any]:
    return {
        "id": act.pk,
        "title": act.title,
        "state": act.state,
        "total": act.total,
        "done": act.done,
        "changed": act.changed,
        "failed": act.failed,
        "operation": act.operation_id,
        "undoes": act.undoes_id,
        "created_at": act.created_at,
        "finished_at": act.finished_at,
    }
