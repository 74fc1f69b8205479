"""Beginning an act on many tickets, stopping it, taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid, Missing
from otklik.core.db import action, write
from otklik.core.operations.actions import begin, may_undo
from otklik.core.operations.models import Change, Operation
from otklik.tickets import permissions
from otklik.tickets.doors import require
from otklik.tickets.effects import clean_steps
from otklik.tickets.models import BulkAct, BulkItem, BulkState
from otklik.tickets.solving import parts_first

MOST = 10_000  # tickets of one act
MOST_AT_ONCE = 5  # unfinished acts of one person
_ROWS = 500  # written in one statement


def begin_bulk(
    actor: Actor,
    ticket_ids: Sequence[int],
    steps: Sequence[Mapping[str, Any]],
    *,
    title: str = "",
    name: str = "tickets.bulk",
    client_key: UUID | None = None,
) -> BulkAct:
    """Write the act down and have it carried out. One operation, so that one undo takes it back.

    ``steps``: [{"effect": "ticket.tag", "params": {"tag": "heating"}}]. The same ``client_key``
    twice begins once. Raises Forbidden, and Invalid naming each step that makes no sense.
    """
    require(actor, permissions.BULK)
    known = BulkAct.objects.filter(client_key=client_key).first() if client_key else None
    if known is not None:
        return known
    ids = list(dict.fromkeys(ticket_ids))
    if not ids:
        raise Invalid(_("No ticket is selected."))
    if len(ids) > MOST:
        raise Invalid(_("At most %(count)d tickets are changed at once.") % {"count": MOST})
    clean_steps(steps)
    _demand_room(actor)
    with write():
        operation = begin(actor, name, tickets=len(ids), title=title[:200])
        act = _new_act(actor, len(ids), operation=operation, title=title, client_key=client_key)
        act.steps = [dict(step) for step in steps]
        act.save()
    _fill(act, parts_first(ids))
    return act


def begin_undo(actor: Actor, act: BulkAct) -> BulkAct:
    """Take an act back, ticket by ticket; what was changed since stays and is reported. Twice is
    once. Raises Conflict while it runs, Forbidden for a foreign one."""
    operation = act.operation
    if operation is None or act.undoes_id is not None:
        raise Missing(_("There is no such operation."))
    if not may_undo(actor, operation):
        raise Forbidden(_("You may undo only what you did yourself."))
    if not act.is_finished:
        raise Conflict(_("It is not finished yet. Stop it first."), code="not_finished")
    with write():
        BulkAct.objects.select_for_update().get(pk=act.pk)
        known = BulkAct.objects.filter(undoes=act).first()
        if known is not None:
            return known
        ids = sorted(_tickets_of(operation))
        undo = _new_act(actor, len(ids), operation=operation, title=act.title)
        undo.undoes = act
        undo.save()
    _fill(undo, ids)
    return undo


@action
def cancel_bulk(actor: Actor, act: BulkAct) -> BulkAct:
    """Stop after the rows at hand. What was done stays done, and can be undone."""
    current = BulkAct.objects.select_for_update().filter(pk=act.pk).first()
    if current is None or not BulkAct.objects.visible_to(actor).filter(pk=act.pk).exists():
        raise Missing(_("There is no such act."))
    if not current.is_finished:
        current.state, current.finished_at = BulkState.CANCELLED, timezone.now()
        current.save(update_fields=["state", "finished_at"])
    return current


def get_bulk(actor: Actor, pk: int) -> BulkAct:
    """Raises Missing for a foreign one and for none."""
    rows = BulkAct.objects.visible_to(actor).select_related("operation", "undoes")
    found = rows.filter(pk=pk).first() if 0 < pk < 1 << 63 else None
    if found is None:
        raise Missing(_("There is no such act."))
    return found


def find_act_of(operation: Operation) -> BulkAct | None:
    """The act that an operation was, when it was one."""
    return BulkAct.objects.filter(operation=operation, undoes__isnull=True).first()


def _tickets_of(operation: Operation) -> set[int]:
    changes = Change.objects.filter(operation=operation)
    ids = set(changes.filter(model="tickets.Ticket").values_list("object_id", flat=True))
    custom = changes.filter(field__startswith="ticket:").values_list("field", flat=True)
    return ids | {int(field.partition(":")[2]) for field in custom}


def _new_act(
    actor: Actor,
    total: int,
    *,
    operation: Operation,
    title: str,
    client_key: UUID | None = None,
) -> BulkAct:
    if actor.id is None:
        raise Forbidden(_("Sign in first."))
    return BulkAct(
        title=title[:200],
        operation=operation,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        user_id=actor.user_id,
        rights=sorted(actor.permissions),
        language=(get_language() or actor.language or "").partition("-")[0],
        client_key=client_key,
        total=total,
    )


def _demand_room(actor: Actor) -> None:
    busy = BulkAct.objects.visible_to(actor).filter(
        state__in=(BulkState.WAITING, BulkState.RUNNING)
    )
    if busy.count() >= MOST_AT_ONCE:
        raise Conflict(_("Several of your changes are still being made. Wait for one to end."))


def _fill(act: BulkAct, ids: Sequence[int]) -> None:
    """The rows, some hundreds a transaction; the job is written with the last of them, so that it
    finds all. Whoever is stopped in between has begun nothing."""
    from otklik.tickets.bulk.running import run_bulk

    parts = [ids[at : at + _ROWS] for at in range(0, len(ids), _ROWS)] or [[]]
    for place, part in enumerate(parts, start=1):
        with write():
            BulkItem.objects.bulk_create(BulkItem(act=act, ticket_id=pk) for pk in part)
            if place == len(parts):
                run_bulk.using(order_key=f"bulk:{act.pk}").enqueue(act_id=act.pk)
