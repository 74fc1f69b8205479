"""One change on many tickets: committed in small steps, reported whole, undone whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from otklik.core.access import ActionError, Actor
from otklik.core.db import write
from otklik.core.operations.actions import join
from otklik.tickets import permissions
from otklik.tickets.doors import require
from otklik.tickets.models import Ticket
from otklik.tickets.solving import parts_first

# Ten rows a transaction: other writers wait some milliseconds, not for the whole selection.
STEP = 10
MAX_TICKETS = 1000


@dataclass
class BulkReport:
    """What became of a bulk change. ``failures`` maps ticket numbers to the reason in words."""

    operation_id: int | None = None
    changed: int = 0
    failures: dict[int, str] = field(default_factory=dict)


def change_many(
    actor: Actor,
    ticket_ids: Sequence[int],
    change: Callable[[Actor, Ticket], object],
    *,
    name: str,
    progress: Callable[[int, int], None] | None = None,
) -> BulkReport:
    """Run ``change`` on each ticket this one may see. A refusal skips that ticket alone."""
    require(actor, permissions.BULK)
    ids = parts_first(list(dict.fromkeys(ticket_ids))[:MAX_TICKETS])
    with write():
        operation = join(actor, name)
    within = actor.within(operation.pk)
    report = BulkReport(operation_id=operation.pk)
    for start in range(0, len(ids), STEP):
        with write():
            rows = Ticket.objects.visible_to(actor).select_related("status")
            found = rows.in_bulk(ids[start : start + STEP])
            for pk in ids[start : start + STEP]:
                if pk in found:
                    _change_one(within, found[pk], change, report)
        if progress is not None:
            progress(min(start + STEP, len(ids)), len(ids))
    return report


def _change_one(
    actor: Actor, ticket: Ticket, change: Callable[[Actor, Ticket], object], report: BulkReport
) -> None:
    try:
        with write():
            change(actor, ticket)
    except ActionError as refused:
        report.failures[ticket.number] = str(refused)
    else:
        report.changed += 1
