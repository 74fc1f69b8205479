"""The audit trail and what retention would touch, by REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from otklik.core.events.audit import Asked, find_events
from otklik.core.events.registry import words_of
from otklik.core.rest.shapes import Id, Strict, actor_of, demand, get_row
from otklik.desk.models import Brand
from otklik.desk.permissions import MANAGE
from otklik.tickets.models import Ticket
from otklik.tickets.purging import preview_retention
from otklik.workspace.settings_screens.audit import VIEW
from otklik.workspace.settings_screens.event_choice import MOST, list_events

router = Router(tags=["audit"])


class AuditQuery(Strict):
    actor: Id | None = Field(None, description="A person's id")
    ticket: Id | None = Field(None, description="A ticket's number")
    person: Id | None = None
    name: str = Field("", max_length=80, description="Such as ticket.replied")
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: int = Field(0, ge=0, lt=2**63, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=100)


class AuditRow(Schema):
    id: int
    name: str
    words: str = Field(description="What that is called, in the language asked for")
    at: datetime
    actor_kind: str
    actor: int | None
    on_behalf_of: int | None
    ticket_id: int | None
    person: int | None
    brand: int | None
    operation: int | None
    origin: str
    data: dict[str, Any]


class AuditPage(Schema):
    items: list[AuditRow]
    next: int = Field(description="0 at the end; a page may be short and still have a next one")


class EventName(Schema):
    name: str
    words: str
    group: str = Field(description="What it stands under where one chooses")


class RetentionOut(Schema):
    files: int
    texts: int
    tickets: int


class RetentionQuery(Strict):
    """Months to try; what is not given is as the brand has it."""

    files_kept_months: int | None = Field(None, ge=1, le=600)
    texts_kept_months: int | None = Field(None, ge=1, le=600)
    tickets_kept_months: int | None = Field(None, ge=1, le=600)


@router.get("/events", response=AuditPage, summary="What happened on the desk, newest first")
def events(request: HttpRequest, query: Query[AuditQuery]) -> dict[str, Any]:
    demand(request, VIEW)
    ticket_id = None
    if query.ticket is not None:
        ticket_id = Ticket.objects.filter(number=query.ticket).values_list("pk", flat=True).first()
        if ticket_id is None:
            return {"items": [], "next": 0}
    found = find_events(
        Asked(
            actor_id=query.actor,
            ticket_id=ticket_id,
            person_id=query.person,
            name=query.name,
            since=query.since,
            until=query.until,
        ),
        before=query.before,
        size=query.limit,
    )
    return {
        "items": [
            {
                "id": row.pk,
                "name": row.name,
                "words": words_of(row.name),
                "at": row.recorded_at,
                "actor_kind": row.actor_kind,
                "actor": row.actor_id,
                "on_behalf_of": row.on_behalf_of,
                "ticket_id": row.ticket_id,
                "person": row.person_id,
                "brand": row.brand_id,
                "operation": row.operation_id,
                "origin": row.origin,
                "data": row.data,
            }
            for row in found.rows
        ],
        "next": found.next,
    }


@router.get("/event-names", response=list[EventName], summary="What events are called")
def event_names(
    request: HttpRequest, q: Annotated[str, Query(max_length=MOST)] = ""
) -> list[dict[str, str]]:
    """Codes to ask `/events` for, with their words in the language of `Accept-Language`. ``q``
    begins words of their names or groups in any language of the desk."""
    demand(request, VIEW)
    return [{"name": one.name, "words": one.words, "group": one.group} for one in list_events(q)]


@router.get(
    "/brands/{int:pk}/retention", response=RetentionOut, summary="What retention would touch today"
)
def retention(request: HttpRequest, pk: int, query: Query[RetentionQuery]) -> dict[str, int]:
    """Counted up to 10,000 each. The months themselves are fields of the brand."""
    demand(request, MANAGE)
    brand = get_row(Brand.objects.visible_to(actor_of(request)), pk)
    months = {
        name: value if value is not None else getattr(brand, name)
        for name, value in query.dict().items()
    }
    found = preview_retention(brand, **months)
    return {"files": found.files, "texts": found.texts, "tickets": found.tickets}
