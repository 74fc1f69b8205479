"""Categories and tags: what tickets are sorted by."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja import Status as Answer
from pydantic import Field

from otklik.core.rest.audience import for_everybody
from otklik.core.rest.shapes import ByLanguage, Id, Strict, actor_of, demand, find_named, get_row
from otklik.kit.text import sort_key
from otklik.tickets import permissions
from otklik.tickets.actions.sorting import (
    change_category,
    create_category,
)
from otklik.tickets.actions.tag_merging import (
    describe_tag,
    merge_tags,
    remove_tag,
    rename_tag,
)
from otklik.tickets.models import Category, Tag
from otklik.tickets.rest.shapes import Labels
from otklik.tickets.twins import find_near

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
    """Only what is given changes."""

    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    hint: Annotated[str, Field(max_length=300)] | None = Field(None, description="When to use it")
    hints: ByLanguage | None = Field(None, description="By language; where none is, `hint`")


class TagMergeIn(Strict):
    into: Id


class TagOut(Schema):
    id: int
    name: str
    hint: str
    hints: ByLanguage = Field({}, description="By language; where none is, `hint`")

    @staticmethod
    def resolve_hints(tag: Tag) -> dict[str, str]:
        return tag.hints or {}


@router.get("/categories", response=list[CategoryOut], summary="The tree of subjects")
@for_everybody
def categories(request: HttpRequest, inactive: bool = False) -> list[dict[str, Any]]:
    """Those that may be chosen; with ``inactive`` also those that stay on earlier tickets only."""
    rows = Category.objects.all() if inactive else Category.objects.filter(is_active=True)
    return [_show_category(row) for row in rows]


@router.get("/tags", response=list[TagOut], summary="Tags in use")
def tags(request: HttpRequest, q: str = "") -> Any:
    """At most 200, those that begin with ``q``; without any, those that may have been meant by
    it. For staff."""
    if not actor_of(request).is_staff:
        return Tag.objects.none()
    return list(Tag.objects.filter(key__startswith=sort_key(q, 60))[:200]) or find_near(q)


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


@router.patch("/tags/{int:pk}", response=TagOut, summary="Change a tag")
def alter_tag(request: HttpRequest, pk: int, data: TagIn) -> Tag:
    demand(request, permissions.MANAGE)
    tag = get_row(Tag.objects.all(), pk)
    if data.name is not None:
        rename_tag(actor_of(request), tag, data.name)
    if data.hint is None and data.hints is None:
        return tag
    return describe_tag(actor_of(request), tag, data.hint, hints=data.hints)


@router.post("/tags/{int:pk}/merge", response={204: None}, summary="Merge a tag into another")
def merge(request: HttpRequest, pk: int, data: TagMergeIn) -> Answer[None]:
    """Its name becomes another spelling of the other; tickets follow in the background. The
    operation can be undone."""
    demand(request, permissions.MANAGE)
    into = find_named(Tag.objects.all(), data.into, "into")
    assert into is not None  # the body names one
    merge_tags(actor_of(request), get_row(Tag.objects.all(), pk), into)
    return Answer(204, None)


@router.delete("/tags/{int:pk}", response={204: None}, summary="Remove a tag")
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
