"""Statuses, categories and tags: what tickets are sorted by."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from otklik.core.rest.shapes import actor_of
from otklik.kit.text import sort_key
from otklik.tickets.models import Category, Status, Tag

router = Router(tags=["tickets"])


class StatusOut(Schema):
    id: int
    code: str
    kind: str
    labels: dict[str, str]


class CategoryOut(Schema):
    id: int
    name: str
    parent: int | None
    labels: dict[str, str]


class TagOut(Schema):
    id: int
    name: str


@router.get("/statuses", response=list[StatusOut], summary="Statuses in use")
def statuses(request: HttpRequest) -> Any:
    return Status.objects.filter(is_active=True)


@router.get("/categories", response=list[CategoryOut], summary="The tree of subjects")
def categories(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"id": row.pk, "name": row.name, "parent": row.parent_id, "labels": row.labels}
        for row in Category.objects.filter(is_active=True)
    ]


@router.get("/tags", response=list[TagOut], summary="Tags in use")
def tags(request: HttpRequest, q: str = "") -> Any:
    """At most 200, those that begin with ``q``. For staff."""
    if not actor_of(request).is_staff:
        return Tag.objects.none()
    return Tag.objects.filter(key__startswith=sort_key(q, 60))[:200]
