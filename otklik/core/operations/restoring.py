"""How each kind of object is read and put back; rooms register theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder

from otklik.core.access import Actor

if TYPE_CHECKING:
    from otklik.core.operations.models import Change

# (actor, object id, field, value to put back): changes rows and records the room's own events.
Restore = Callable[[Actor, int, str, Any], None]
# (change): raises Conflict with words of its own when what happened since forbids the undo.
Check = Callable[["Change"], None]
# (object id, field) → the value now, as JSON. Raises LookupError when the object is gone.
Read = Callable[[int, str], Any]


@dataclass(frozen=True, slots=True)
class Undo:
    restore: Restore
    read: Read
    check: Check | None = None


# (actor within the operation, operation id) → how many changes go back, now or by a job.
BeginUndo = Callable[[Actor, int], int]

_undos: dict[str, Undo] = {}
_own_undos: dict[str, BeginUndo] = {}


def register_undo(
    model_label: str, restore: Restore, *, read: Read | None = None, check: Check | None = None
) -> None:
    """Say how a model ("tickets.Ticket") goes back. ``read`` defaults to the field's column;
    ``check`` is asked first and may say more exactly why it cannot go back now."""
    _undos[model_label.lower()] = Undo(restore, read or _reader(model_label), check)


def find_undo(model_label: str) -> Undo | None:
    return _undos.get(model_label.lower())


def register_operation_undo(name: str, begin: BeginUndo) -> None:
    """Say how operations of this name ("people.merge") are undone as a whole.

    For what moves too much for one transaction, or may be taken back after later changes: ``begin``
    runs in the transaction of the undo, does what must be so at once and leaves the rest to a job.
    It raises Conflict when it cannot be.
    """
    _own_undos[name] = begin


def find_operation_undo(name: str) -> BeginUndo | None:
    return _own_undos.get(name)


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
