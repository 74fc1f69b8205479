"""Merging two people by REST: suggestions, merging, taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.operations.actions import undo_operation
from otklik.core.rest.shapes import Id, Strict, actor_of, find_named, get_row
from otklik.people.actions import merge_people, recall_twins, share_requests, tell_apart
from otklik.people.models import Person, PersonMerge
from otklik.people.twins import find_twins

router = Router(tags=["people"])

_MOST = 100


class TwinOut(Schema):
    person: int
    name: str
    address: str = Field(description="One of theirs; empty when none is known")
    reason: str = Field(description="address, phone or name")


class PersonMergeIn(Strict):
    person: Id = Field(description="Who becomes part of the one in the address")
    is_agent_meant: bool = Field(
        False, description="Needed where the one who stays is an agent: a customer becomes theirs"
    )


class MergeOut(Schema):
    id: int
    kept: int
    gone: int
    operation: int = Field(description="What /operations/{id}/undo takes back, too")
    state: str = Field(description="merging, merged, parting or parted")
    moved: int
    total: int
    left: int = Field(description="Rows changed by somebody since, which stayed as they were")
    began_at: datetime
    ended_at: datetime | None


@router.get("/people/{int:pk}/twins", response=list[TwinOut], summary="Who may be the same person")
def twins(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    """At most five, found by nearly the same address, the same number or the same name."""
    actor = actor_of(request)
    return [
        {
            "person": twin.person.pk,
            "name": twin.person.name,
            "address": twin.address,
            "reason": twin.reason.value,
        }
        for twin in find_twins(actor, _person(request, pk))
    ]


@router.put(
    "/people/{int:pk}/twins/{int:other}/dismissal",
    response={204: None},
    summary="Say that they are two",
)
def dismiss(request: HttpRequest, pk: int, other: int) -> Status[None]:
    """Neither is suggested beside the other any more."""
    tell_apart(actor_of(request), _staff_person(request, pk), _staff_person(request, other))
    return Status(204, None)


@router.delete(
    "/people/{int:pk}/twins/{int:other}/dismissal",
    response={204: None},
    summary="They may be one after all",
)
def recall(request: HttpRequest, pk: int, other: int) -> Status[None]:
    recall_twins(actor_of(request), _staff_person(request, pk), _staff_person(request, other))
    return Status(204, None)


@router.get("/people/{int:pk}/merges", response=list[MergeOut], summary="Who was merged into them")
def merges(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    rows = PersonMerge.objects.filter(kept=_staff_person(request, pk)).order_by("-pk")
    return [_show(row) for row in rows[:_MOST]]


@router.post("/people/{int:pk}/merges", response={201: MergeOut}, summary="Merge two people")
def merge(request: HttpRequest, pk: int, data: PersonMergeIn) -> Status[dict[str, Any]]:
    """What belongs to ``person`` becomes that of the one in the address; many rows move after the
    answer. In the portal nobody sees more by it."""
    seen = Person.objects.visible_to(actor_of(request))
    gone: Person | None = find_named(seen, data.person, "person")
    assert gone is not None
    made = merge_people(
        actor_of(request), _person(request, pk), gone, is_agent_meant=data.is_agent_meant
    )
    return Status(201, _show(made))


@router.get("/people/{int:pk}/merges/{int:merge_id}", response=MergeOut, summary="How far it is")
def one(request: HttpRequest, pk: int, merge_id: int) -> dict[str, Any]:
    return _show(_merge(request, pk, merge_id))


@router.delete("/people/{int:pk}/merges/{int:merge_id}", response=MergeOut, summary="Take it back")
def take_back(request: HttpRequest, pk: int, merge_id: int) -> dict[str, Any]:
    """Also after new messages: what came by a moved address goes back with it."""
    row = _merge(request, pk, merge_id)
    undo_operation(actor_of(request), row.operation)
    row.refresh_from_db()
    return _show(row)


@router.put(
    "/people/{int:pk}/merges/{int:merge_id}/shared-requests",
    response=MergeOut,
    summary="Vouch that they are one",
)
def share(request: HttpRequest, pk: int, merge_id: int) -> dict[str, Any]:
    """Whoever signs in by an address of the one sees the requests of the other, too."""
    return _show(share_requests(actor_of(request), _merge(request, pk, merge_id)))


def _person(request: HttpRequest, pk: int) -> Person:
    found: Person = get_row(Person.objects.visible_to(actor_of(request)), pk)
    return found


def _staff_person(request: HttpRequest, pk: int) -> Person:
    """Whom a customer does not see here, themselves neither."""
    rows = Person.objects.visible_to(actor_of(request))
    found: Person = get_row(rows if actor_of(request).is_staff else rows.none(), pk)
    return found


def _merge(request: HttpRequest, pk: int, merge_id: int) -> PersonMerge:
    rows = PersonMerge.objects.filter(kept=_staff_person(request, pk)).select_related(
        "kept", "gone", "operation"
    )
    found: PersonMerge = get_row(rows, merge_id)
    return found


def _show(row: PersonMerge) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kept": row.kept_id,
        "gone": row.gone_id,
        "operation": row.operation_id,
        "state": row.state,
        "moved": row.moved,
        "total": row.total,
        "left": row.left,
        "began_at": row.began_at,
        "ended_at": row.ended_at,
    }
