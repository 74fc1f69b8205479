"""How somebody likes to send. No facts, hence no events."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.db.spelling import spelt_once
from otklik.tickets.models import SendingHabit

UNDO_SECONDS = (0, 10, 20, 30)
AFTER_SENDING = ("stay", "next", "list")


@dataclass(frozen=True, slots=True)
class Habit:
    undo_seconds: int = 10
    after_sending: str = "stay"
    last_status: str = ""


def find_habit(person_id: int | None) -> Habit:
    """As they chose, or as it is for everybody."""
    for row in _habits(person_id or 0):
        return Habit(row.undo_seconds, row.after_sending, row.last_status)
    return Habit()


@action
def change_habit(
    actor: Actor,
    *,
    undo_seconds: int | None = None,
    after_sending: str | None = None,
    last_status: str | None = None,
) -> Habit:
    """One's own. Raises Invalid for what is not offered."""
    if actor.person_id is None:
        raise Forbidden(_("Only a person has habits."))
    if undo_seconds is not None and undo_seconds not in UNDO_SECONDS:
        raise Invalid(_("This is no possible value."), fields={"undo_seconds": str(undo_seconds)})
    if after_sending is not None and after_sending not in AFTER_SENDING:
        raise Invalid(_("This is no possible value."), fields={"after_sending": after_sending})
    given = {
        "undo_seconds": undo_seconds,
        "after_sending": after_sending,
        "last_status": last_status[:20] if last_status is not None else None,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if changes:
        SendingHabit.objects.update_or_create(person_id=actor.person_id, defaults=changes)
    return find_habit(actor.person_id)


@spelt_once
def _habits(person_id: int) -> QuerySet[SendingHabit]:
    return SendingHabit.objects.filter(person=person_id)
