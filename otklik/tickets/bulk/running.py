"""Carrying out an act on many tickets: at most ten rows a transaction, for some seconds a job.

A row is marked in the transaction that changes its ticket, so whoever goes on after a restart, or
beside one who lost its lease, does none twice. Between jobs others have their turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import structlog
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from otklik.core.access import ActionError, Actor, ActorKind
from otklik.core.db import write
from otklik.core.db.holding import Hold
from otklik.core.db.spelling import spelt_once
from otklik.core.jobs import task
from otklik.core.operations.actions import close_undo, undo_part
from otklik.core.operations.errors import ChangedSince
from otklik.core.realtime import publish
from otklik.people.actors import actor_for_user
from otklik.people.models import User
from otklik.tickets.doors import lock_ticket
from otklik.tickets.effects import Steps, clean_steps
from otklik.tickets.models import BulkAct, BulkItem, BulkState, ItemState, Ticket

STEP = 10  # rows in one transaction
SECONDS = 5.0  # of one job

logger = structlog.get_logger(__name__)
Change = Callable[[Ticket], None]


@task(name="tickets.run_bulk")
def run_bulk(act_id: int) -> None:
    """Go on with an act; what is done already is left alone."""
    act = BulkAct.objects.select_related("operation").filter(pk=act_id).first()
    if act is None or act.is_finished:
        return
    with override(act.language or None):
        steps = _steps_of(act)
        until = time.monotonic() + SECONDS
        # Whose act it is is asked before each turn: who may not any more changes nothing more.
        while _run_step(act_id, _change_of(act, steps)):
            if time.monotonic() >= until:
                break
        else:
            return
    with write():
        run_bulk.using(order_key=f"bulk:{act_id}").enqueue(act_id=act_id)


def actor_of(act: BulkAct) -> Actor:
    """Its beginner with the rights they have now, and none that they had not then."""
    user = User.objects.select_related("person__agent").filter(pk=act.user_id or 0).first()
    if user is None:
        return Actor(kind=ActorKind(act.actor_kind), id=act.actor_id)
    now = actor_for_user(user)
    return replace(
        now,
        kind=ActorKind(act.actor_kind),
        id=act.actor_id,
        permissions=now.permissions & frozenset(act.rights),
    )


def changes_of(ticket_id: int) -> Q:
    """What an operation's journal says of one ticket: its own columns, and its custom fields,
    which are journalled on the field."""
    return Q(model="tickets.Ticket", object_id=ticket_id) | Q(field=f"ticket:{ticket_id}")


def _steps_of(act: BulkAct) -> Steps | ActionError:
    """A step that makes no sense any more refuses each ticket in words."""
    try:
        return clean_steps(act.steps) if act.undoes_id is None else []
    except ActionError as refused:
        return refused


def _change_of(act: BulkAct, steps: Steps | ActionError) -> Change:
    """What is done with each ticket, with the rights of this moment."""
    actor, operation = actor_of(act), act.operation
    assert operation is not None
    if act.undoes_id is not None:
        return lambda ticket: undo_part(actor, operation, changes_of(ticket.pk))
    if isinstance(steps, ActionError):
        gone = steps

        def refuse(_ticket: Ticket) -> None:
            raise gone

        return refuse
    acting = actor.within(operation.pk)

    def apply(ticket: Ticket) -> None:
        lock_ticket(acting, ticket)  # whether it may be seen at all, whatever the steps ask
        for effect, params in steps:
            effect.apply(acting, ticket, params)

    return apply


def _run_step(act_id: int, change: Change) -> bool:
    """The next rows, as many as fit into one turn at writing; False when there are none left or
    somebody stopped it."""
    with write():
        hold = Hold()
        act = BulkAct.objects.select_for_update(of=("self",)).get(pk=act_id)
        if act.is_finished:
            return False
        rows = list(act.items.filter(state=ItemState.PENDING).order_by("pk")[:STEP])
        act.started_at = act.started_at or timezone.now()
        act.state = BulkState.RUNNING
        found = Ticket.objects.in_bulk([row.ticket_id for row in rows])
        done: list[BulkItem] = []
        for row in rows:
            if done and not hold.has_time():
                break
            _run_one(row, found.get(row.ticket_id), change)
            done.append(row)
        BulkItem.objects.bulk_update(done, ["state", "why"])
        act.done += len(done)
        act.changed += sum(row.state == ItemState.CHANGED for row in done)
        act.failed += sum(row.state == ItemState.FAILED for row in done)
        if len(done) == len(rows) < STEP:
            _finish(act)
        act.save()
        publish(f"bulk:{act_id}", act.done + act.is_finished)
    return not act.is_finished


def _run_one(row: BulkItem, ticket: Ticket | None, change: Change) -> None:
    if ticket is None:
        row.state = ItemState.FAILED
        row.why = _("There is no such ticket, or it is not yours to see.")
        return
    try:
        with write():
            change(ticket)
    except ChangedSince as changed:
        row.state, row.why = ItemState.FAILED, _words_of(changed)
    except ActionError as refused:
        row.state, row.why = ItemState.FAILED, str(refused)[:300]
    except Exception:
        # One ticket that breaks does not hold up the thousand others; the report names it.
        logger.exception("bulk_row_failed", act=row.act_id, ticket=row.ticket_id)
        row.state = ItemState.FAILED
        row.why = _("Something went wrong here, and the ticket is as it was.")
    else:
        row.state = ItemState.SAME if _version(ticket.pk) == [ticket.version] else ItemState.CHANGED


@spelt_once
def _version(ticket_id: int) -> Iterable[int]:
    return Ticket.objects.filter(pk=ticket_id).values_list("version", flat=True)


def _finish(act: BulkAct) -> None:
    act.state, act.finished_at = BulkState.DONE, timezone.now()
    if act.undoes_id is not None and act.operation is not None:
        close_undo(actor_of(act), act.operation)


def _words_of(changed: ChangedSince) -> str:
    """Which of its values were changed again since."""
    labels = {
        "status_id": _("status"),
        "assignee_id": _("assignee"),
        "team_id": _("team"),
        "priority": _("priority"),
        "kind": _("kind of ticket"),
        "category_id": _("category"),
        "subject": _("subject"),
        "trashed_at": _("trash"),
        "spam_at": _("spam"),
        "snoozed_until": _("snooze"),
    }
    told = [
        _("tags") if clash.field.startswith("tag:") else labels.get(clash.field, "")
        for clash in changed.clashes
    ]
    names = ", ".join(dict.fromkeys(name for name in told if name))
    if not names:
        return str(changed)
    return _("Changed again since, and left alone: %(what)s") % {"what": names}
