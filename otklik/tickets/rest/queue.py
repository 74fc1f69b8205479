"""`/queue`: the work that waits for the one who asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.rest.shapes import actor_of
from otklik.tickets import permissions
from otklik.tickets.actions import take_next
from otklik.tickets.doors import require
from otklik.tickets.queries import MAX_COUNT, count_bounded
from otklik.tickets.queries.queue import list_queue, why_refused
from otklik.tickets.rest.found import get_ticket, show_with_tags
from otklik.tickets.rest.shapes import TicketOut

router = Router(tags=["tickets"])


class QueueOut(Schema):
    waiting: int = Field(description=f"Tickets one may take; {MAX_COUNT + 1} when there are more")
    refusal: str = Field(description="Why one may take none just now, else empty")


@router.get("/queue", response=QueueOut, summary="How much work waits")
def look(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    require(actor, permissions.ASSIGN)
    return {"waiting": count_bounded(list_queue(actor)), "refusal": why_refused(actor)}


@router.post(
    "/queue/next",
    response={200: TicketOut, 204: None},
    summary="Take the next ticket: the most urgent that one may take",
)
def take(request: HttpRequest) -> Status[dict[str, Any] | None]:
    """Assigned at once, never the same to two; 204 when nothing waits. By visibility and team,
    then priority, then who waits longest. An `Idempotency-Key` sent again takes no second one."""
    found = take_next(actor_of(request))
    if found is None:
        return Status(204, None)
    return Status(200, show_with_tags(request, get_ticket(request, found.number)))
