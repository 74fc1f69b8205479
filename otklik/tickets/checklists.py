"""What checklists ask: which there are, what is open, what is offered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from otklik.core.access import Actor
from otklik.core.db.briefly import briefly
from otklik.core.db.spelling import spelt_once
from otklik.tickets.models import Checklist, ChecklistItem, ChecklistTemplate, Ticket

_SPELT = 100  # tickets; boards and calendars of more would keep a statement for every number


@dataclass(frozen=True, slots=True)
class ShownList:
    checklist: Checklist
    items: list[ChecklistItem]

    @property
    def done(self) -> int:
        return sum(item.done_at is not None for item in self.items)


def list_checklists(ticket_id: int) -> list[ShownList]:
    """Those of a ticket with their items; one query when there is none."""
    lists = _lists(ticket_id)
    if not lists:
        return []
    items = _items(ticket_id)
    return [
        ShownList(each, [item for item in items if item.checklist_id == each.pk]) for each in lists
    ]


def list_open_items(ticket: Ticket) -> list[ChecklistItem]:
    """What required checklists still want before the ticket is solved."""
    rows = ChecklistItem.objects.standing().filter(
        checklist__ticket=ticket, checklist__is_required=True, done_at__isnull=True
    )
    return list(rows.order_by("checklist_id", "position", "id"))


def find_progress(ticket_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """How many items are done and how many there are, of each of these tickets that has open ones;
    one query."""
    ids = tuple(ticket_ids)
    if not ids:
        return {}
    return {
        row["checklist__ticket_id"]: (row["done"], row["total"])
        for row in (_progress if len(ids) <= _SPELT else _count_items)(ids)
        if row["done"] < row["total"]
    }


def list_own_items(actor: Actor) -> QuerySet[ChecklistItem]:
    """Open items of this one, and those of their teams that nobody took; the soonest first."""
    mine = Q(owner_id=actor.person_id or 0)
    mine |= Q(owner__isnull=True, team_id__in=actor.team_ids)
    rows = ChecklistItem.objects.visible_to(actor).standing().filter(mine, done_at__isnull=True)
    rows = rows.filter(checklist__ticket__trashed_at__isnull=True)
    rows = rows.select_related("checklist__ticket", "team")
    return rows.order_by(F("due_at").asc(nulls_last=True), "id")


def list_offered(ticket: Ticket) -> list[ChecklistTemplate]:
    """Templates, those meant for such a ticket first."""
    return sorted(list_templates(), key=lambda each: not (each.fits(ticket) and _is_meant(each)))


def list_automatic(ticket: Ticket) -> list[ChecklistTemplate]:
    return [each for each in list_templates() if each.is_automatic and each.fits(ticket)]


@briefly
def list_templates() -> list[ChecklistTemplate]:
    return list(ChecklistTemplate.objects.filter(archived_at__isnull=True))


def is_late(item: ChecklistItem, now: datetime) -> bool:
    return item.done_at is None and item.due_at is not None and item.due_at < now


def _is_meant(template: ChecklistTemplate) -> bool:
    return bool(template.kinds or template.categories or template.teams)


def _count_items(ticket_ids: tuple[int, ...]) -> Iterable[dict[str, Any]]:
    rows = ChecklistItem.objects.standing().filter(checklist__ticket_id__in=ticket_ids)
    return (
        rows.order_by()
        .values("checklist__ticket_id")
        .annotate(done=Count("done_at"), total=Count("id"))
    )


_progress = spelt_once(_count_items)


@spelt_once
def _lists(ticket_id: int) -> Iterable[Checklist]:
    return Checklist.objects.filter(ticket=ticket_id, removed_at__isnull=True).order_by("id")


@spelt_once
def _items(ticket_id: int) -> Iterable[ChecklistItem]:
    rows = ChecklistItem.objects.filter(checklist__ticket=ticket_id, removed_at__isnull=True)
    return rows.select_related("owner", "team", "done_by").order_by("position", "id")
