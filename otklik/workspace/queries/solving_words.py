"""What was passed over when a ticket was solved, as one line of its timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.events.models import EventRow
from otklik.tickets.models import ChecklistItem, Ticket

_NAMED = 5  # the rest is counted

ITEMS, PARTS = "checklist.overridden", "ticket.parts_overridden"


def find_passed_over(rows: Iterable[EventRow]) -> tuple[dict[int, str], dict[int, int]]:
    """Texts of items by id, and numbers of parts by id; no query where no line asks for one."""
    found = list(rows)
    items = {pk for row in found if row.name == ITEMS for pk in _first(row, "item_ids")}
    parts = {pk for row in found if row.name == PARTS for pk in _first(row, "part_ids")}
    texts, numbers = {}, {}
    if items:
        known = ChecklistItem.objects.filter(pk__in=items).only("text", "labels")
        texts = {item.pk: item.label_now() for item in known}
    if parts:
        numbers = dict(Ticket.objects.filter(pk__in=parts).values_list("pk", "number"))
    return texts, numbers


def _first(row: EventRow, name: str) -> Sequence[int]:
    return (row.data.get(name) or [])[:_NAMED]


def _items(row: EventRow, names: Any) -> tuple[str, str]:
    known = [names.items.get(pk, "") for pk in _first(row, "item_ids")]
    named = [_("“%(text)s”") % {"text": text} for text in known if text]
    count = int(row.data.get("open_items") or 0)
    if not named:
        return "list-checks", _("solved it though its checklist was not done")
    words = ngettext(
        "solved it though %(count)d item of its checklist was not done: %(named)s",
        "solved it though %(count)d items of its checklist were not done: %(named)s",
        count,
    )
    return "list-checks", words % {"count": count, "named": _listed(named, count)}


def _parts(row: EventRow, names: Any) -> tuple[str, str]:
    known = [names.parts.get(pk) for pk in _first(row, "part_ids")]
    named = [f"№\N{NO-BREAK SPACE}{number}" for number in known if number]
    count = int(row.data.get("open_parts") or 0)
    words = ngettext(
        "solved it though %(count)d part of it was open: %(named)s",
        "solved it though %(count)d parts of it were open: %(named)s",
        count,
    )
    return "network", words % {"count": count, "named": _listed(named, count)}


def _listed(named: Sequence[str], count: int) -> str:
    return ", ".join([*named, "…"] if count > len(named) else named)


PASSED_OVER: dict[str, Callable[[EventRow, Any], tuple[str, str]]] = {ITEMS: _items, PARTS: _parts}
