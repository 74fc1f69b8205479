"""Checklists, their items and their templates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Invalid, Missing
from otklik.core.rest.shapes import ByLanguage, Id, Strict, actor_of, demand, find_named, get_row
from otklik.people.models import Person, Team
from otklik.tickets.actions.checklist_templates import archive_template, save_template
from otklik.tickets.actions.checklists import (
    add_checklist,
    add_item,
    change_checklist,
    change_item,
    remove_checklist,
    remove_item,
    tick_item,
)
from otklik.tickets.checklists import list_checklists, list_own_items, list_templates
from otklik.tickets.models import Checklist, ChecklistItem, ChecklistTemplate, Ticket
from otklik.tickets.permissions import MANAGE
from otklik.tickets.rest.found import get_ticket
from otklik.tickets.rest.shapes import Ref

router = Router(tags=["checklists"])

Name = Annotated[str, Field(max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=300)]


class ItemOut(Schema):
    id: int
    text: str
    labels: ByLanguage = Field(description="By language; where none is, `text`")
    hint: str
    hints: ByLanguage
    owner: Ref | None
    team: Ref | None
    due_at: datetime | None
    done_at: datetime | None
    done_by: Ref | None


class OwnItemOut(ItemOut):
    ticket: int = Field(description="Its number")
    checklist: str


class ChecklistOut(Schema):
    id: int
    name: str
    labels: ByLanguage = Field(description="By language; where none is, `name`")
    is_required: bool
    template: int | None
    items: list[ItemOut]


class ChecklistIn(Strict):
    """From a template, or an own one."""

    template: Id | None = None
    name: Name = ""
    items: list[Text] = Field([], max_length=100)
    is_required: bool = False


class ChecklistChange(Strict):
    name: Name | None = Field(None, description="Without `labels`: its name in every language")
    labels: ByLanguage | None = None
    is_required: bool | None = None


class ItemIn(Strict):
    text: Text
    labels: ByLanguage = {}
    hint: Annotated[str, Field(max_length=300)] = ""
    hints: ByLanguage = {}
    owner: Id | None = Field(None, description="A person's id")
    team: Id | None = None
    due_at: datetime | None = None


class ItemChange(Strict):
    """Only what is given changes; null takes owner, team and date away. Another text or hint
    without words by language is the same in each."""

    text: Text | None = None
    labels: ByLanguage | None = None
    hint: Annotated[str, Field(max_length=300)] | None = None
    hints: ByLanguage | None = None
    owner: Id | None = None
    team: Id | None = None
    due_at: datetime | None = None
    position: Annotated[int, Field(ge=1, le=1000)] | None = None
    is_done: bool | None = None


class TemplateItem(Strict):
    text: Text
    labels: ByLanguage = {}
    hint: Annotated[str, Field(max_length=300)] = ""
    hints: ByLanguage = {}
    owner: Annotated[str, Field(max_length=40)] = Field(
        "", description="assignee, team:7, person:7 or nothing"
    )
    due_minutes: int | None = Field(None, description="From when it is added")


class TemplateIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    labels: ByLanguage = Field({}, description="By language; where none is, `name`")
    hint: Annotated[str, Field(max_length=300)] = ""
    hints: ByLanguage = {}
    items: list[TemplateItem] = Field(..., min_length=1, max_length=100)
    is_required: bool = False
    is_automatic: bool = False
    kinds: list[str] = Field([], max_length=20)
    categories: list[int] = Field([], max_length=100)
    teams: list[int] = Field([], max_length=100)
    version: int | None = None


class TemplateOut(Schema):
    id: int
    name: str
    labels: ByLanguage = {}
    hint: str
    hints: ByLanguage = {}
    items: list[dict[str, Any]]
    is_required: bool
    is_automatic: bool
    kinds: list[str]
    categories: list[int]
    teams: list[int]
    version: int

    @staticmethod
    def resolve_labels(row: ChecklistTemplate) -> dict[str, str]:
        return row.labels or {}

    @staticmethod
    def resolve_hints(row: ChecklistTemplate) -> dict[str, str]:
        return row.hints or {}


@router.get("/tickets/{int:number}/checklists", response=list[ChecklistOut], summary="Checklists")
def checklists(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    """For staff."""
    ticket = get_ticket(request, number)
    return _show(ticket) if actor_of(request).is_staff else []


@router.post(
    "/tickets/{int:number}/checklists",
    response={201: list[ChecklistOut]},
    summary="Add a checklist",
)
def add(request: HttpRequest, number: int, data: ChecklistIn) -> Status[list[dict[str, Any]]]:
    ticket = get_ticket(request, number)
    template = find_named(
        ChecklistTemplate.objects.filter(archived_at=None), data.template, "template"
    )
    if template is None and not data.items:
        raise Invalid(
            _("Write at least one item."), fields={"items": _("Write at least one item.")}
        )
    add_checklist(
        actor_of(request),
        ticket,
        template,
        name=data.name,
        items=data.items,
        is_required=data.is_required,
    )
    return Status(201, _show(ticket))


@router.patch("/checklists/{int:pk}", response={204: None}, summary="Change a checklist")
def alter(request: HttpRequest, pk: int, data: ChecklistChange) -> Status[None]:
    change_checklist(
        actor_of(request),
        _list(request, pk),
        name=data.name,
        labels=data.labels,
        is_required=data.is_required,
    )
    return Status(204, None)


@router.delete("/checklists/{int:pk}", response={204: None}, summary="Take a checklist away")
def remove(request: HttpRequest, pk: int) -> Status[None]:
    remove_checklist(actor_of(request), _list(request, pk))
    return Status(204, None)


@router.post("/checklists/{int:pk}/items", response={201: ItemOut}, summary="Add an item")
def new_item(request: HttpRequest, pk: int, data: ItemIn) -> Status[dict[str, Any]]:
    made = add_item(
        actor_of(request),
        _list(request, pk),
        data.text,
        labels=data.labels,
        hint=data.hint,
        hints=data.hints,
        owner=_person(request, data.owner),
        team=find_named(Team.objects.all(), data.team, "team"),
        due_at=data.due_at,
    )
    return Status(201, _show_item(made))


@router.get("/checklist-items", response=list[OwnItemOut], summary="Open items of one's own")
def own(request: HttpRequest) -> list[dict[str, Any]]:
    """And those of one's teams that nobody took; at most 200, the soonest first."""
    rows = list_own_items(actor_of(request)).select_related("owner", "done_by", "checklist__ticket")
    return [
        _show_item(row) | {"ticket": row.checklist.ticket.number, "checklist": row.checklist.name}
        for row in rows[:200]
    ]


