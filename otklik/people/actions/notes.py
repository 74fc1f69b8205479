"""Notes about a customer: written, changed and pinned by staff; removed with a way back."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Conflict, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.people import policy, values
from otklik.people.actions.changing import demand_known, locked
from otklik.people.events import CustomerNoteAdded, CustomerNoteChanged, CustomerNoteRemoved
from otklik.people.models import CustomerNote, Organisation, Person

MOST = 200  # of one person or organisation
_TEXT = values.text("text", 4000)


@action
def write_customer_note(
    actor: Actor, about: Person | Organisation, text: str, *, is_pinned: bool = False
) -> CustomerNote:
    """Raises Forbidden, Invalid for no words or too many, Conflict for somebody who is no more."""
    _demand(actor)
    cleaned = _cleaned(text)
    is_person = isinstance(about, Person)
    if is_person:
        demand_known(about.pk)
    about_whom = {"person": about} if is_person else {"organisation": about}
    if CustomerNote.objects.filter(**about_whom, removed_at=None).count() >= MOST:
        words = _("At most %(count)d notes. Remove old ones first.") % {"count": MOST}
        raise Invalid(words, fields={"text": words})
    note = CustomerNote.objects.create(
        **about_whom,
        author_id=actor.person_id if actor.kind is not ActorKind.SYSTEM else None,
        text=cleaned,
        pinned_at=timezone.now() if is_pinned else None,
    )
    record(actor, CustomerNoteAdded(note.pk, note.person_id, note.organisation_id))
    return note


@action
def change_customer_note(
    actor: Actor,
    note: CustomerNote,
    *,
    text: str | None = None,
    is_pinned: bool | None = None,
    version: int | None = None,
) -> CustomerNote:
    """Other words, or up to the top and down again. Raises Forbidden, Invalid, and Conflict with
    their words when ``version`` is an older one."""
    _demand(actor)
    current: CustomerNote = locked(note)
    if current.removed_at is not None:
        raise Conflict(_("This note has been removed."), code="removed")
    fields = []
    if text is not None and (cleaned := _cleaned(text)) != current.text:
        if version is not None and version != current.version:
            raise Conflict(
                _("Somebody changed this in the meantime. Look at their values before you save."),
                fields={"text": current.text},
            )
        current.text, current.changed_at = cleaned, timezone.now()
        fields += ["text", "changed_at"]
    if is_pinned is not None and is_pinned != (current.pinned_at is not None):
        current.pinned_at = timezone.now() if is_pinned else None
        fields.append("pinned_at")
    if fields:
        current.version += 1
        current.save(update_fields=[*fields, "version"])
        record(
            actor,
            CustomerNoteChanged(
                current.pk, current.person_id, current.organisation_id, tuple(sorted(fields))
            ),
        )
    return current


@action
def remove_customer_note(actor: Actor, note: CustomerNote) -> CustomerNote:
    """Out of sight, with a way back. Raises Forbidden."""
    _demand(actor)
    current: CustomerNote = locked(note)
    if current.removed_at is None:
        operation = join(actor, "people.remove_note")
        _set_removed(actor.within(operation.pk), current, timezone.now())
        journal(operation, current, "removed_at", None, current.removed_at)
    return current


def restore_customer_note(actor: Actor, note_id: int, field: str, value: Any) -> None:
    """For the undo: ``removed_at`` as it was."""
    note = CustomerNote.objects.select_for_update().get(pk=note_id)
    _set_removed(actor, note, parse_datetime(value) if isinstance(value, str) else value)


def _set_removed(actor: Actor, note: CustomerNote, moment: Any) -> None:
    note.removed_at = moment
    note.version += 1
    note.save(update_fields=["removed_at", "version"])
    if moment is None:
        record(actor, CustomerNoteAdded(note.pk, note.person_id, note.organisation_id))
    else:
        record(actor, CustomerNoteRemoved(note.pk, note.person_id, note.organisation_id))


def _cleaned(text: str) -> str:
    cleaned: str = _TEXT(text)
    if not cleaned:
        raise Invalid(_("Nothing is written yet."), fields={"text": _("Nothing is written yet.")})
    return cleaned


def _demand(actor: Actor) -> None:
    if not policy.can_change_people(actor):
        raise Forbidden(_("You may not change customers."))
