"""Snoozing tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import Field

from otklik.core.access import Invalid
from otklik.core.rest.shapes import Strict, actor_of
from otklik.tickets.actions import snooze_ticket, wake_ticket
from otklik.tickets.rest.found import get_ticket, show_with_tags
from otklik.tickets.rest.shapes import TicketOut
from otklik.tickets.snoozing import find_preset

router = Router(tags=["tickets"])


class SnoozeIn(Strict):
    """One of the three."""

    until: datetime | None = Field(None, description="ISO 8601, to come, within two years")
    preset: Literal["hour", "evening", "tomorrow", "monday"] | None = None
    until_answer: bool = Field(False, description="Only an answer brings it back")


@router.put("/tickets/{int:number}/snooze", response=TicketOut, summary="Snooze a ticket")
def snooze(request: HttpRequest, number: int, data: SnoozeIn) -> dict[str, Any]:
    """It leaves the lists of open tickets until then; a customer's answer brings it back at once.
    Presets are reckoned by the calendar of the ticket's brand."""
    ticket = get_ticket(request, number)
    asked = [data.until is not None, data.preset is not None, data.until_answer]
    if sum(asked) != 1:
        raise Invalid(_("Say until when: a time, a preset or until the customer answers."))
    until = data.until
    if data.preset is not None:
        until = find_preset(data.preset, ticket.brand.calendar)
    snooze_ticket(actor_of(request), ticket, until)
    return show_with_tags(request, get_ticket(request, number))


@router.delete("/tickets/{int:number}/snooze", response=TicketOut, summary="Bring a ticket back")
def wake(request: HttpRequest, number: int) -> dict[str, Any]:
    wake_ticket(actor_of(request), get_ticket(request, number))
    return show_with_tags(request, get_ticket(request, number))
