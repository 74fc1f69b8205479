"""Writing down what happened, inside the action's transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone

from otklik.core.access import Actor, Origin
from otklik.core.db import after_commit
from otklik.core.db.briefly import forget_after_commit
from otklik.core.db.rows import insert
from otklik.core.events.models import EventRow
from otklik.core.events.registry import list_listeners, split_columns, type_of
from otklik.core.events.wakeup import wake_dispatcher

# A chain of rules that answer each other stops here; nothing a person starts goes so deep.
MAX_DEPTH = 12


class TooDeep(RuntimeError):
    """Events caused events caused events: a loop. The action that goes on is undone."""


def record(actor: Actor, happened: object, *, occurred_at: datetime | None = None) -> EventRow:
    """Store an event and let in-transaction listeners hear it; the rest hear it after commit.

    Raises TooDeep for a loop, and RuntimeError outside a transaction: an event without its
    change, or a change without its event, must not be possible.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events are recorded inside the action's transaction")
    if actor.depth > MAX_DEPTH:
        raise TooDeep(f"{type(happened).__name__} at depth {actor.depth}")
    found = type_of(happened)
    columns, data = split_columns(happened)
    now = timezone.now()
    row = insert(
        EventRow(
            name=found.name,
            version=found.version,
            occurred_at=occurred_at or now,
            recorded_at=now,
            actor_kind=actor.kind.value,
            actor_id=actor.id,
            on_behalf_of=actor.person_id if actor.person_id != actor.id else None,
            cause_id=actor.cause,
            depth=actor.depth,
            operation_id=actor.operation,
            origin=actor.origin.value,
            audience=found.audience,
            data=data,
            **columns,
        )
    )
    origin = Origin(row.origin)
    for listener in list_listeners(found.name, in_transaction=True):
        if origin in listener.origins:
            listener.handler(row)
    if row.ticket_id is None and found.forgets:
        # It may have changed what everybody asks for and believes for a moment.
        forget_after_commit()
    after_commit(wake_dispatcher)
    return row
