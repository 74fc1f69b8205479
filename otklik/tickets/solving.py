"""What is asked for before a ticket is solved: fields, required checklists, parts solved first.

Asked of agents and their programs alone; customers, rules and the desk itself could do nothing
about it. Every door that solves asks here, so that all of them say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db.spelling import spelt_once
from otklik.core.fields.queries import list_missing
from otklik.tickets import permissions
from otklik.tickets.checklists import list_open_items
from otklik.tickets.custom import is_held_to_rules, words_of_missing
from otklik.tickets.models import UNFINISHED, ChecklistItem, Ticket, TicketLink

_NAMED = 5
_ASKED = 500  # ids in one statement
_MOST_PARTS = 1000  # counted


class Despite(NamedTuple):
    """Solve though this is not done: a required checklist (needs the right to), parts."""

    checklists: bool = False
    parts: bool = False


def despite_of(params: Mapping[str, Any]) -> Despite:
    """What a step of an act says to pass over."""
    return Despite(**{name: bool(params.get(f"despite_{name}")) for name in Despite._fields})


ASKING = Despite()  # about everything


class Hindered(NamedTuple):
    """How many of some tickets would be left as they are."""

    checklists: int = 0
    parts: int = 0


def require_solvable(actor: Actor, ticket: Ticket, despite: Despite = ASKING) -> None:
    """Raises Invalid in words: ``incomplete``, ``open_items`` or ``open_parts``; and Forbidden for
    one who may not solve despite a checklist."""
    if not is_held_to_rules(actor):
        return
    refused = find_hindrance(ticket, despite)
    if refused is not None:
        raise refused
    if despite.checklists and not actor.can(permissions.OVERRIDE) and list_open_items(ticket):
        raise Forbidden(_("Your role does not allow this. An administrator can change that."))


def find_hindrance(ticket: Ticket, despite: Despite = ASKING) -> Invalid | None:
    """The first thing that is not done, whoever asks. Reads only."""
    if missing := list_missing(ticket, "solving"):
        return words_of_missing(missing, "solving")
    return find_undone(ticket, despite)


def find_undone(ticket: Ticket, despite: Despite = ASKING) -> Invalid | None:
    """Of required checklists and parts alone."""
    if not despite.checklists and (left := list_open_items(ticket)):
        return _words_of_items(left)
    if not despite.parts and (numbers := _open_parts(ticket.pk)):
        return _words_of_parts(numbers)
    return None


def count_hindered(actor: Actor, ticket_ids: Sequence[int]) -> Hindered:
    """How many of these that this one sees have open required items, and how many open parts."""
    items: set[int] = set()
    parts: set[int] = set()
    for at in range(0, len(ticket_ids), _ASKED):
        asked = Ticket.objects.visible_to(actor).filter(pk__in=ticket_ids[at : at + _ASKED])
        open_items = ChecklistItem.objects.standing().filter(
            checklist__ticket__in=asked, checklist__is_required=True, done_at__isnull=True
        )
        items |= set(open_items.values_list("checklist__ticket_id", flat=True))
        parts |= set(_open_links().filter(other__in=asked).values_list("other_id", flat=True))
    return Hindered(len(items), len(parts))


def parts_first(ticket_ids: Sequence[int]) -> list[int]:
    """The same ids, each whole after those of its parts that are among them: what is solved
    together asks about nothing that is solved with it."""
    wholes: dict[int, int] = {}
    for at in range(0, len(ticket_ids), _ASKED):
        links = TicketLink.objects.filter(kind="child", ticket__in=ticket_ids[at : at + _ASKED])
        wholes |= dict(links.values_list("ticket_id", "other_id"))
    depth = dict.fromkeys(ticket_ids, 0)
    for part in ticket_ids:
        above, height = wholes.get(part), 1
        while above is not None and height <= len(wholes):
            if above in depth:
                depth[above] = max(depth[above], height)
            above, height = wholes.get(above), height + 1
    return sorted(ticket_ids, key=depth.__getitem__)


def _words_of_items(left: Sequence[ChecklistItem]) -> Invalid:
    named = "; ".join(item.label_now() for item in left[:_NAMED]) + (
        "…" if len(left) > _NAMED else ""
    )
    return Invalid(
        _("Not done yet: %(items)s") % {"items": named},
        code="open_items",
        fields={f"item-{item.pk}": item.label_now() for item in left},
    )


def _words_of_parts(numbers: Sequence[int]) -> Invalid:
    shown = list(numbers[:_NAMED])
    more = "…" if len(numbers) > _NAMED else ""
    words = ngettext(
        "%(count)d part of it is still open: %(numbers)s.",
        "%(count)d parts of it are still open: %(numbers)s.",
        len(numbers),
    )
    named = ", ".join(f"№\u00a0{number}" for number in shown) + more
    return Invalid(
        words % {"count": len(numbers), "numbers": named},
        code="open_parts",
        fields={"parts": shown},
    )


def list_open_parts(ticket: Ticket) -> list[int]:
    """Ids of parts that are open, by number."""
    rows = _open_links().filter(other=ticket.pk).order_by("ticket__number")
    return list(rows.values_list("ticket_id", flat=True)[:_MOST_PARTS])


@spelt_once
def _open_parts(ticket_id: int) -> Iterable[int]:
    rows = _open_links().filter(other=ticket_id).order_by("ticket__number")
    return rows.values_list("ticket__number", flat=True)[:_MOST_PARTS]


def _open_links() -> QuerySet[TicketLink]:
    return TicketLink.objects.filter(
        kind="child",
        ticket__merged_into__isnull=True,
        ticket__trashed_at__isnull=True,
        ticket__status__kind__in=UNFINISHED,
    )
