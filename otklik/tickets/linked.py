"""What follows from links: a duplicate is solved and closed with its original."""

from __future__ import annotations

from dataclasses import replace

from otklik.core.access import SYSTEM, ActionError
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.core.events.record import record
from otklik.tickets.actions.linking import DUPLICATE
from otklik.tickets.actions.status import change_status
from otklik.tickets.events import DuplicateKept, StatusChanged
from otklik.tickets.models import FINISHED, Status, TicketLink
from otklik.tickets.solving import find_undone


def close_duplicates(row: EventRow) -> None:
    """After the commit. Within the original's operation, so that one undo opens them all again;
    what is finished already stays as it is. A copy with a required checklist or parts of its own
    that are open stays open and says why: nobody is there to be asked."""
    changed: StatusChanged = row.event
    if changed.new_kind not in FINISHED or changed.reason == "undo":
        return
    links = TicketLink.objects.filter(other=changed.ticket_id, kind=DUPLICATE, is_followed=True)
    copies = [link.ticket for link in links.select_related("ticket")]
    if not copies:
        return
    status = Status.objects.get(pk=changed.new)
    actor = replace(SYSTEM, operation=row.operation_id)
    for copy in copies:
        if copy.is_finished or copy.merged_into_id is not None:
            continue
        try:
            with write():
                undone = find_undone(copy)
                if undone is None:
                    change_status(actor, copy, status, reason="original")
                elif not _is_told(row, copy.pk):
                    record(actor, DuplicateKept(copy.pk, row.ticket_id or 0, undone.code))
        except ActionError:
            continue  # in the trash: it stays as it is


def _is_told(row: EventRow, ticket_id: int) -> bool:
    """Events are heard once at least."""
    told = EventRow.objects.filter(name="ticket.duplicate_kept", ticket_id=ticket_id)
    return told.filter(pk__gt=row.pk, operation_id=row.operation_id).exists()
