"""What either database gives of a document that fits, before it is weighed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from otklik.core.search.query import Query

# Its time as the database has it (compared, never read), its object, its row, its title.
Candidate = tuple[Any, int, int, str]
# Of a title, characters: as many as are weighed.
LONGEST_TITLE = 4000


@dataclass(frozen=True, slots=True)
class Wanted:
    """``most`` of the newest are looked at, and as many of the newest whose title alone fits;
    ``enough`` is how many of the best are asked for."""

    kind: str
    scopes: Sequence[str]
    query: Query
    most: int
    enough: int

    @property
    def is_one_word(self) -> bool:
        """Then one in a title is worth more than all that a body can have of it."""
        return len(self.query.terms) == 1


def joined(first: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
    known = {row[2] for row in first}
    return [*first, *(row for row in more if row[2] not in known)]
