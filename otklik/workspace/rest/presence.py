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
from otklik.tickets.models import Ticket
from otklik.tickets.queries.single import find_ticket
from otklik.workspace.queries.presence import list_companions, place_of

router = Router(tags=["tickets"])

LEASE = 60.0

Doing = Literal["reading", "reply", "note"]


class CompanionOut(Schema):
    person: int
    name: str
    doing: Doing = Field(description="reading; reply, note: is writing one")
    since: datetime


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
