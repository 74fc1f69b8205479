"""Where a ticket stands: pend, hold, solve, reopen, close."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.tickets import permissions
from otklik.tickets.actions.passing_over import tell_passed_over
from otklik.tickets.changes import change_journalled
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import default_status, lock_ticket, require
from otklik.tickets.events import StatusChanged, TicketWoken
from otklik.tickets.models import FINISHED, Status, StatusKind, Ticket
from otklik.tickets.solving import ASKING, Despite, require_solvable
from otklik.tickets.steps import (
    is_bound,
    is_step_allowed,
    list_next,
    list_statuses,
    require_step,
)


@action
def change_status(
    actor: Actor,
    ticket: Ticket,
    to: Status | str,
    *,
    reason: str = "",
    despite: Despite = ASKING,
    occurred_at: datetime | None = None,
) -> Ticket:
    """Move a ticket to a status, by its code too, or to the one of a kind that may follow.

    Nothing happens twice. People and programs keep to the allowed steps (`tickets.steps`).

    A customer may only mark their own ticket as solved or open it again. A closed ticket stays
    closed for customers; staff may reopen it. An agent or a program solves it when all that
    `tickets.solving` asks for is done, or ``despite`` it. Returns the ticket as it is now.
    """
    ticket = lock_ticket(actor, ticket)
    new = to if isinstance(to, Status) else _named(actor, ticket, to)
    old = ticket.status
    _require(actor, ticket, new, despite)
    if new.pk == old.pk:
        return ticket
    is_solving = _is_solving(ticket, new)
    values: dict[str, Any] = {
        "status_id": new.pk,
        **_moments(ticket, new, occurred_at or timezone.now()),
    }
    is_woken = new.kind in FINISHED and ticket.snoozed_until is not None
    if is_woken:
        values["snoozed_until"] = None
    actor = change_journalled(actor, ticket, "tickets.change_status", values)
    write_columns(ticket, changed=["status", "solved_at", "closed_at", "snoozed_until"])
    if is_solving:
        tell_passed_over(actor, ticket, despite, occurred_at=occurred_at)
    record(
        actor,
        StatusChanged(
            ticket_id=ticket.pk,
            old=old.pk,
            new=new.pk,
            old_kind=old.kind,
            new_kind=new.kind,
            reason=reason,
        ),
        occurred_at=occurred_at,
    )
    if is_woken:
        woken = TicketWoken(ticket_id=ticket.pk, reason="finished")
        record(actor, woken, occurred_at=occurred_at)
    return ticket


def require_status(
    actor: Actor, ticket: Ticket, to: Status | str, despite: Despite = ASKING
) -> None:
    """Raises what `change_status` would, and changes nothing."""
    new = to if isinstance(to, Status) else _named(actor, ticket, to)
    _require(actor, ticket, new, despite)


def pend_ticket(actor: Actor, ticket: Ticket) -> Ticket:
    return change_status(actor, ticket, StatusKind.PENDING)


def hold_ticket(actor: Actor, ticket: Ticket) -> Ticket:
    return change_status(actor, ticket, StatusKind.ON_HOLD)


def solve_ticket(actor: Actor, ticket: Ticket) -> Ticket:
    return change_status(actor, ticket, StatusKind.SOLVED)


def reopen_ticket(actor: Actor, ticket: Ticket) -> Ticket:
    return change_status(actor, ticket, StatusKind.OPEN)


def close_ticket(actor: Actor, ticket: Ticket, *, reason: str = "") -> Ticket:
    return change_status(actor, ticket, StatusKind.CLOSED, reason=reason)


def _require(actor: Actor, ticket: Ticket, new: Status, despite: Despite) -> None:
    _require_allowed(actor, ticket, new)
    if new.pk == ticket.status_id:
        return
    require_step(actor, ticket.status, new)
    if _is_solving(ticket, new):
        require_solvable(actor, ticket, despite)


def _is_solving(ticket: Ticket, new: Status) -> bool:
    return new.kind in FINISHED and ticket.status.kind not in FINISHED


def _named(actor: Actor, ticket: Ticket, name: str) -> Status:
    """By a kind: the default one, or the first of the kind that may follow. Else by its code."""
    if name not in StatusKind.values:
        own = next((row for row in list_statuses() if row.code == name), None)
        if own is None:
            raise Invalid(_("There is no such status."), fields={"status": name})
        return own
    if ticket.status.kind == name:
        return ticket.status
    usual = default_status(name)
    if not is_bound(actor) or is_step_allowed(ticket.status_id, usual.pk):
        return usual
    others = (row for row in list_next(ticket.status_id) if row.kind == name)
    return next(others, usual)


def _moments(ticket: Ticket, new: Status, now: datetime) -> dict[str, datetime | None]:
    """When it was solved and closed, as the new status has it."""
    if new.kind == StatusKind.SOLVED:
        return {"solved_at": now, "closed_at": None}
    if new.kind == StatusKind.CLOSED:
        return {"solved_at": ticket.solved_at or now, "closed_at": now}
    return {"solved_at": None, "closed_at": None}


def _require_allowed(actor: Actor, ticket: Ticket, new: Status) -> None:
    if ticket.trashed_at is not None:
        raise Forbidden(_("This ticket is in the trash. Restore it first."))
    if actor.kind is not ActorKind.CUSTOMER:
        require(actor, permissions.CHANGE)
        return
    solves = new.kind == StatusKind.SOLVED and ticket.status_kind not in FINISHED
    reopens = new.kind == StatusKind.OPEN and ticket.status_kind != StatusKind.CLOSED
    if not (solves or reopens):
        raise Forbidden(_("This request is closed. Write a new one, and we will see both."))
