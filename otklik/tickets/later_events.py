"""What happens to reminders and pins. A reminder is told to nobody but whom it reminds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from otklik.core.events import event


@event("ticket.reminder_set", audience="person")
@dataclass(frozen=True, slots=True)
class ReminderSet:
    """Made, or given another time or other words: ``reminder_id`` has them."""

    ticket_id: int
    person_id: int
    reminder_id: int


@event("ticket.reminder_due", audience="person")
@dataclass(frozen=True, slots=True)
class ReminderDue:
    """Its time has come: once for each time set."""

    ticket_id: int
    person_id: int
    reminder_id: int


@event("ticket.reminder_dropped", audience="person")
@dataclass(frozen=True, slots=True)
class ReminderDropped:
    ticket_id: int
    person_id: int
    reminder_id: int


def without_others(rows: Any, person_id: int | None) -> Any:
    """Event rows without the reminders of anybody else."""
    return rows.filter(~Q(name__in=PRIVATE) | Q(person_id=person_id))


PRIVATE = ("ticket.reminder_set", "ticket.reminder_due", "ticket.reminder_dropped")


@event("message.pinned")
@dataclass(frozen=True, slots=True)
class MessagePinned:
    """At the top of its ticket, for staff."""

    ticket_id: int
    message_id: int


@event("message.unpinned")
@dataclass(frozen=True, slots=True)
class MessageUnpinned:
    ticket_id: int
    message_id: int
