"""Statuses: what each is called and means, and which may follow which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja import Status as Answer
from pydantic import Field

from otklik.core.db import write
from otklik.core.rest.audience import for_everybody
from otklik.core.rest.shapes import ByLanguage, Strict, actor_of, demand, get_row
from otklik.tickets import permissions
from otklik.tickets.actions.statuses import create_status, describe_status, set_steps
from otklik.tickets.models import Status, StatusStep
from otklik.tickets.rest.shapes import Labels, StatusName

router = Router(tags=["tickets"])


class StatusOut(Schema):
    id: int
    code: str
    kind: str
    labels: dict[str, str]
    hint: str = Field(description="When to use it")
    hints: ByLanguage = Field(description="By language; where none is, `hint`")
    is_active: bool = Field(description="Offered for tickets")
    next: list[int] | None = Field(description="Ids that may follow; null: any")


class StatusChange(Strict):
    labels: Labels | None = None
    hint: Annotated[str, Field(max_length=200)] | None = None
    hints: ByLanguage | None = Field(None, description="By language; where none is, `hint`")
    is_active: bool | None = None
    next: Annotated[list[int], Field(max_length=100)] | None = Field(
        None, description="Ids that may follow; null: any may"
    )


class StatusIn(Strict):
    kind: StatusName
    labels: Labels
    hint: Annotated[str, Field(max_length=200)] = ""
    hints: ByLanguage = {}


@router.get("/statuses", response=list[StatusOut], summary="Statuses in their order")
@for_everybody
def statuses(request: HttpRequest, inactive: bool = False) -> list[dict[str, Any]]:
    """Those in use; with ``inactive`` also those that are offered no more."""
    rows = Status.objects.all() if inactive else Status.objects.filter(is_active=True)
    return _show_statuses(rows)


@router.post("/statuses", response={201: StatusOut}, summary="A status of one's own")
def add_status(request: HttpRequest, data: StatusIn) -> Answer[dict[str, Any]]:
    made = create_status(
        actor_of(request), kind=data.kind, labels=data.labels, hint=data.hint, hints=data.hints
    )
    return Answer(201, _show_statuses([made])[0])


@router.patch("/statuses/{int:pk}", response=StatusOut, summary="Change a status")
def alter_status(request: HttpRequest, pk: int, data: StatusChange) -> dict[str, Any]:
    """What it is called, when to use it, whether it is offered, and what may follow it."""
    actor = actor_of(request)
    demand(request, permissions.MANAGE)
    with write():
        row = describe_status(
            actor,
            get_row(Status.objects.all(), pk),
            labels=data.labels,
            hint=data.hint,
            hints=data.hints,
            is_active=data.is_active,
        )
        if "next" in data.model_fields_set:
            set_steps(actor, row, _next_of(data.next))
    return _show_statuses([row])[0]


def _next_of(ids: list[int] | None) -> list[Status] | None:
    if ids is None:
        return None
    return [get_row(Status.objects.all(), pk) for pk in dict.fromkeys(ids)]


def _show_statuses(rows: Iterable[Status]) -> list[dict[str, Any]]:
    steps: dict[int, list[int]] = {}
    for old, new in StatusStep.objects.order_by("pk").values_list("status_id", "next_id"):
        steps.setdefault(old, []).append(new)
    return [
        {
            "id": row.pk,
            "code": row.code,
            "kind": row.kind,
            "labels": row.labels,
            "hint": row.hint,
            "hints": row.hints or {},
            "is_active": row.is_active,
            "next": steps.get(row.pk),
        }
        for row in rows
    ]