@router.patch("/checklist-items/{int:pk}", response=ItemOut, summary="Change or tick an item")
def alter_item(request: HttpRequest, pk: int, data: ItemChange) -> dict[str, Any]:
    actor, found = actor_of(request), _item(request, pk)
    given = data.model_fields_set - {"is_done"}
    values: dict[str, Any] = {
        name: getattr(data, name)
        for name in ("text", "labels", "hint", "hints", "due_at", "position")
        if name in given and (name == "due_at" or getattr(data, name) is not None)
    }
    if "owner" in given:
        values["owner"] = _person(request, data.owner)
    if "team" in given:
        values["team"] = find_named(Team.objects.all(), data.team, "team")
    if values:
        found = change_item(actor, found, **values)
    if data.is_done is not None:
        found = tick_item(actor, found, is_done=data.is_done)
    return _show_item(found)


@router.delete("/checklist-items/{int:pk}", response={204: None}, summary="Take an item out")
def drop_item(request: HttpRequest, pk: int) -> Status[None]:
    remove_item(actor_of(request), _item(request, pk))
    return Status(204, None)


@router.get("/checklist-templates", response=list[TemplateOut], summary="Templates of checklists")
def templates(request: HttpRequest) -> Any:
    if not actor_of(request).is_staff:
        raise Missing("")
    return list_templates()


@router.post("/checklist-templates", response={201: TemplateOut}, summary="Add a template")
def add_template(request: HttpRequest, data: TemplateIn) -> Status[Any]:
    return Status(201, save_template(actor_of(request), None, **data.dict()))


@router.put("/checklist-templates/{int:pk}", response=TemplateOut, summary="Change a template")
def alter_template(request: HttpRequest, pk: int, data: TemplateIn) -> Any:
    demand(request, MANAGE)
    found = get_row(ChecklistTemplate.objects.filter(archived_at=None), pk)
    return save_template(actor_of(request), found, **data.dict())


@router.delete("/checklist-templates/{int:pk}", response={204: None}, summary="Archive a template")
def drop_template(request: HttpRequest, pk: int) -> Status[None]:
    demand(request, MANAGE)
    archive_template(actor_of(request), get_row(ChecklistTemplate.objects.all(), pk))
    return Status(204, None)


def _list(request: HttpRequest, pk: int) -> Checklist:
    actor = actor_of(request)
    if not actor.is_staff:
        raise Missing("")
    return get_row(Checklist.objects.filter(ticket__in=Ticket.objects.visible_to(actor)), pk)


def _item(request: HttpRequest, pk: int) -> ChecklistItem:
    rows = ChecklistItem.objects.visible_to(actor_of(request))
    return get_row(rows.select_related("checklist"), pk)


def _person(request: HttpRequest, pk: int | None) -> Person | None:
    found: Person | None = find_named(Person.objects.visible_to(actor_of(request)), pk, "owner")
    return found


def _show(ticket: Ticket) -> list[dict[str, Any]]:
    return [
        {
            "id": each.checklist.pk,
            "name": each.checklist.name,
            "labels": each.checklist.labels or {},
            "is_required": each.checklist.is_required,
            "template": each.checklist.template_id,
            "items": [_show_item(item) for item in each.items],
        }
        for each in list_checklists(ticket.pk)
    ]


def _show_item(item: ChecklistItem) -> dict[str, Any]:
    def ref(thing: Any) -> dict[str, Any] | None:
        return {"id": thing.pk, "name": str(thing.name)} if thing is not None else None

    return {
        "id": item.pk,
        "text": item.text,
        "labels": item.labels or {},
        "hint": item.hint,
        "hints": item.hints or {},
        "owner": ref(item.owner),
        "team": ref(item.team),
        "due_at": item.due_at,
        "done_at": item.done_at,
        "done_by": ref(item.done_by),
    }
