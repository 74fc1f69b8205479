"""What a ticket is linked to, as one may see it, and how far its parts are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from otklik.core.access import Actor
from otklik.core.db.spelling import spelt_once
from otklik.tickets.actions.linking import OTHER_SIDE
from otklik.tickets.models import FINISHED, Ticket, TicketLink

MOST = 200


@dataclass(frozen=True, slots=True)
class Linked:
    """``kind`` says what the other one is to this ticket: parent, child, original, duplicate,
    related, follow_up, followed, split, source. ``stored`` is the kind of the row."""

    ticket: Ticket
    kind: str
    stored: str
    is_followed: bool = False


@dataclass(frozen=True, slots=True)
class Links:
    all: list[Linked] = field(default_factory=list)

    @property
    def children(self) -> list[Linked]:
        return [one for one in self.all if one.kind == "child"]

    @property
    def others(self) -> list[Linked]:
        return [one for one in self.all if one.kind != "child"]

    @property
    def solved(self) -> int:
        """How many of the parts are solved or closed."""
        return sum(one.ticket.status_kind in FINISHED for one in self.children)

    @property
    def open_children(self) -> list[Ticket]:
        return [one.ticket for one in self.children if one.ticket.status_kind not in FINISHED]


# A row says what its ticket is to the other; seen from the ticket, the other is the reverse.
_SEEN_FROM_TICKET = {**OTHER_SIDE, "follow_up": "followed", "split": "source"}
_ORDER = ("parent", "child", "original", "duplicate", "related")


def list_links(actor: Actor, ticket_id: int) -> Links:
    """In the order parent, parts, originals, duplicates, the rest; what was merged is shown by
    the ticket it went into. Two queries, one where nothing is linked."""
    found = _rows(ticket_id)
    if not found:
        return Links()
    ids = {pk for one, other, *_more in found for pk in (one, other)} - {ticket_id}
    rows = Ticket.objects.visible_to(actor).filter(pk__in=ids).select_related("status")
    tickets = {row.pk: row for row in rows if row.merged_into_id is None}
    seen: dict[tuple[int, str], Linked] = {}
    for one, other, kind, is_followed in found:
        is_from_here = one == ticket_id
        there = tickets.get(other if is_from_here else one)
        if there is None:
            continue
        word = _SEEN_FROM_TICKET.get(kind, kind) if is_from_here else kind
        seen.setdefault((there.pk, word), Linked(there, word, kind, is_followed))
    places = {word: place for place, word in enumerate(_ORDER)}
    order = sorted(seen.values(), key=lambda one: (places.get(one.kind, 9), one.ticket.number))
    return Links(order)


@spelt_once
def _rows(ticket_id: int) -> Iterable[tuple[int, int, str, bool]]:
    rows = TicketLink.objects.filter(Q(ticket=ticket_id) | Q(other=ticket_id)).order_by("id")
    return rows.values_list("ticket_id", "other_id", "kind", "is_followed")[:MOST]
