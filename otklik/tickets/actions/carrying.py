"""What a merge carries besides threads, and takes back: rows that hang on the ticket, values that
are empty on the one that stays, and what was put off.

Rooms name their rows with `register_carried`. Each moves once and is journalled on the ticket it
came from; whatever happens to it in between goes back with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from otklik.core.access import SYSTEM, Actor
from otklik.core.events.record import record
from otklik.core.fields.actions import value_event
from otklik.core.fields.joining import give_back, take_over
from otklik.core.fields.owners import owner_of
from otklik.core.fields.queries import values_of
from otklik.core.operations.actions import journal
from otklik.core.operations.models import Change, Operation
from otklik.tickets.actions.snoozing import snoozed
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket
from otklik.tickets.events import TicketWoken
from otklik.tickets.models import UNFINISHED, Direction, HandoverState, Message, MessageKind, Ticket

CARRIED = "carried:"  # "carried:tickets.Reminder:7": that row went along
FIELD = "gained:field:"  # "gained:field:12:size": the value came from ticket 12
SNOOZE = "gained:snooze:"  # "gained:snooze:12": merging ticket 12 brought it back, or sooner


@dataclass(frozen=True, slots=True)
class Carried:
    """Rows of ``model`` ("tickets.Reminder") with a foreign key ``ticket``; those that are
    ``still`` of use go along, the others stay as history."""

    model: str
    still: Q

    def rows(self, **lookup: Any) -> QuerySet[Any]:
        return apps.get_model(self.model)._base_manager.filter(**lookup)


_carried: dict[str, Carried] = {}


def register_carried(model: str, still: Q | None = None) -> None:
    """What a room keeps on a ticket and an agent works with, from ``apps.ready()``."""
    _carried[model] = Carried(model, still or Q())


def wire() -> None:
    register_carried("tickets.Checklist", Q(removed_at__isnull=True))
    register_carried("tickets.Reminder", Q(dropped_at__isnull=True))
    register_carried("tickets.DraftHandover", Q(state=HandoverState.GIVEN))


def carry_rows(target: Ticket, source: Ticket, operation: Operation | None = None) -> None:
    """Inside ``write()``, both tickets held. Without an operation there is no way back."""
    for each in _carried.values():
        ids = list(each.rows(ticket=source).filter(each.still).values_list("pk", flat=True))
        each.rows(pk__in=ids).update(ticket=target)
        if operation is None:
            continue
        for pk in ids:
            journal(operation, source, f"{CARRIED}{each.model}:{pk}", False, True)


def restore_carried(ticket_id: int, field: str) -> None:
    """Back to the ticket it came from, as it is by now."""
    _prefix, model, pk = field.split(":")
    if model in _carried:
        _carried[model].rows(pk=int(pk)).update(ticket=ticket_id)


def carried_from(ticket_ids: Iterable[int], model: str) -> list[int]:
    """Rows of ``model`` that belong to these tickets and are elsewhere by a merge: whoever empties
    the tickets empties them as well."""
    prefix = f"{CARRIED}{model}:"
    rows = Change.objects.filter(
        model=Ticket._meta.label,
        object_id__in=list(ticket_ids),
        field__startswith=prefix,
        operation__undone_at__isnull=True,
    )
    return [int(field.removeprefix(prefix)) for field in rows.values_list("field", flat=True)]


def forget_gained(source: Ticket) -> None:
    """Values that other tickets took over from this one, and still have, are emptied there."""
    rows = Change.objects.filter(model=Ticket._meta.label, field__startswith=f"{FIELD}{source.pk}:")
    for target_id, field in rows.values_list("object_id", "field"):
        restore_field(SYSTEM, target_id, field)


def gain_fields(actor: Actor, operation: Operation, target: Ticket, source: Ticket) -> None:
    """What is empty on the target takes the value of the source; where both say something, the
    target's stays, and the page of the target shows the other one beside it."""
    taken = take_over(target, source)
    if not taken:
        return
    for field in taken:
        journal(operation, target, f"{FIELD}{source.pk}:{field.key}", False, True)
    write_columns(target, changed=["custom"])
    for field in taken:
        told = value_event(owner_of(target), target, field, None, values_of(target)[field.key])
        record(actor, told)


def restore_field(actor: Actor, ticket_id: int, field: str) -> None:
    source_id, key = field.removeprefix(FIELD).split(":")
    source = Ticket.objects.filter(pk=int(source_id)).first()
    if source is None:
        return
    target = lock_ticket(actor, ticket_id)
    for given in give_back(target, source, [key]):
        write_columns(target, changed=["custom"])
        old = values_of(source).get(key)
        record(actor, value_event(owner_of(target), target, given, old, None))


def gain_snooze(actor: Actor, operation: Operation, target: Ticket, source: Ticket) -> None:
    """What wants work now is not hidden by a target that was put off, and of two times the sooner
    one counts. The source keeps its own for when they part."""
    until = target.snoozed_until
    wants_work = source.status_kind in UNFINISHED and source.trashed_at is None
    if until is None or not wants_work or source.spam_at is not None:
        return
    if source.snoozed_until is not None and source.snoozed_until >= until:
        return
    journal(operation, target, f"{SNOOZE}{source.pk}", until, True)
    target.snoozed_until = source.snoozed_until
    told: object = TicketWoken(ticket_id=target.pk, reason="merged")
    if target.snoozed_until is None:
        target.woken_at, target.woken_why = timezone.now(), "merged"
    else:
        told = snoozed(target.pk, target.snoozed_until)
    write_columns(target, changed=["snoozed_until", "woken_at", "woken_why"])
    record(actor, told)


def restore_snooze(actor: Actor, ticket_id: int, field: str, value: str) -> None:
    """Put off as it was, where nothing has happened to the target that wants it awake."""
    until = parse_datetime(value)
    source_id = int(field.removeprefix(SNOOZE))
    left = Ticket.objects.filter(pk=source_id).values_list("snoozed_until", flat=True).first()
    target = lock_ticket(actor, ticket_id)
    if until is None or until <= timezone.now() or target.status_kind not in UNFINISHED:
        return
    if not _is_as_left(target, left):
        return
    target.snoozed_until = until
    write_columns(target, changed=["snoozed_until"])
    record(actor, snoozed(target.pk, until))


def _is_as_left(target: Ticket, left: datetime | None) -> bool:
    if target.snoozed_until is not None or left is not None:
        return target.snoozed_until == left
    since = target.woken_at
    if target.woken_why != "merged" or since is None:
        return False
    said = Message.objects.filter(ticket=target, kind=MessageKind.PUBLIC, created_at__gt=since)
    return not said.filter(direction=Direction.IN).exists()
