"""What was not done when a ticket was solved all the same stays in its history."""

from __future__ import annotations

from datetime import datetime

from otklik.core.access import Actor
from otklik.core.events.record import record
from otklik.tickets.checklist_events import ChecklistOverridden
from otklik.tickets.checklists import list_open_items
from otklik.tickets.custom import is_held_to_rules
from otklik.tickets.models import Ticket
from otklik.tickets.solving import Despite, list_open_parts
from otklik.tickets.status_events import PartsOverridden

_KEPT = 100  # ids in one event; the count says how many there were


def tell_passed_over(
    actor: Actor, ticket: Ticket, despite: Despite, *, occurred_at: datetime | None = None
) -> None:
    """Inside the action that solves a ticket ``despite`` what is not done. Says nothing of what was
    done by then, nor for those whom nothing is asked of."""
    if not is_held_to_rules(actor):
        return
    if despite.checklists and (left := list_open_items(ticket)):
        ids = tuple(item.pk for item in left[:_KEPT])
        record(actor, ChecklistOverridden(ticket.pk, len(left), ids), occurred_at=occurred_at)
    if despite.parts and (parts := list_open_parts(ticket)):
        told = PartsOverridden(ticket.pk, len(parts), tuple(parts[:_KEPT]))
        record(actor, told, occurred_at=occurred_at)
