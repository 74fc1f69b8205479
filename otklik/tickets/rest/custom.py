"""Values of a ticket's custom fields."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from otklik.core.access import Missing
from otklik.core.fields.actions import change_fields
from otklik.core.rest.shapes import actor_of
from otklik.people.rest.custom import ValueOut, ValuesIn, show_values
from otklik.tickets.rest.found import get_ticket

router = Router(tags=["fields"])


@router.get(
    "/tickets/{int:number}/fields", response=list[ValueOut], summary="Custom fields of a ticket"
)
def values(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    """Those that apply to it as it is and that one may see. For staff."""
    return show_values(actor_of(request), get_ticket(request, number))


@router.patch(
    "/tickets/{int:number}/fields", response=list[ValueOut], summary="Fill in custom fields"
)
def change(request: HttpRequest, number: int, data: ValuesIn) -> list[dict[str, Any]]:
    """Only what is given changes; null empties. With ``was`` a crossing change answers 409."""
    actor, ticket = actor_of(request), get_ticket(request, number)
    if not actor.is_staff:
        raise Missing("")
    return show_values(actor, change_fields(actor, ticket, data.values, was=data.was))
