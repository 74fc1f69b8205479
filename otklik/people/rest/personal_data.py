"""Personal data by REST: export, erasure, legal hold and who looked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponseBase
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.core import files
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import PageQuery, Strict, actor_of, demand, get_row
from otklik.core.web.downloads import send_file
from otklik.people.actions import erase_person, lift_person_hold, place_person_hold
from otklik.people.actions.exporting import ask_for_export, take_export
from otklik.people.erasing import preview_erasure
from otklik.people.models import Erasure, Look, Person, PersonExport
from otklik.people.permissions import ERASE, EXPORT, LOOKS

router = Router(tags=["personal data"])


class ExportOut(Schema):
    id: int
    state: str = Field(description="waiting, ready, taken, gone or failed")
    size: int
    asked_at: datetime
    ready_at: datetime | None


class ToldOut(Schema):
    what: str
    count: int


class ErasureIn(Strict):
    reason: Literal["asked", "unneeded", "unlawful"]


class ErasureOut(Schema):
    id: int
    person: int
    state: str = Field(description="running, checking or done")
    reason: str
    began_at: datetime
    done_at: datetime | None


class ErasurePage(Schema):
    items: list[ErasureOut]
    next: str


class HoldOut(Schema):
    legal_hold_since: datetime | None


class LookOut(Schema):
    at: datetime
    viewer_kind: str
    viewer: int | None = Field(description="A person's id")
    place: str
    ticket_id: int | None


class LookPage(Schema):
    items: list[LookOut]
    next: str


@router.post(
    "/people/{int:pk}/exports", response={202: ExportOut}, summary="Ask for all that is known"
)
def ask(request: HttpRequest, pk: int) -> Status[dict[str, Any]]:
    """A job puts it together; only whoever asked downloads it, once, within a day."""
    return Status(202, _show_export(ask_for_export(actor_of(request), _person(request, pk))))


@router.get("/people/{int:pk}/exports/{int:export_id}", response=ExportOut, summary="Is it ready")
def export(request: HttpRequest, pk: int, export_id: int) -> dict[str, Any]:
    return _show_export(_export(request, pk, export_id))


@router.post(
    "/people/{int:pk}/exports/{int:export_id}/download",
    response={200: str},
    summary="Download it, once",
)
def download(request: HttpRequest, pk: int, export_id: int) -> HttpResponseBase:
    """A ZIP: `index.html`, tables as JSON, files and raw originals."""
    blob = take_export(actor_of(request), _export(request, pk, export_id))
    answer = send_file(
        files.open_blob(blob), name=f"person-{pk}.zip", content_type="application/zip"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.get("/people/{int:pk}/erasure", response=list[ToldOut], summary="What an erasure would do")
def preview(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    demand(request, ERASE)
    found = preview_erasure(_person(request, pk))
    return [{"what": str(told.words), "count": told.count} for told in found]


@router.post("/people/{int:pk}/erasure", response={202: ErasureOut}, summary="Erase a person")
def erase(request: HttpRequest, pk: int, data: ErasureIn) -> Status[dict[str, Any]]:
    """Nothing brings them back. Name and addresses are gone at once, the rest by a job."""
    begun = erase_person(actor_of(request), _person(request, pk), reason=data.reason)
    return Status(202, _show_erasure(begun))


@router.get("/erasures", response=ErasurePage, summary="Who was erased, by ids")
def erasures(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    demand(request, ERASE)
    return page_by_id(Erasure.objects.all(), _show_erasure, cursor=query.cursor, limit=query.limit)


@router.put("/people/{int:pk}/legal-hold", response=HoldOut, summary="Keep for a court")
def hold(request: HttpRequest, pk: int) -> Person:
    return place_person_hold(actor_of(request), _person(request, pk))


@router.delete("/people/{int:pk}/legal-hold", response=HoldOut, summary="Keep no longer")
def lift(request: HttpRequest, pk: int) -> Person:
    return lift_person_hold(actor_of(request), _person(request, pk))


@router.get("/people/{int:pk}/looks", response=LookPage, summary="Who looked at a person")
def looks(request: HttpRequest, pk: int, query: Query[PageQuery]) -> dict[str, Any]:
    demand(request, LOOKS)
    rows = Look.objects.filter(person_id=_person(request, pk).pk)
    return page_by_id(rows, _show_look, cursor=query.cursor, limit=query.limit)


def _person(request: HttpRequest, pk: int) -> Person:
    found: Person = get_row(Person.objects.visible_to(actor_of(request)), pk)
    return found


def _export(request: HttpRequest, pk: int, export_id: int) -> PersonExport:
    """One's own. Raises Missing."""
    demand(request, EXPORT)
    rows = PersonExport.objects.filter(person_id=pk, asked_by=actor_of(request).person_id or 0)
    return get_row(rows, export_id)


def _show_export(row: PersonExport) -> dict[str, Any]:
    return {
        "id": row.pk,
        "state": row.state,
        "size": row.size,
        "asked_at": row.asked_at,
        "ready_at": row.ready_at,
    }


def _show_erasure(row: Erasure) -> dict[str, Any]:
    return {
        "id": row.pk,
        "person": row.person_id,
        "state": row.state,
        "reason": row.reason,
        "began_at": row.began_at,
        "done_at": row.done_at,
    }


def _show_look(row: Look) -> dict[str, Any]:
    return {
        "at": row.at,
        "viewer_kind": row.viewer_kind,
        "viewer": row.viewer_id,
        "place": row.place,
        "ticket_id": row.ticket_id,
    }
