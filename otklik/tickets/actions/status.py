"""Where a ticket stands: pend, hold, solve, reopen, close."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import Actor, ActorKind, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.tickets import permissions
from otklik.tickets.actions.checklists import require_done
from otklik.tickets.changes import change_journalled
from otklik.tickets.columns import write_columns
from otklik.tickets.custom import require_filled
from otklik.tickets.doors import default_status, lock_ticket, require
from otklik.tickets.events import StatusChanged, TicketWoken
from otklik.tickets.models import FINISHED, Status, StatusKind, Ticket, TicketLink
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
    despite_checklists: bool = False,
    despite_parts: bool = True,
    occurred_at: datetime | None = None,
) -> Ticket:
    """Move a ticket to a status, by its code too, or to the one of a kind that may follow.

    Nothing happens twice. People and programs keep to the allowed steps (`tickets.steps`).

    A customer may only mark their own ticket as solved or open it again. A closed ticket stays
    closed for customers; staff may reopen it. An agent solves it when what is needed is filled in
    and required checklists are done, or ``despite_checklists`` with the right to. Without
    ``despite_parts`` a whole whose parts are open is refused in words (Invalid, ``open_parts``):
    screens and programs ask first. Returns the ticket as it is now.
    """
    ticket = lock_ticket(actor, ticket)
    new = to if isinstance(to, Status) else _named(actor, ticket, to)
    _require_allowed(actor, ticket, new)
    old = ticket.status
    if new.pk == old.pk:
        return ticket
    require_step(actor, old, new)
    if new.kind in FINISHED and old.kind not in FINISHED:
        require_filled(actor, ticket, "solving")
        require_done(actor, ticket, despite=despite_checklists)
        if not despite_parts:
            _require_parts_done(ticket)
    values: dict[str, Any] = {
        "status_id": new.pk,
        **_moments(ticket, new, occurred_at or timezone.now()),
    }
    is_woken = new.kind in FINISHED and ticket.snoozed_until is not None
    if is_woken:
        values["snoozed_until"] = None
    actor = change_journalled(actor, ticket, "tickets.change_status", values)
    write_columns(ticket, changed=["status", "solved_at", "closed_at", "snoozed_until"])
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


def _require_parts_done(ticket: Ticket) -> None:
    links = TicketLink.objects.filter(other=ticket, kind="child", ticket__merged_into__isnull=True)
    rows = links.exclude(ticket__status__kind__in=FINISHED).filter(ticket__trashed_at__isnull=True)
    count = rows.count()
    if not count:
        return
    numbers = list(rows.order_by("ticket__number").values_list("ticket__number", flat=True)[:5])
    named = ", ".join(f"№\u00a0{number}" for number in numbers) + ("…" if count > 5 else "")
    words = ngettext(
        "%(count)d part of it is still open: %(numbers)s.",
        "%(count)d parts of it are still open: %(numbers)s.",
        count,
    )
    raise Invalid(
        words % {"count": count, "numbers": named}, code="open_parts", fields={"parts": numbers}
    )


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
