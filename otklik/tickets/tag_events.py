"""What happens to tags as a whole, beside their names (`events`)."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("tag.restored")
@dataclass(frozen=True, slots=True)
class TagRestored:
    tag_id: int


@event("tag.merged")
@dataclass(frozen=True, slots=True)
class TagMerged:
    """It is another spelling of ``into_id`` from now on; tickets follow in the background."""

    tag_id: int
    into_id: int


@event("tag.unmerged")
@dataclass(frozen=True, slots=True)
class TagUnmerged:
    tag_id: int
    from_id: int
