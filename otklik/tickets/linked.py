"""What follows from links: a duplicate is solved and closed with its original."""

from __future__ import annotations

from dataclasses import replace

from otklik.core.access import SYSTEM, ActionError
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.tickets.actions.linking import DUPLICATE
from otklik.tickets.actions.status import change_status
from otklik.tickets.events import StatusChanged
from otklik.tickets.models import FINISHED, Status, TicketLink


def close_duplicates(row: EventRow) -> None:
    """After the commit. Within the original's operation, so that one undo opens them all again;
    what is finished already stays as it is."""
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
                change_status(actor, copy, status, reason="original")
        except ActionError:
            continue  # in the trash, or without what solving asks for: it stays as it is
