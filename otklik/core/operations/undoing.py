"""Writing the journal and reading it backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.events import OperationUndone
from otklik.core.operations.models import Change, Operation

# Puts one field of one object back: (actor within the undo, the change). Raises Conflict when the
# object is no longer as the operation left it.
Restore = Callable[[Actor, Change], None]
_restores: dict[str, Restore] = {}


def register_undo(model: str, restore: Restore) -> None:
    """How changes of a model ("tickets.Ticket") are taken back."""
    _restores[model] = restore


def begin(actor: Actor, name: str) -> Operation:
    """A new operation, inside the caller's transaction."""
    return Operation.objects.create(name=name, actor_kind=actor.kind.value, actor_id=actor.id)


def join(actor: Actor, name: str) -> Operation:
    """The operation this one acts within, or a new one."""
    if actor.operation is not None:
        return Operation.objects.get(pk=actor.operation)
    return begin(actor, name)


def journal(operation: Operation, thing: models.Model, field: str, old: Any, new: Any) -> Change:
    """Write down one change. Values must be JSON or dates."""
    return Change.objects.create(
        operation=operation,
        model=thing._meta.label,
        object_id=thing.pk,
        field=field,
        old=old,
        new=new,
    )


def may_undo(actor: Actor, operation: Operation) -> bool:
    """One's own operations, or anybody's with ``operations.undo``."""
    own = (operation.actor_kind, operation.actor_id) == (actor.kind.value, actor.id)
    return (own and actor.id is not None) or actor.can("operations.undo")


@action
def undo_operation(actor: Actor, operation: Operation) -> Operation:
    """Take an operation back, the last change first. Twice is once.

    Raises Forbidden, or Conflict naming what was changed since; then nothing is taken back.
    """
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    if operation.undone_at is not None:
        return operation
    if not may_undo(actor, operation):
        raise Forbidden(_("This was done by somebody else."))
    undo = begin(actor, f"{operation.name}.undo")
    within = actor.within(undo.pk)
    changes = list(operation.changes.order_by("-id"))
    if not changes:
        raise Conflict(_("There is nothing to undo."))
    for change in changes:
        restore = _restores.get(change.model)
        if restore is None:
            raise Conflict(_("This cannot be undone."), fields={"model": change.model})
        restore(within, change)
    operation.undone_at = timezone.now()
    operation.undone_by = actor.person_id
    operation.save(update_fields=["undone_at", "undone_by"])
    record(actor, OperationUndone(undone_id=operation.pk, name=operation.name))
    return operation


def find_operation(actor: Actor, pk: int) -> Operation | None:
    """An operation this one may undo, or None."""
    operation = Operation.objects.filter(pk=pk).first()
    return operation if operation is not None and may_undo(actor, operation) else None


def find_last_operation(actor: Actor) -> Operation | None:
    """What this one did last and has not taken back; undos themselves do not count."""
    return (
        Operation.objects.filter(
            actor_kind=actor.kind.value, actor_id=actor.id, undone_at__isnull=True
        )
        .exclude(name__endswith=".undo")
        .order_by("-id")
        .first()
    )
