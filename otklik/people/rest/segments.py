"""Segments by REST."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Invalid, Missing
from otklik.core.rest.shapes import MAX_ID, Strict, actor_of, get_row
from otklik.people import policy
from otklik.people.actions import change_segment, create_segment, remove_segment
from otklik.people.models import Person, Segment
from otklik.people.segments import count_members, list_members, segments_of, spell_segment

router = Router(tags=["people"])

Text = Annotated[str, Field(max_length=2000)]


class SegmentOut(Schema):
    id: int
    name: str
    of: str = Field(description="person or organisation")
    query: str = Field(description="As in lists of tickets; empty when a condition is gone")
    is_active: bool
    version: int


class SegmentIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    query: Text = Field(description="Such as: language:ru vip:yes tickets>5")
    of: Literal["person", "organisation"] = "person"


class SegmentChange(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    query: Text | None = None
    is_active: bool | None = None
    version: int | None = None


class MemberOut(Schema):
    id: int
    name: str


class MemberPage(Schema):
    items: list[MemberOut]
    below: int | None = Field(description="Go on with this; null at the end")
    is_cut: bool = Field(description="The page ended because it had looked at enough people")


class SegmentCountOut(Schema):
    count: int
    is_more: bool = Field(description="More than are counted")
    is_cut: bool = Field(description="Counted among the newest ten thousand only")


class MemberQuery(Strict):
    below: int | None = Field(None, ge=1, le=MAX_ID)
    limit: int = Field(50, ge=1, le=100)


@router.get("/segments", response=list[SegmentOut], summary="All segments")
def segments(request: HttpRequest) -> list[dict[str, Any]]:
    _demand(request)
    return [_show(row) for row in Segment.objects.all()]


@router.post("/segments", response={201: SegmentOut}, summary="Name a segment")
def add(request: HttpRequest, data: SegmentIn) -> Status[dict[str, Any]]:
    made = create_segment(actor_of(request), name=data.name, query=data.query, of=data.of)
    return Status(201, _show(made))


@router.patch("/segments/{int:pk}", response=SegmentOut, summary="Change one")
def alter(request: HttpRequest, pk: int, data: SegmentChange) -> dict[str, Any]:
    row = _segment(request, pk)
    changed = change_segment(
        actor_of(request),
        row,
        name=data.name,
        query=data.query,
        is_active=data.is_active,
        version=data.version,
    )
    return _show(changed)


@router.delete("/segments/{int:pk}", response={204: None}, summary="Forget one")
def drop(request: HttpRequest, pk: int) -> Status[None]:
    remove_segment(actor_of(request), _segment(request, pk))
    return Status(204, None)


@router.get("/segments/{int:pk}/members", response=MemberPage, summary="Who is in it")
def members(request: HttpRequest, pk: int, query: Query[MemberQuery]) -> dict[str, Any]:
    """Newest first. Each page looks at ten thousand people at most, and may hold nobody."""
    row = _segment(request, pk)
    found = list_members(actor_of(request), row, below=query.below, size=query.limit)
    return {
        "items": [{"id": each.pk, "name": each.name} for each in found.rows],
        "below": found.next,
        "is_cut": found.is_cut,
    }


@router.get("/segments/{int:pk}/count", response=SegmentCountOut, summary="How many, bounded")
def count(request: HttpRequest, pk: int) -> Any:
    return count_members(actor_of(request), _segment(request, pk))


@router.get("/people/{int:pk}/segments", response=list[SegmentOut], summary="What they are in")
def of_person(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    _demand(request)
    person: Person = get_row(Person.objects.visible_to(actor_of(request)), pk)
    return [_show(row) for row in segments_of(person)]


def _demand(request: HttpRequest) -> None:
    if not policy.can_see_people(actor_of(request)):
        raise Missing("")


def _segment(request: HttpRequest, pk: int) -> Segment:
    _demand(request)
    return get_row(Segment.objects.all(), pk)


def _show(row: Segment) -> dict[str, Any]:
    try:
        query = spell_segment(row)
    except Invalid:
        query = ""
    return {
        "id": row.pk,
        "name": row.name,
        "of": row.of,
        "query": query,
        "is_active": row.is_active,
        "version": row.version,
    }
