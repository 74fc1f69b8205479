"""Reminders: set, changed, dropped, told at their time, seen."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import SYSTEM, Actor, Forbidden, Invalid, Missing
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.kit.text import clean_line
from otklik.tickets.doors import lock_ticket
from otklik.tickets.later_events import ReminderDropped, ReminderDue, ReminderSet
from otklik.tickets.models import Reminder, Ticket
from otklik.tickets.snoozing import check_moment

MOST = 20  # of one person in one ticket, that are to come
MAX_NOTE = 500


@action
def set_reminder(actor: Actor, ticket: Ticket, at: datetime, *, note: str = "") -> Reminder:
    """Remind the one who acts, and nobody else. Raises Forbidden, Missing, Invalid."""
    if not actor.is_staff or actor.person_id is None:
        raise Forbidden(_("Reminders are for those who work here."))
    ticket = lock_ticket(actor, ticket)
    mine = Reminder.objects.filter(ticket=ticket, person_id=actor.person_id, dropped_at=None)
    if mine.coming().count() >= MOST:
        raise Invalid(_("This ticket has as many reminders of yours as it can."))
    made = Reminder.objects.create(
        ticket=ticket, person_id=actor.person_id, due_at=check_moment(at), note=_note(note)
    )
    operation = join(actor, "tickets.remind")
    journal(operation, made, "dropped_at", made.created_at, None)
    record(actor.within(operation.pk), _set(made))
    return made


@action
def change_reminder(
    actor: Actor, reminder: Reminder, *, at: datetime | None = None, note: str | None = None
) -> Reminder:
    """Another time, also of one that was told: it will be told again. Or other words."""
    found = _own(actor, reminder)
    if note is not None:
        found.note = _note(note)
    if at is not None:
        found.due_at = check_moment(at)
        found.told_at = found.seen_at = None
    found.save(update_fields=["note", "due_at", "told_at", "seen_at"])
    record(actor, _set(found))
    return found


@action
def drop_reminder(actor: Actor, reminder: Reminder) -> None:
    found = _own(actor, reminder)
    operation = join(actor, "tickets.drop_reminder")
    now = timezone.now()
    journal(operation, found, "dropped_at", None, now)
    found.dropped_at = now
    found.save(update_fields=["dropped_at"])
    record(actor.within(operation.pk), _dropped(found))


@action
def see_reminder(actor: Actor, reminder: Reminder) -> None:
    """It was told and leaves the screen. A read mark, no fact."""
    found = _own(actor, reminder)
    if found.told_at is not None and found.seen_at is None:
        found.seen_at = timezone.now()
        found.save(update_fields=["seen_at"])


@action
def tell_reminder(pk: int, *, now: datetime) -> bool:
    """Say that its time has come; False when it has been said, dropped or put off meanwhile."""
    rows = Reminder.objects.select_for_update().filter(
        pk=pk, told_at__isnull=True, dropped_at__isnull=True, due_at__lte=now
    )
    found = rows.first()
    if found is None:
        return False
    found.told_at = now
    found.save(update_fields=["told_at"])
    record(
        SYSTEM,
        ReminderDue(ticket_id=found.ticket_id, person_id=found.person_id, reminder_id=found.pk),
    )
    return True


def restore_reminder(actor: Actor, pk: int, field: str, value: datetime | str | None) -> None:
    """Undo: one that was dropped is back, one that was set is dropped."""
    found = Reminder.objects.select_for_update().filter(pk=pk).first()
    if found is None or field != "dropped_at":
        raise Missing(_("There is no such reminder."))
    found.dropped_at = timezone.now() if value else None
    found.save(update_fields=["dropped_at"])
    record(actor, _dropped(found) if value else _set(found))


def _own(actor: Actor, reminder: Reminder) -> Reminder:
    rows = Reminder.objects.select_for_update(of=("self",))
    found = rows.visible_to(actor).filter(pk=reminder.pk).first()
    if found is None:
        raise Missing(_("There is no such reminder."))
    return found


def _set(row: Reminder) -> ReminderSet:
    return ReminderSet(ticket_id=row.ticket_id, person_id=row.person_id, reminder_id=row.pk)


def _dropped(row: Reminder) -> ReminderDropped:
    return ReminderDropped(ticket_id=row.ticket_id, person_id=row.person_id, reminder_id=row.pk)


def _note(written: str) -> str:
    return clean_line(written, MAX_NOTE)
