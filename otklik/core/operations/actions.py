"""Beginning an operation, writing its journal, undoing it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Forbidden, Missing
from otklik.core.db import action
from otklik.core.db.spelling import spelt_once
from otklik.core.events.record import record
from otklik.core.operations.errors import ChangedSince, Clash, NotReversible
from otklik.core.operations.events import OperationUndone
from otklik.core.operations.models import Change, Operation
from otklik.core.operations.permissions import UNDO
from otklik.core.operations.restoring import (
    Undo,
    as_json,
    find_operation_undo,
    find_undo,
)


@action
def begin(actor: Actor, name: str, **summary: Any) -> Operation:
    """Start an operation; act on as ``actor.within(operation.pk)`` so that events name it."""
    return Operation.objects.create(
        name=name, actor_kind=actor.kind.value, actor_id=actor.id, summary=as_json(summary)
    )


@action
def join(actor: Actor, name: str) -> Operation:
    """The operation this one acts within, or a new one: a single change is one of its own."""
    if actor.operation is not None:
        found = _by_id(actor.operation)
        if not found:
            raise Operation.DoesNotExist
        return found[0]
    return begin(actor, name)


@spelt_once
def _by_id(pk: int) -> models.QuerySet[Operation]:
    return Operation.objects.filter(pk=pk)


@action
def journal(
    operation: Operation, thing: models.Model, field: str, old: Any, new: Any
) -> Change | None:
    """Write down that a field moved, in the same transaction. None when it did not move."""
    old, new = as_json(old), as_json(new)
    if old == new:
        return None
    return Change.objects.create(
        operation=operation,
        model=thing._meta.label,
        object_id=thing.pk,
        field=field,
        old=old,
        new=new,
    )


@action
def journal_many(
    operation: Operation, model: str, field: str, ids: Iterable[int], *, old: Any, new: Any
) -> None:
    """The same move of many objects of ``model`` ("tickets.Ticket")."""
    Change.objects.bulk_create(
        Change(operation=operation, model=model, object_id=pk, field=field, old=old, new=new)
        for pk in ids
    )


@action
def undo_operation(actor: Actor, operation: Operation) -> Operation:
    """Put everything back, last change first. Undoing twice is undoing once.

    Raises Forbidden for another one's operation without the permission, Missing, NotReversible,
    or ChangedSince when anything is no longer as the operation left it; then nothing is undone.
    """
    found = Operation.objects.select_for_update().filter(pk=operation.pk).first()
    if found is None:
        raise Missing(_("There is no such operation."))
    if not may_undo(actor, found):
        raise Forbidden(_("You may undo only what you did yourself."))
    if found.undone_at is not None:
        return found
    acting = actor.within(found.pk)
    begin_undo = find_operation_undo(found.name)
    count = begin_undo(acting, found.pk) if begin_undo else _replay(acting, found)
    found.undone_at = timezone.now()
    found.undone_by_kind, found.undone_by = actor.kind.value, actor.id
    found.save(update_fields=["undone_at", "undone_by_kind", "undone_by"])
    record(acting, OperationUndone(operation_id=found.pk, name=found.name, changes=count))
    return found


@action
def undo_part(actor: Actor, operation: Operation, part: models.Q) -> None:
    """Put back those changes of the operation that ``part`` picks: large operations are undone an
    object at a time, in small transactions. Raises what `undo_operation` raises, for these alone.
    """
    if not may_undo(actor, operation):
        raise Forbidden(_("You may undo only what you did yourself."))
    changes = list(operation.changes.filter(part).order_by("pk"))
    _check_unchanged(changes)
    acting = actor.within(operation.pk)
    for change in reversed(changes):
        _undo_of(change).restore(acting, change.object_id, change.field, change.old)


@action
def close_undo(actor: Actor, operation: Operation) -> None:
    """Every part was tried (`undo_part`): the operation counts as undone from now on."""
    found = Operation.objects.select_for_update().get(pk=operation.pk)
    if found.undone_at is not None:
        return
    found.undone_at = timezone.now()
    found.undone_by_kind, found.undone_by = actor.kind.value, actor.id
    found.save(update_fields=["undone_at", "undone_by_kind", "undone_by"])
    count = found.changes.count()
    told = OperationUndone(operation_id=found.pk, name=found.name, changes=count)
    record(actor.within(found.pk), told)


def may_undo(actor: Actor, operation: Operation) -> bool:
    """One's own, or anybody's with the permission."""
    if actor.can(UNDO):
        return True
    is_own = (operation.actor_kind, operation.actor_id) == (actor.kind.value, actor.id)
    return is_own and actor.id is not None and actor.kind is not ActorKind.NOBODY


def _replay(acting: Actor, operation: Operation) -> int:
    changes = list(operation.changes.order_by("pk"))
    _check_unchanged(changes)
    for change in reversed(changes):
        _undo_of(change).restore(acting, change.object_id, change.field, change.old)
    return len(changes)


def _check_unchanged(changes: list[Change]) -> None:
    last = {(change.model, change.object_id, change.field): change for change in changes}
    clashes = []
    for change in last.values():
        clash = Clash(change.model, change.object_id, change.field, change.new, is_missing=True)
        undo = _undo_of(change)
        if undo.check is not None:
            undo.check(change)
        try:
            now = as_json(undo.read(change.object_id, change.field))
        except LookupError:
            clashes.append(clash)
            continue
        if now != change.new:
            clashes.append(
                Clash(change.model, change.object_id, change.field, change.new, found=now)
            )
    if clashes:
        raise ChangedSince(clashes)


def _undo_of(change: Change) -> Undo:
    undo = find_undo(change.model)
    if undo is None:
        raise NotReversible(_("Part of this cannot be put back any more."))
    return undo
