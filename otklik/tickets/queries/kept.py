"""Queries that a room above keeps under an id, so that lists of programs can name them too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from otklik.core.access import Actor
from otklik.core.vocabulary import Match
from otklik.tickets.queries.filters import Filters


@dataclass(frozen=True, slots=True)
class Kept:
    match: Match
    words: str = ""
    sort: str = ""


Find = Callable[[Actor, int], Kept]
_finders: list[Find] = []


def register_kept(find: Find) -> None:
    """``find(actor, id)`` raises Missing for what is not there or not theirs to see."""
    if find not in _finders:
        _finders.append(find)


def within(actor: Actor, filters: Filters, pk: int) -> tuple[Filters, str]:
    """The filters over what a kept query finds, and the order it is kept in. Raises Missing."""
    kept = _finders[0](actor, pk)
    words = f"{filters.q} {kept.words}".strip()[:300]
    match = None if kept.match.is_empty else kept.match
    return replace(filters, q=words, within=match), kept.sort
