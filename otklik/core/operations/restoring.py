"""How each kind of object is read and put back; rooms register theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from otklik.core.access import Actor

# (actor, object id, field, value to put back): changes rows and records the room's own events.
Restore = Callable[[Actor, int, str, Any], None]
# (object id, field) → the value now, as JSON. Raises LookupError when the object is gone.
Read = Callable[[int, str], Any]


@dataclass(frozen=True, slots=True)
class Undo:
    restore: Restore
    read: Read


_undos: dict[str, Undo] = {}


def register_undo(model_label: str, restore: Restore, *, read: Read | None = None) -> None:
    """Say how a model ("tickets.Ticket") goes back. ``read`` defaults to the field's column."""
    _undos[model_label.lower()] = Undo(restore, read or _reader(model_label))


def find_undo(model_label: str) -> Undo | None:
    return _undos.get(model_label.lower())


def as_json(value: Any) -> Any:
    """The value as the journal stores it: moments as ISO text, ids as numbers."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _reader(model_label: str) -> Read:
    def read(object_id: int, field: str) -> Any:
        from django.apps import apps

        manager = apps.get_model(model_label)._base_manager
        found = manager.filter(pk=object_id).values_list(field, flat=True)
        if not found:
            raise LookupError(f"{model_label} {object_id}")
        return found[0]

    return read
