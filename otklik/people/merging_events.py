"""What happens to two people who may be one."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("person.merged")
@dataclass(frozen=True, slots=True)
class PersonMerged:
    """``gone_id`` was found to be the same human as ``person_id`` and is nobody of their own."""

    person_id: int
    gone_id: int
    merge_id: int


@event("person.unmerged")
@dataclass(frozen=True, slots=True)
class PersonUnmerged:
    """A merge is taken back: ``gone_id`` is somebody of their own again."""

    person_id: int
    gone_id: int
    merge_id: int


@event("person.told_apart")
@dataclass(frozen=True, slots=True)
class TwinsToldApart:
    """``person_id`` and ``other_id`` look like one and are two."""

    person_id: int
    other_id: int


@event("person.twins_recalled")
@dataclass(frozen=True, slots=True)
class TwinsRecalled:
    """What was said of the two is taken back: they may be one."""

    person_id: int
    other_id: int


@event("person.requests_shared")
@dataclass(frozen=True, slots=True)
class PersonRequestsShared:
    """Staff vouches that the two are one: in the portal, each address shows all their requests."""

    person_id: int
    gone_id: int
    merge_id: int
