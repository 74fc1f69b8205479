"""Putting a ticket's fields back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict
from otklik.core.events.record import record
from otklik.core.operations.models import Change
from otklik.tickets import events
from otklik.tickets.actions.tags import tag_ticket, untag_ticket
from otklik.tickets.changes import change_journalled
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket
from otklik.tickets.models import Status, Tag, Ticket


def restore_ticket_field(actor: Actor, change: Change) -> None:
    """Undo one journalled change. Raises Conflict when somebody changed the field since."""
    ticket = lock_ticket(actor, change.object_id)
    if change.field == "tag":
        _restore_tag(actor, ticket, change)
        return
    now, left, old = (
        getattr(ticket, change.field),
        _read(ticket, change.field, change.new),
        _read(ticket, change.field, change.old),
    )
    if not _same(now, left):
        raise Conflict(
            _("Ticket %(number)s was changed since.") % {"number": ticket.number},
            fields={change.field: str(now)},
        )
    actor = change_journalled(actor, ticket, "tickets.undo", {change.field: old})
    write_columns(ticket, changed=[change.field.removesuffix("_id")])
    told = _event_for(ticket, change.field, now, old)
    if told is not None:
        record(actor, told)


def _restore_tag(actor: Actor, ticket: Ticket, change: Change) -> None:
    if change.old is None:
        tag = Tag.objects.filter(pk=change.new).first()
        if tag is not None:
            untag_ticket(actor, ticket, tag)
    else:
        tag = Tag.objects.filter(pk=change.old).first()
        if tag is not None:
            tag_ticket(actor, ticket, tag.name)


def _event_for(ticket: Ticket, field: str, old: Any, new: Any) -> object | None:
    if field == "status_id":
        kinds = dict(Status.objects.filter(pk__in=[old, new]).values_list("pk", "kind"))
        return events.StatusChanged(
            ticket_id=ticket.pk, old=old, new=new, old_kind=kinds[old], new_kind=kinds[new],
            reason="undo",
        )
    if field in ("solved_at", "closed_at"):
        return None  # part of the status, which tells
    if field == "assignee_id":
        return events.TicketAssigned(ticket_id=ticket.pk, old=old, new=new)
    if field == "team_id":
        return events.TicketTransferred(ticket_id=ticket.pk, old=old, new=new)
    if field == "trashed_at":
        told = events.TicketTrashed if new else events.TicketRestored
        return told(ticket_id=ticket.pk)
    is_text = field == "subject"
    return events.TicketChanged(
        ticket_id=ticket.pk,
        field=field.removesuffix("_id"),
        old=None if is_text else old,
        new=None if is_text else new,
    )


def _read(ticket: Ticket, field: str, value: Any) -> Any:
    """A journalled value in its Python type."""
    column = ticket._meta.get_field(field.removesuffix("_id"))
    if isinstance(column, models.DateTimeField) and isinstance(value, str):
        return parse_datetime(value)
    return value


def _same(left: Any, right: Any) -> bool:
    # The journal keeps milliseconds, the column microseconds.
    if isinstance(left, datetime) and isinstance(right, datetime):
        return abs((left - right).total_seconds()) < 0.01
    return bool(left == right)
