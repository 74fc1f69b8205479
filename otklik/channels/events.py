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


@event("message.bounced")
@dataclass(frozen=True, slots=True)
class MessageBounced:
    """A delivery report said what became of a letter of ours for one address. ``kind`` is a
    `contract.BounceKind`, ``status`` a code of RFC 3463 or empty."""

    ticket_id: int
    message_id: int
    identity_id: int
    kind: str
    status: str = ""


@event("sender.blocked")
@dataclass(frozen=True, slots=True)
class SenderBlocked:
    """From an address or domain nothing is taken any more."""

    blocked_id: int


@event("sender.unblocked")
@dataclass(frozen=True, slots=True)
class SenderUnblocked:
    blocked_id: int
