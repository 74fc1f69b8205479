"""Checklists on a ticket's page, read once for all its pieces."""

from __future__ import annotations

from otklik.tickets.checklists import ShownList, list_checklists
from otklik.tickets.models import Ticket


def checklists_of(ticket: Ticket) -> list[ShownList]:
    """Kept on the object a page is made of: its head and its side ask the same."""
    known: list[ShownList] | None = getattr(ticket, "_shown_checklists", None)
    if known is None:
        known = list_checklists(ticket.pk)
        ticket._shown_checklists = known  # type: ignore[attr-defined]
    return known


def progress_of(ticket: Ticket) -> str:
    """ "2/5" over all checklists; "" without any."""
    shown = checklists_of(ticket)
    total = sum(len(each.items) for each in shown)
    return f"{sum(each.done for each in shown)}/{total}" if total else ""
