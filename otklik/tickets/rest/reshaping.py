"""`/tickets/{number}/merges`, `…/splits`, `…/links`: several tickets one, one several, and ties."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.rest.shapes import Strict, actor_of
from otklik.tickets.actions import link_tickets, merge_tickets, split_ticket, unlink_tickets
from otklik.tickets.models import Ticket
from otklik.tickets.queries.links import list_links
from otklik.tickets.rest.found import get_ticket, show_with_tags
from otklik.tickets.rest.shapes import TicketOut

router = Router(tags=["reshaping"])

Number = Annotated[int, Field(gt=0, lt=2**63)]
LinkKind = Literal["related", "duplicate", "child"]


class TicketMergeIn(Strict):
    tickets: list[Number] = Field(..., min_length=1, max_length=20, description="Numbers")
    across_customers: bool = Field(
        False, description="Without it, tickets of different people are a conflict"
    )


class ReshapedOut(Schema):
    operation: int = Field(..., description="Taken back by `POST /operations/{id}/undo`")
    ticket: TicketOut


class SplitIn(Strict):
    messages: list[int] = Field(..., min_length=1, max_length=100, description="Ids")
    subject: Annotated[str, Field(max_length=300)] = ""


class LinkIn(Strict):
    ticket: Number
    kind: LinkKind = Field("related", description="What this ticket is to the other one")
    is_followed: bool = Field(False, description="A duplicate is solved with its original")


class LinkOut(Schema):
    ticket: int
    subject: str
    status: str
    kind: str = Field(..., description="What the other one is to this ticket")
    is_followed: bool


class LinksOut(Schema):
    items: list[LinkOut]
    children: int
    children_solved: int


@router.post("/tickets/{int:number}/merges", response=ReshapedOut, summary="Merge others into it")
def merge(request: HttpRequest, number: int, data: TicketMergeIn) -> dict[str, Any]:
    """Their numbers stay valid and lead here. Each customer goes on seeing their own talk alone."""
    sources = [_get(request, one) for one in dict.fromkeys(data.tickets)]
    operation = merge_tickets(
        actor_of(request),
        get_ticket(request, number),
        sources,
        across_customers=data.across_customers,
    )
    ticket = show_with_tags(request, get_ticket(request, number))
    return {"operation": operation.pk, "ticket": ticket}


@router.post(
    "/tickets/{int:number}/splits", response={201: ReshapedOut}, summary="Move messages out of it"
)
def split(request: HttpRequest, number: int, data: SplitIn) -> Status[dict[str, Any]]:
    """They become a new ticket; answers to them come there."""
    ticket = get_ticket(request, number)
    new, operation = split_ticket(actor_of(request), ticket, data.messages, subject=data.subject)
    made = show_with_tags(request, get_ticket(request, new.number))
    return Status(201, {"operation": operation.pk, "ticket": made})


@router.get("/tickets/{int:number}/links", response=LinksOut, summary="What it is linked to")
def links(request: HttpRequest, number: int) -> dict[str, Any]:
    return _show(request, get_ticket(request, number))


@router.post("/tickets/{int:number}/links", response=LinksOut, summary="Link it to another")
def link(request: HttpRequest, number: int, data: LinkIn) -> dict[str, Any]:
    ticket, other = get_ticket(request, number), _get(request, data.ticket)
    link_tickets(actor_of(request), ticket, other, data.kind, is_followed=data.is_followed)
    return _show(request, ticket)


@router.delete(
    "/tickets/{int:number}/links/{str:kind}/{int:other}",
    response={204: None},
    summary="Take a link away",
)
def unlink(request: HttpRequest, number: int, kind: str, other: int) -> Status[None]:
    ticket, there = get_ticket(request, number), _get(request, other)
    unlink_tickets(actor_of(request), ticket, there, kind)
    return Status(204, None)


def _get(request: HttpRequest, number: int) -> Ticket:
    try:
        return get_ticket(request, number)
    except Missing:
        words = _("There is no № %(number)d, or it is not yours to see.") % {"number": number}
        raise Missing(words, fields={"ticket": number}) from None


def _show(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    actor = actor_of(request)
    if not actor.is_staff:
        raise Missing(_("There is nothing here"))
    found = list_links(actor, ticket.pk)
    return {
        "items": [
            {
                "ticket": one.ticket.number,
                "subject": one.ticket.subject,
                "status": one.ticket.status_kind,
                "kind": one.kind,
                "is_followed": one.is_followed,
            }
            for one in found.all
        ],
        "children": len(found.children),
        "children_solved": found.solved,
    }
