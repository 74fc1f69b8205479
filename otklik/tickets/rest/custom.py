"""Values of a ticket's custom fields."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from otklik.core.access import Actor
from otklik.core.fields.actions import change_fields
from otklik.core.fields.queries import list_shown
from otklik.core.rest.audience import for_everybody
from otklik.core.rest.shapes import actor_of
from otklik.people.rest.custom import ValueOut, ValuesIn, show_values
from otklik.tickets.models import Ticket
from otklik.tickets.queries.merged_values import list_merged_values
from otklik.tickets.rest.found import get_ticket

router = Router(tags=["fields"])


class MergedValueOut(Schema):
    number: int = Field(description="Of the merged ticket that says it")
    value: Any
    words: str


class TicketValueOut(ValueOut):
    merged: list[MergedValueOut] = Field(
        description="What tickets merged into this one say where it says something else itself; "
        "for staff"
    )


@router.get(
    "/tickets/{int:number}/fields",
    response=list[TicketValueOut],
    summary="Custom fields of a ticket",
)
@for_everybody
def values(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    """Those that apply to it as it is and that one may see: customers those shown to them."""
    return _show(actor_of(request), get_ticket(request, number))


@router.patch(
    "/tickets/{int:number}/fields", response=list[TicketValueOut], summary="Fill in custom fields"
)
@for_everybody
def change(request: HttpRequest, number: int, data: ValuesIn) -> list[dict[str, Any]]:
    """Only what is given changes; null empties. With ``was`` a crossing change answers 409.
    Customers change fields that they may fill in later too, while the ticket is not closed."""
    actor, ticket = actor_of(request), get_ticket(request, number)
    return _show(actor, change_fields(actor, ticket, data.values, was=data.was))


def _show(actor: Actor, ticket: Ticket) -> list[dict[str, Any]]:
    fields = [each.field for each in list_shown(actor, ticket, actor.language)]
    merged = list_merged_values(ticket, fields) if actor.is_staff else {}
    return [
        row | {"merged": [asdict(each) for each in merged.get(row["key"], [])]}
        for row in show_values(actor, ticket)
    ]
