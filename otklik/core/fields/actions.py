"""The write doors: values of an object, and the fields themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid, Missing
from otklik.core.db import action
from otklik.core.db.briefly import forget_after_commit
from otklik.core.events.record import record
from otklik.core.fields.asking import keep_within_sight
from otklik.core.fields.events import FieldChanged, FieldCreated, FieldValueChanged
from otklik.core.fields.kinds import clean_value, is_told
from otklik.core.fields.models import Field
from otklik.core.fields.owners import Owner, owner_of
from otklik.core.fields.permissions import MANAGE
from otklik.core.fields.queries import list_fields, may_edit, may_see, present_values, values_of
from otklik.core.fields.shaping import clean_definition
from otklik.core.fields.tasks import reindex_field
from otklik.core.fields.values import put_value
from otklik.core.operations.actions import join, journal

MOST_FIELDS = 100


@action
def change_fields(
    actor: Actor,
    obj: models.Model,
    values: Mapping[str, Any],
    *,
    was: Mapping[str, Any] | None = None,
    occurred_at: datetime | None = None,
) -> Any:
    """Set custom values by key; None empties. Returns the object as it is now.

    ``was`` holds what the person saw: a crossing change raises Conflict with the present values
    and changes nothing. Raises Missing for an unknown key and one out of sight, Forbidden, Invalid.
    """
    owner = owner_of(obj)
    held = owner.lock(actor, obj.pk)
    known = {field.key: field for field in list_fields(owner.thing)}
    clean: dict[str, Any] = {}
    for key, given in values.items():
        field = known.get(key)
        if field is None or not may_see(actor, field):
            raise Missing(_("There is no such field here."))
        if not may_edit(actor, field):
            raise Forbidden(
                _("Only some teams may fill this field.")
                if actor.is_staff
                else _("This cannot be changed. Write to us if it is wrong.")
            )
        clean[key] = clean_value(actor, field, given)
    present = values_of(held)
    _require_unchanged(present_values(held), was or {})
    changes = {key: new for key, new in clean.items() if present.get(key) != new}
    if not changes:
        return held
    if not actor.is_staff:
        keep_within_sight(held, {key: known[key] for key in changes}, clean)
    operation = join(actor, "fields.change")
    acting = actor.within(operation.pk)
    for key, new in changes.items():
        old = present.get(key)
        journal(operation, known[key], f"{owner.thing}:{held.pk}", old, new)
        put_value(held, known[key], new)
    owner.save(held)
    for key, new in changes.items():
        told = value_event(owner, held, known[key], present.get(key), new)
        record(acting, told, occurred_at=occurred_at)
    return held


@action
def create_field(actor: Actor, *, thing: str, key: str, kind: str, **details: Any) -> Field:
    """``details`` as `change_field` takes them. Raises Forbidden and Invalid."""
    _demand(actor)
    if Field.objects.filter(thing=thing, archived_at=None).count() >= MOST_FIELDS:
        raise Invalid(_("There are as many fields as there can be. Archive one first."))
    field = Field(thing=thing, key=key.strip().lower(), kind=kind)
    field.position = (Field.objects.aggregate(last=models.Max("position"))["last"] or 0) + 1
    clean_definition(actor, field, details, is_new=True)
    try:
        with transaction.atomic():
            field.save()
    except IntegrityError:
        words = _("Another field, perhaps an archived one, has this key.")
        raise Invalid(words, fields={"key": words}) from None
    forget_after_commit()
    record(actor, FieldCreated(field_id=field.pk))
    return field


@action
def change_field(
    actor: Actor, field: Field, *, version: int | None = None, **details: Any
) -> Field:
    """Change name, labels, hint, hints, options, decimals, default, required, visible_when,
    required_when, see_teams, edit_teams, customer_access or is_filterable; key and kind stay.

    Raises Forbidden, Invalid, and Conflict with ``version`` when it moved on.
    """
    _demand(actor)
    held = Field.objects.select_for_update().get(pk=field.pk)
    if version is not None and held.version != version:
        raise Conflict(
            _("Somebody changed this field in the meantime."), fields={"version": held.version}
        )
    before = {name: getattr(held, name) for name in details}
    clean_definition(actor, held, details)
    what = tuple(sorted(name for name, old in before.items() if getattr(held, name) != old))
    if not what:
        return held
    held.version += 1
    held.save()
    if {"is_filterable", "decimals"} & set(what):
        reindex_field.enqueue(field_id=held.pk)
    forget_after_commit()
    record(actor, FieldChanged(field_id=held.pk, what=what))
    return held


@action
def archive_field(actor: Actor, field: Field) -> Field:
    """Take it off every screen; values stay, and it can be restored."""
    return _archive(actor, field, timezone.now())


@action
def restore_field(actor: Actor, field: Field) -> Field:
    return _archive(actor, field, None)


@action
def order_fields(actor: Actor, thing: str, ids: Sequence[int]) -> None:
    """The order in which a thing's fields are shown; those left out come after."""
    _demand(actor)
    rows = {row.pk: row for row in Field.objects.select_for_update().filter(thing=thing)}
    wanted = [pk for pk in dict.fromkeys(ids) if pk in rows]
    wanted += [pk for pk in rows if pk not in wanted]
    moved = [pk for position, pk in enumerate(wanted, 1) if rows[pk].position != position]
    for position, pk in enumerate(wanted, 1):
        Field.objects.filter(pk=pk).update(position=position)
    for pk in moved:
        record(actor, FieldChanged(field_id=pk, what=("position",)))
    forget_after_commit()


def value_event(owner: Owner, obj: Any, field: Field, old: Any, new: Any) -> FieldValueChanged:
    told = is_told(field)
    return FieldValueChanged(
        field_id=field.pk,
        thing=owner.thing,
        owner_id=obj.pk,
        old=old if told else None,
        new=new if told else None,
        **owner.told(obj),
    )


def _archive(actor: Actor, field: Field, at: datetime | None) -> Field:
    _demand(actor)
    held = Field.objects.select_for_update().get(pk=field.pk)
    if (held.archived_at is None) == (at is None):
        return held
    operation = join(actor, "fields.archive" if at else "fields.restore")
    journal(operation, held, "archived_at", held.archived_at, at)
    set_archived(actor.within(operation.pk), held, at)
    return held


def set_archived(actor: Actor, held: Field, at: datetime | None) -> None:
    held.archived_at = at
    held.version += 1
    held.save(update_fields=["archived_at", "version"])
    forget_after_commit()
    record(actor, FieldChanged(field_id=held.pk, what=("archived_at",)))


def _require_unchanged(present: Mapping[str, Any], was: Mapping[str, Any]) -> None:
    theirs = {key: present.get(key) for key, seen in was.items() if present.get(key) != seen}
    if theirs:
        raise Conflict(_("Somebody changed the same field in the meantime."), fields=theirs)


def _demand(actor: Actor) -> None:
    if not actor.can(MANAGE):
        raise Forbidden(_("Only an administrator may change this."))
