"""One ticket with all that its page and REST show along."""

from __future__ import annotations

from otklik.core.access import Actor
from otklik.core.db.rows import find_rows
from otklik.tickets.models import Ticket

_SHOWN_ALONG = (
    *("status", "brand", "team", "assignee", "assignee__person", "requester"),
    *("requester_identity", "organisation", "category", "account", "follow_up_of"),
)


def find_ticket(actor: Actor, number: int) -> Ticket | None:
    """By its number, with its people. None for a foreign one and none at all."""
    for found in find_rows(Ticket, _SHOWN_ALONG, {"number": number}):
        if Ticket.objects.visible_to(actor).filter(pk=found.pk).exists():
            return found
    return None
