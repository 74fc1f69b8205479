"""Putting a ticket's fields back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict
from otklik.core.events.record import record
from otklik.core.operations import register_undo
from otklik.core.operations.models import Change
from otklik.core.operations.restoring import as_json
from otklik.tickets import events
from otklik.tickets.actions.carrying import CARRIED, restore_carried
from otklik.tickets.actions.checklist_templates import restore_template
from otklik.tickets.actions.checklists import restore_item, restore_list
from otklik.tickets.actions.linking import read_link, restore_link
from otklik.tickets.actions.pinning import is_pinned, set_pin
from otklik.tickets.actions.reminders import restore_reminder
from otklik.tickets.actions.snoozing import snoozed
from otklik.tickets.actions.tag_merging import restore_tag
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket
from otklik.tickets.models import Status, Ticket, TicketTag
from otklik.tickets.unmerging import (
    GAINED,
    MERGED,
    SPLIT,
    demand_on_top,
    demand_standing,
    read_place,
    restore_draft,
    restore_gained,
    restore_merged,
    restore_message,
    restore_place,
    restore_split,
)

_TAG = "tag:"  # "tag:7" is whether the ticket wears tag 7
_PIN = "pin:"  # "pin:7" is whether message 7 is pinned


def wire() -> None:
    register_undo(
        "tickets.Ticket", restore_ticket_field, read=read_ticket_field, check=_check_ticket
    )
    register_undo("tickets.Thread", restore_place, read=read_place, check=demand_on_top)
    register_undo("tickets.Message", restore_message)
    register_undo("tickets.Reminder", restore_reminder)
    register_undo("tickets.Tag", restore_tag)
    register_undo("tickets.Checklist", restore_list)
    register_undo("tickets.ChecklistItem", restore_item)
    register_undo("tickets.ChecklistTemplate", restore_template)
    register_undo("tickets.Draft", restore_draft, read=lambda _pk, _field: True)


def _check_ticket(change: Change) -> None:
    if change.field == MERGED:
        demand_on_top(change)
    if change.field.startswith(SPLIT):
        demand_standing(change.object_id)


def read_ticket_field(ticket_id: int, field: str) -> Any:
    """The value now, as the journal writes it. Raises LookupError when the ticket is gone."""
    if field.startswith(_TAG):
        return TicketTag.objects.filter(ticket_id=ticket_id, tag_id=_tag_id(field)).exists()
    if field.startswith(_PIN):
        return is_pinned(int(field.removeprefix(_PIN)))
    if field.startswith("link:"):
        _word, kind, other = field.split(":")
        return read_link(ticket_id, kind, int(other))
    if field.startswith((GAINED, SPLIT, CARRIED)):
        return True  # taken back where it still is
    row = Ticket.objects.filter(pk=ticket_id).values_list(field, flat=True).first()
    if row is None and not Ticket.objects.filter(pk=ticket_id).exists():
        raise LookupError(f"ticket {ticket_id}")
    return as_json(row)


def restore_ticket_field(actor: Actor, ticket_id: int, field: str, value: Any) -> None:
    """Put one journalled value back and tell it as any other change."""
    if field == MERGED:
        restore_merged(actor, ticket_id, value)
        return
    if field.startswith(GAINED):
        restore_gained(actor, ticket_id, field, value)
        return
    if field.startswith(CARRIED):
        restore_carried(ticket_id, field)
        return
    if field.startswith("link:"):
        restore_link(actor, ticket_id, field, value)
        return
    if field.startswith(SPLIT):
        restore_split(actor, ticket_id, int(field.removeprefix(SPLIT)))
        return
    ticket = lock_ticket(actor, ticket_id)
    if field.startswith(_TAG):
        _restore_tag(actor, ticket, _tag_id(field), is_worn=bool(value))
        return
    if field.startswith(_PIN):
        set_pin(actor, ticket, int(field.removeprefix(_PIN)), is_pinned=bool(value))
        return
    if ticket.purging_since is not None:
        raise Conflict(_("This ticket is being purged. Nothing brings it back."))
    now, old = getattr(ticket, field), _read(ticket, field, value)
    setattr(ticket, field, old)
    changed = [field.removesuffix("_id")]
    if field == "snoozed_until" and old is None:
        ticket.woken_at, ticket.woken_why = timezone.now(), "undo"
        changed += ["woken_at", "woken_why"]
    write_columns(ticket, changed=changed)
    told = _event_for(ticket, field, now, old)
    if told is not None:
        record(actor, told)


def _tag_id(field: str) -> int:
    return int(field.removeprefix(_TAG))


def _restore_tag(actor: Actor, ticket: Ticket, tag_id: int, *, is_worn: bool) -> None:
    told: object
    if is_worn:
        TicketTag.objects.get_or_create(ticket=ticket, tag_id=tag_id)
        told = events.TicketTagged(ticket_id=ticket.pk, tag_id=tag_id)
    else:
        TicketTag.objects.filter(ticket=ticket, tag_id=tag_id).delete()
        told = events.TicketUntagged(ticket_id=ticket.pk, tag_id=tag_id)
    write_columns(ticket)
    record(actor, told)


def _event_for(ticket: Ticket, field: str, old: Any, new: Any) -> object | None:
    if field in ("solved_at", "closed_at"):
        return None  # part of the status, which tells
    if field == "status_id":
        kinds = dict(Status.objects.filter(pk__in=[old, new]).values_list("pk", "kind"))
        return events.StatusChanged(
            ticket_id=ticket.pk,
            old=old,
            new=new,
            old_kind=kinds[old],
            new_kind=kinds[new],
            reason="undo",
        )
    if field == "assignee_id":
        return events.TicketAssigned(ticket_id=ticket.pk, old=old, new=new)
    if field == "team_id":
        return events.TicketTransferred(ticket_id=ticket.pk, old=old, new=new)
    if field == "trashed_at":
        told = events.TicketTrashed if new else events.TicketRestored
        return told(ticket_id=ticket.pk)
    if field == "spam_at":
        called = events.TicketMarkedSpam if new else events.TicketUnmarkedSpam
        return called(ticket_id=ticket.pk)
    if field == "snoozed_until":
        if new is None:
            return events.TicketWoken(ticket_id=ticket.pk, reason="undo")
        return snoozed(ticket.pk, new)
    is_text = field == "subject"
    return events.TicketChanged(
        ticket_id=ticket.pk,
        field=field.removesuffix("_id"),
        old=None if is_text else old,
        new=None if is_text else new,
    )


def _read(ticket: Ticket, field: str, value: Any) -> datetime | Any:
    """A journalled value in its Python type."""
    column = ticket._meta.get_field(field.removesuffix("_id"))
    if isinstance(column, models.DateTimeField) and isinstance(value, str):
        return parse_datetime(value)
    return value
