"""What happens at the door."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("quarantine.resolved")
@dataclass(frozen=True, slots=True)
class QuarantineResolved:
    """An administrator let a message in, or decided that nobody needs it."""

    quarantined_id: int
    resolution: str


@event("account.routed")
@dataclass(frozen=True, slots=True)
class AccountRouted:
    """Another team gets what new talks through this account open; None: nobody's team."""

    account_id: int
    team_id: int | None = None
