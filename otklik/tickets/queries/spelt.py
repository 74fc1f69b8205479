"""Pages of the lists that everybody opens, whose statements are spelt once.

The ORM takes longer to spell such a page than a database to read it. Only for who sees every
ticket: a statement that rights are part of would be one more for each agent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from otklik.core.access import SYSTEM, Actor
from otklik.core.db.spelling import in_steps, spelt_once
from otklik.kit.paging import keyset_order
from otklik.tickets.models import Ticket
from otklik.tickets.queries.filters import Filters, Sort
from otklik.tickets.queries.narrowing import list_tickets
from otklik.tickets.querysets import TicketQuerySet, sees_all

_BY_PERSON = frozenset({"mine", "followed"})
_BY_TEAMS = "team"
_BY_CLOCK = "solved"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is read of each ticket: ``columns`` and what the order needs, all of it without any."""

    columns: tuple[str, ...]
    sort: Sort

    def of(self, rows: TicketQuerySet) -> TicketQuerySet:
        if not self.columns:
            return rows.select_related(
                *("requester", "requester_identity", "organisation", "assignee__person"),
                *("team", "status", "brand"),
            )
        related = {name.partition("__")[0] for name in self.columns if "__" in name}
        return rows.select_related(*sorted(related)).only(*self.columns, self.sort.key)

    @property
    def order(self) -> tuple[str, str]:
        return keyset_order("next", self.sort.key, is_descending=self.sort.is_descending)


@dataclass(frozen=True, slots=True)
class _List:
    name: str
    shown: Shown
    most: int = 0


def first_of(actor: Actor, name: str, shown: Shown, most: int) -> list[Ticket]:
    """So many of a list in its order."""
    if not _is_spelt(actor, name):
        rows = shown.of(list_tickets(actor, Filters(list=name)))
        return list(rows.order_by(*shown.order)[:most])
    return _first(_List(name, shown, most), *_asked_by(actor, name))


def among(actor: Actor, filters: Filters, shown: Shown, ids: Sequence[int]) -> list[Ticket]:
    """Those of these that the filters leave, whatever its words are; in no order."""
    is_plain = replace(filters, q="", text="") == Filters(list=filters.list)
    if not ids or not is_plain or not _is_spelt(actor, filters.list):
        return list(shown.of(list_tickets(actor, filters)).filter(pk__in=ids))
    asked = _List(filters.list, shown)
    return _among(asked, *_asked_by(actor, filters.list), in_steps(ids))


def _is_spelt(actor: Actor, name: str) -> bool:
    return actor.is_staff and sees_all(actor) and name != _BY_CLOCK


def _asked_by(actor: Actor, name: str) -> tuple[int | None, tuple[int, ...]]:
    """What of the one who asks decides which tickets a list holds."""
    person = (actor.person_id or 0) if name in _BY_PERSON else None
    return person, tuple(sorted(actor.team_ids)) if name == _BY_TEAMS else ()


def _rows(asked: _List, person_id: int | None, team_ids: tuple[int, ...]) -> TicketQuerySet:
    actor = replace(SYSTEM, person_id=person_id, team_ids=frozenset(team_ids))
    return asked.shown.of(list_tickets(actor, Filters(list=asked.name)))


@spelt_once
def _first(asked: _List, person_id: int | None, team_ids: tuple[int, ...]) -> TicketQuerySet:
    return _rows(asked, person_id, team_ids).order_by(*asked.shown.order)[: asked.most]


@spelt_once
def _among(
    asked: _List, person_id: int | None, team_ids: tuple[int, ...], ids: tuple[int, ...]
) -> TicketQuerySet:
    return _rows(asked, person_id, team_ids).filter(pk__in=ids)
