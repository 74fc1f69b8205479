"""Definitions of custom fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field as Shape

from otklik.core.access import Missing
from otklik.core.fields.actions import (
    archive_field,
    change_field,
    create_field,
    order_fields,
    restore_field,
)
from otklik.core.fields.models import Field
from otklik.core.fields.permissions import MANAGE
from otklik.core.rest.shapes import ByLanguage, Strict, actor_of, demand, get_row, given

router = Router(tags=["fields"])

Thing = Literal["ticket", "person", "organisation"]
Name = Annotated[str, Shape(min_length=1, max_length=100)]
Labels = Annotated[
    dict[Annotated[str, Shape(max_length=10)], Annotated[str, Shape(max_length=100)]],
    Shape(max_length=20),
]
Hint = Annotated[str, Shape(max_length=300)]
Ids = Annotated[list[int], Shape(max_length=200)]


class FieldOptionIn(Strict):
    code: Annotated[str, Shape(max_length=60)] = ""
    name: Name
    labels: Labels = {}
    is_active: bool = True


class FieldChange(Strict):
    """Only what is given changes. Key and kind never do."""

    name: Name | None = None
    labels: Labels | None = None
    hint: Hint | None = None
    hints: ByLanguage | None = Shape(None, description="By language; where none is, `hint`")
    options: Annotated[list[FieldOptionIn], Shape(max_length=200)] | None = None
    decimals: Annotated[int, Shape(ge=0, le=3)] | None = None
    default: Any = None
    required: Literal["never", "opening", "solving"] | None = None
    visible_when: dict[str, Any] | None = Shape(None, description='{"all": […], "any": […]}')
    required_when: dict[str, Any] | None = None
    see_teams: Ids | None = Shape(None, description="Team ids; empty is everybody")
    edit_teams: Ids | None = None
    customer_access: Literal["hidden", "shown", "asked", "changed"] | None = Shape(
        None,
        description="Customers do not see it, see it, fill it in when they ask, or later too; "
        "of tickets only, and nobody's people or organisations are filled in by them",
    )
    is_filterable: bool | None = None
    version: int | None = None


class FieldIn(FieldChange):
    thing: Thing
    key: Annotated[str, Shape(max_length=40)]
    kind: Literal["text", "number", "choice", "multi", "date", "person", "organisation"]
    name: Name


class FieldOrderIn(Strict):
    thing: Thing
    ids: Ids


class FieldOut(Schema):
    id: int
    thing: str
    key: str
    kind: str
    name: str
    labels: dict[str, str]
    hint: str
    hints: dict[str, str]
    options: list[dict[str, Any]]
    decimals: int
    default: Any = None
    required: str
    visible_when: dict[str, Any] | None
    required_when: dict[str, Any] | None
    see_teams: list[int]
    edit_teams: list[int]
    customer_access: str
    is_filterable: bool
    is_archived: bool
    version: int


@router.get("/fields", response=list[FieldOut], summary="Custom fields")
def fields(
    request: HttpRequest, thing: Thing | None = None, archived: bool = False
) -> list[dict[str, Any]]:
    """In their order. For staff; those of other teams for who manages them."""
    actor = actor_of(request)
    if not actor.is_staff:
        raise Missing("")
    rows = Field.objects.all() if archived else Field.objects.filter(archived_at=None)
    rows = rows.filter(thing=thing) if thing else rows
    return [
        show_field(row)
        for row in rows
        if actor.can(MANAGE) or not row.see_teams or set(row.see_teams) & actor.team_ids
    ]


@router.post("/fields", response={201: FieldOut}, summary="Add a custom field")
def add(request: HttpRequest, data: FieldIn) -> Status[dict[str, Any]]:
    details = given(data, "thing", "key", "kind", "version")
    made = create_field(
        actor_of(request), thing=data.thing, key=data.key, kind=data.kind, **details
    )
    return Status(201, show_field(made))


@router.patch("/fields/{int:pk}", response=FieldOut, summary="Change a custom field")
def alter(request: HttpRequest, pk: int, data: FieldChange) -> dict[str, Any]:
    demand(request, MANAGE)
    found = get_row(Field.objects.all(), pk)
    changed = change_field(actor_of(request), found, version=data.version, **given(data, "version"))
    return show_field(changed)


@router.delete("/fields/{int:pk}", response={204: None}, summary="Archive a custom field")
def archive(request: HttpRequest, pk: int) -> Status[None]:
    """It leaves every screen; its values stay."""
    demand(request, MANAGE)
    archive_field(actor_of(request), get_row(Field.objects.all(), pk))
    return Status(204, None)


@router.post("/fields/{int:pk}/restoration", response=FieldOut, summary="Restore a custom field")
def restore(request: HttpRequest, pk: int) -> dict[str, Any]:
    demand(request, MANAGE)
    return show_field(restore_field(actor_of(request), get_row(Field.objects.all(), pk)))


@router.put("/fields/order", response={204: None}, summary="Put custom fields in order")
def order(request: HttpRequest, data: FieldOrderIn) -> Status[None]:
    order_fields(actor_of(request), data.thing, data.ids)
    return Status(204, None)


def show_field(row: Field) -> dict[str, Any]:
    names = [name for name in FieldOut.model_fields if name != "is_archived"]
    shown = {name: getattr(row, name) for name in names}
    return shown | {"hints": row.hints or {}, "is_archived": row.archived_at is not None}
