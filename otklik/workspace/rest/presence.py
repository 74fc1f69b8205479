"""`/tickets/{number}/presence`: who else is in a ticket, and that one is there oneself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Forbidden, Missing
from otklik.core.realtime.presence import here
from otklik.core.rest.shapes import Strict, actor_of
from otklik.kit.html import sanitise_rich_text
from otklik.tickets.models import Ticket
from otklik.tickets.queries.single import find_ticket
from otklik.workspace.queries.presence import (
    find_text_of,
    get_collision,
    list_companions,
    place_of,
)

router = Router(tags=["tickets"])

LEASE = 60.0

Doing = Literal["reading", "reply", "note"]


class CompanionOut(Schema):
    person: int
    name: str
    doing: Doing = Field(description="reading; reply, note: is writing one")
    since: datetime


class ElsewhereOut(Schema):
    ticket: int = Field(description="Its number")
    subject: str
    name: str = Field(description="The colleague's")
    is_writing: bool = Field(description="Just now; else they answered within the last hour")
    at: datetime


class CollisionOut(Schema):
    elsewhere: list[ElsewhereOut] = Field(
        description="Other open tickets of the same customer in which a colleague talks with them"
    )


class TypedTextOut(Schema):
    html: str = Field(description="As last kept; empty: nothing yet")
    kept_at: datetime | None


class PresenceIn(Strict):
    doing: Doing = "reading"


@router.get(
    "/tickets/{int:number}/presence",
    response=list[CompanionOut],
    summary="Who else is in a ticket",
)
def look(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    """Pages that show the ticket, and programs that said so; nobody is kept on record."""
    actor = actor_of(request)
    return [
        {"person": one.person_id, "name": one.name, "doing": one.doing, "since": one.since}
        for one in list_companions(actor, _ticket(request, number).pk)
    ]


@router.put("/tickets/{int:number}/presence", response={204: None}, summary="One is here")
def arrive(request: HttpRequest, number: int, data: PresenceIn) -> Status[None]:
    """Shown to colleagues for a minute; say it again while it lasts."""
    ticket, person_id = _ticket(request, number), _person_id(request)
    here.arrive(f"program {person_id}", place_of(ticket.pk), person_id, data.doing, lasts=LEASE)
    return Status(204, None)


@router.delete("/tickets/{int:number}/presence", response={204: None}, summary="One has left")
def leave(request: HttpRequest, number: int) -> Status[None]:
    here.leave(f"program {_person_id(request)}", place_of(_ticket(request, number).pk))
    return Status(204, None)


@router.get(
    "/tickets/{int:number}/presence/{int:person}/text",
    response=TypedTextOut,
    summary="What a colleague is writing there",
)
def text(request: HttpRequest, number: int, person: int) -> dict[str, Any]:
    """Only while they write it; what somebody put aside is theirs alone."""
    draft = find_text_of(_ticket(request, number).pk, person)
    if draft is None:
        return {"html": "", "kept_at": None}
    return {"html": sanitise_rich_text(draft.html), "kept_at": draft.updated_at}


@router.get(
    "/tickets/{int:number}/collision",
    response=CollisionOut,
    summary="Who talks with the same customer elsewhere",
)
def collision(request: HttpRequest, number: int) -> dict[str, Any]:
    found = get_collision(actor_of(request), _ticket(request, number))
    return {
        "elsewhere": [
            {
                "ticket": one.number,
                "subject": one.subject,
                "name": one.name,
                "is_writing": one.is_writing,
                "at": one.at,
            }
            for one in found.elsewhere
        ]
    }


def _ticket(request: HttpRequest, number: int) -> Ticket:
    actor = actor_of(request)
    found = find_ticket(actor, number) if actor.is_staff else None
    if found is None:
        raise Missing(_("There is no such ticket, or it is not yours to see."))
    return found


def _person_id(request: HttpRequest) -> int:
    person_id = actor_of(request).person_id
    if person_id is None:
        raise Forbidden(_("Only a person can be somewhere."))
    return person_id
