"""Putting values and archived fields back. The journal names the owner: "ticket:42"."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Missing
from otklik.core.events.record import record
from otklik.core.fields.actions import set_archived, value_event
from otklik.core.fields.models import Field
from otklik.core.fields.owners import Owner, find_owner
from otklik.core.fields.queries import values_of
from otklik.core.fields.values import put_value
from otklik.core.operations.restoring import as_json, register_undo


def wire() -> None:
    register_undo("fields.Field", restore, read=read)


def read(field_id: int, name: str) -> Any:
    """The value now. Raises LookupError when the field or its owner is gone."""
    field = Field.objects.filter(pk=field_id).first()
    if field is None:
        raise LookupError(f"field {field_id}")
    if name == "archived_at":
        return as_json(field.archived_at)
    owner, pk = _owner(name)
    obj = apps.get_model(owner.model)._base_manager.filter(pk=pk).first()
    if obj is None:
        raise LookupError(name)
    return values_of(obj).get(field.key)


def restore(actor: Actor, field_id: int, name: str, value: Any) -> None:
    field = Field.objects.select_for_update().filter(pk=field_id).first()
    if field is None:
        raise Missing(_("There is no such field here."))
    if name == "archived_at":
        set_archived(actor, field, parse_datetime(value) if value else None)
        return
    owner, pk = _owner(name)
    obj = owner.lock(actor, pk)
    old = values_of(obj).get(field.key)
    put_value(obj, field, value)
    owner.save(obj)
    record(actor, value_event(owner, obj, field, old, value))


def _owner(name: str) -> tuple[Owner, int]:
    thing, _colon, pk = name.partition(":")
    owner = find_owner(thing)
    if owner is None:
        raise LookupError(name)
    return owner, int(pk)
