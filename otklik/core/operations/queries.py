"""What screens ask about operations."""

from __future__ import annotations

from django.db.models import QuerySet

from otklik.core.access import Actor
from otklik.core.operations.models import Operation
from otklik.core.operations.permissions import UNDO


def list_operations(actor: Actor) -> QuerySet[Operation]:
    """Newest first: one's own, or everybody's for those who may undo them."""
    found = Operation.objects.order_by("-pk")
    if actor.can(UNDO):
        return found
    if actor.id is None:
        return found.none()
    return found.filter(actor_kind=actor.kind.value, actor_id=actor.id)


def get_operation(actor: Actor, operation_id: int) -> Operation:
    """Raises Operation.DoesNotExist for a foreign one and for none at all."""
    return list_operations(actor).get(pk=operation_id)


def find_last_operation(actor: Actor) -> Operation | None:
    """What this one did last and has not taken back: what a bare "undo" means."""
    if actor.id is None:
        return None
    mine = Operation.objects.filter(actor_kind=actor.kind.value, actor_id=actor.id)
    return mine.filter(undone_at__isnull=True).order_by("-pk").first()
