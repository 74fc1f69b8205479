"""Operations with undo, dead letters of jobs, settings and the health page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.hooks import health
from otklik.core.jobs.actions import drop_dead, retry_dead
from otklik.core.jobs.models import Job
from otklik.core.jobs.queries import list_dead
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.models import Operation
from otklik.core.operations.queries import list_operations
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import PageQuery, Strict, actor_of, demand, get_row
from otklik.core.settings import stored
from otklik.workspace.queries.undone_words import undone_words

router = Router(tags=["operating"])


class OperationOut(Schema):
    id: int
    name: str
    actor_kind: str
    actor: int | None
    created_at: datetime
    undone_at: datetime | None
    words: str = Field(description="What taking it back did; empty while it stands")


class OperationPage(Schema):
    items: list[OperationOut]
    next: str


class JobOut(Schema):
    id: int
    name: str
    attempts: int
    error: str
    created_at: datetime
    dead_at: datetime | None


class JobPage(Schema):
    items: list[JobOut]
    next: str


class SettingOut(Schema):
    key: str
    label: str
    value: Any = None
    is_secret: bool


class SettingIn(Strict):
    value: Any = None


class HealthOut(Schema):
    name: str
    state: str
    title: str
    detail: str
    advice: str


@router.get("/operations", response=OperationPage, summary="What was done, newest first")
def operations(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    """One's own; everybody's with ``operations.undo``."""
    rows = list_operations(actor_of(request))
    return page_by_id(rows, _show_operation, cursor=query.cursor, limit=query.limit)


@router.post("/operations/{int:pk}/undo", response=OperationOut, summary="Take it back")
def undo(request: HttpRequest, pk: int) -> dict[str, Any]:
    actor = actor_of(request)
    return _show_operation(undo_operation(actor, get_row(list_operations(actor), pk)))


@router.get("/dead-letters", response=JobPage, summary="Jobs that gave up")
def dead_letters(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    demand(request, "desk.dead_letters")
    return page_by_id(list_dead(), _show_job, cursor=query.cursor, limit=query.limit)


@router.post("/dead-letters/{int:pk}/retry", response={204: None}, summary="Try it again")
def retry(request: HttpRequest, pk: int) -> Status[None]:
    retry_dead(actor_of(request), _job(request, pk))
    return Status(204, None)


@router.delete("/dead-letters/{int:pk}", response={204: None}, summary="Drop it")
def drop(request: HttpRequest, pk: int) -> Status[None]:
    drop_dead(actor_of(request), _job(request, pk))
    return Status(204, None)


@router.get("/settings", response=list[SettingOut], summary="Settings of the company")
def settings(request: HttpRequest) -> list[dict[str, Any]]:
    demand(request, "settings.change")
    return [_show_setting(declared) for declared in stored.list_declared()]


@router.put("/settings/{key}", response=SettingOut, summary="Change a setting")
def put_setting(request: HttpRequest, key: str, data: SettingIn) -> dict[str, Any]:
    declared = next((each for each in stored.list_declared() if each.key == key), None)
    if declared is None:
        raise Missing(_("There is no such setting."))
    stored.put(actor_of(request), key, data.value)
    return _show_setting(declared)


@router.get("/health", response=list[HealthOut], summary="How the desk fares, in plain words")
def look(request: HttpRequest) -> list[dict[str, Any]]:
    demand(request, "settings.change")
    return [
        {
            "name": item.name,
            "state": item.state.value,
            "title": str(item.title),
            "detail": str(item.detail),
            "advice": str(item.advice),
        }
        for item in health.collect()
    ]


def _job(request: HttpRequest, pk: int) -> Job:
    demand(request, "desk.dead_letters")
    return get_row(list_dead(), pk)


def _show_operation(row: Operation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "actor_kind": row.actor_kind,
        "actor": row.actor_id,
        "created_at": row.created_at,
        "undone_at": row.undone_at,
        "words": undone_words(row) if row.undone_at is not None else "",
    }


def _show_job(row: Job) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "attempts": row.attempts,
        "error": row.last_error,
        "created_at": row.created_at,
        "dead_at": row.dead_at,
    }


def _show_setting(declared: stored.Declared) -> dict[str, Any]:
    return {
        "key": declared.key,
        "label": str(declared.label),
        "value": None if declared.is_secret else stored.get(declared.key),
        "is_secret": declared.is_secret,
    }
