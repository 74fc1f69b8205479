"""Putting a ticket off, and what brings it back."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.tickets import permissions
from otklik.tickets.changes import change_journalled
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import TicketSnoozed, TicketWoken
from otklik.tickets.models import FINISHED, Ticket
from otklik.tickets.snoozing import UNTIL_ANSWER, check_moment


@action
def snooze_ticket(
    actor: Actor, ticket: Ticket, until: datetime | None, *, was: datetime | object | None = ...
) -> Ticket:
    """Put a ticket off until a moment; None: until the customer answers, who brings it back in
    any case. ``was`` is the time the person saw. Raises Invalid, Conflict, Forbidden.
    """
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.CHANGE)
    if ticket.status_kind in FINISHED or ticket.trashed_at or ticket.spam_at:
        raise Invalid(_("Only an open ticket can be snoozed."))
    if was is not ... and was != ticket.snoozed_until:
        raise Conflict(
            _("Somebody snoozed this ticket or brought it back in the meantime."),
            fields={"snoozed_until": ticket.snoozed_until and ticket.snoozed_until.isoformat()},
        )
    at = UNTIL_ANSWER if until is None else check_moment(until)
    if at == ticket.snoozed_until:
        return ticket
    actor = change_journalled(actor, ticket, "tickets.snooze", {"snoozed_until": at})
    write_columns(ticket, changed=["snoozed_until"])
    record(actor, snoozed(ticket.pk, at))
    return ticket


@action
def wake_ticket(
    actor: Actor, ticket: Ticket | int, *, reason: str = "hand", due_by: datetime | None = None
) -> Ticket:
    """Bring a ticket back to its lists; nothing happens to one that is awake.

    ``due_by``: only when its time is not later than this, for the schedule: it may have been put
    off anew since the look. ``reason`` as `TicketWoken` has it.
    """
    ticket = lock_ticket(actor, ticket)
    if reason == "hand":
        require(actor, permissions.CHANGE)
    if ticket.snoozed_until is None or (due_by is not None and ticket.snoozed_until > due_by):
        return ticket
    actor = change_journalled(actor, ticket, "tickets.wake", {"snoozed_until": None})
    ticket.woken_at, ticket.woken_why = timezone.now(), reason
    write_columns(ticket, changed=["snoozed_until", "woken_at", "woken_why"])
    record(actor, TicketWoken(ticket_id=ticket.pk, reason=reason))
    return ticket


def snoozed(ticket_id: int, until: datetime) -> TicketSnoozed:
    is_open = until >= UNTIL_ANSWER
    return TicketSnoozed(ticket_id=ticket_id, until="" if is_open else until.isoformat())
