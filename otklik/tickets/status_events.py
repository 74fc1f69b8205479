"""What happens to the statuses themselves, and what solving passed over; else see `events`."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("status.created")
@dataclass(frozen=True, slots=True)
class StatusCreated:
    status_id: int
    kind: str


@event("status.retired")
@dataclass(frozen=True, slots=True)
class StatusRetired:
    """It is offered no more; tickets that have it keep it."""

    status_id: int


@event("status.revived")
@dataclass(frozen=True, slots=True)
class StatusRevived:
    status_id: int


@event("status.steps_set")
@dataclass(frozen=True, slots=True)
class StatusStepsSet:
    """``to``: the statuses that may follow; empty: any."""

    status_id: int
    to: tuple[int, ...]


@event("status.labelled")
@dataclass(frozen=True, slots=True)
class StatusLabelled:
    """What a status is called has changed; what it means never does."""

    status_id: int


@event("ticket.parts_overridden")
@dataclass(frozen=True, slots=True)
class PartsOverridden:
    """A whole was solved though ``open_parts`` of it were open, the first of which are
    ``part_ids``."""

    ticket_id: int
    open_parts: int
    part_ids: tuple[int, ...]
