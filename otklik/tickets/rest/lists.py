"""Categories and tags: what tickets are sorted by."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja import Status as Answer
from pydantic import Field

from otklik.core.rest.shapes import Id, Strict, actor_of, demand, find_named, get_row
from otklik.kit.text import sort_key
from otklik.tickets import permissions
from otklik.tickets.actions.sorting import (
    change_category,
    create_category,
    remove_tag,
    rename_tag,
)
from otklik.tickets.models import Category, Tag
from otklik.tickets.rest.shapes import Labels

router = Router(tags=["tickets"])


class CategoryOut(Schema):
    id: int
    name: str
    parent: int | None
    labels: dict[str, str]
    is_active: bool


class CategoryIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    parent: Id | None = None
    labels: Labels = {}
    is_active: bool = True


class TagIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=60)]


class TagOut(Schema):
    id: int
    name: str


@router.get("/categories", response=list[CategoryOut], summary="The tree of subjects")
def categories(request: HttpRequest, inactive: bool = False) -> list[dict[str, Any]]:
    """Those that may be chosen; with ``inactive`` also those that stay on earlier tickets only."""
    rows = Category.objects.all() if inactive else Category.objects.filter(is_active=True)
    return [_show_category(row) for row in rows]


@router.get("/tags", response=list[TagOut], summary="Tags in use")
def tags(request: HttpRequest, q: str = "") -> Any:
    """At most 200, those that begin with ``q``. For staff."""
    if not actor_of(request).is_staff:
        return Tag.objects.none()
    return Tag.objects.filter(key__startswith=sort_key(q, 60))[:200]


@router.post("/categories", response={201: CategoryOut}, summary="Add a category")
def add_category(request: HttpRequest, data: CategoryIn) -> Answer[dict[str, Any]]:
    parent = find_named(Category.objects.all(), data.parent, "parent")
    made = create_category(
        actor_of(request),
        name=data.name,
        parent=parent,
        labels=data.labels,
        is_active=data.is_active,
    )
    return Answer(201, _show_category(made))


@router.put("/categories/{int:pk}", response=CategoryOut, summary="Change a category")
def alter_category(request: HttpRequest, pk: int, data: CategoryIn) -> dict[str, Any]:
    demand(request, permissions.MANAGE)
    changed = change_category(
        actor_of(request),
        get_row(Category.objects.all(), pk),
        name=data.name,
        labels=data.labels,
        parent=find_named(Category.objects.all(), data.parent, "parent"),
        is_active=data.is_active,
    )
    return _show_category(changed)


@router.patch("/tags/{int:pk}", response=TagOut, summary="Rename a tag")
def alter_tag(request: HttpRequest, pk: int, data: TagIn) -> Tag:
    demand(request, permissions.MANAGE)
    return rename_tag(actor_of(request), get_row(Tag.objects.all(), pk), data.name)


@router.delete("/tags/{int:pk}", response={204: None}, summary="Forget a tag no ticket wears")
def drop_tag(request: HttpRequest, pk: int) -> Answer[None]:
    demand(request, permissions.MANAGE)
    remove_tag(actor_of(request), get_row(Tag.objects.all(), pk))
    return Answer(204, None)


def _show_category(row: Category) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "parent": row.parent_id,
        "labels": row.labels,
        "is_active": row.is_active,
    }
