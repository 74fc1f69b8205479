"""Who acts, with which rights, and why: one value that travels with every action."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class ActorKind(StrEnum):
    AGENT = "agent"
    CUSTOMER = "customer"
    BOT = "bot"
    RULE = "rule"
    TOKEN = "token"
    SYSTEM = "system"
    NOBODY = "nobody"


class Origin(StrEnum):
    """Where a change comes from. Only ``live`` is heard unless a listener says otherwise."""

    LIVE = "live"
    IMPORT = "import"
    DEMO = "demo"
    TRIAL = "trial"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts. Rights are read when it is built; it is never stored, only its ids are.

    ``id`` is the person's id for agents and customers, the token's for tokens. ``scopes`` are
    scope keys (``public``, ``staff``, ``team:3``, ``org:7``, ``person:9``): what this one may see.
    ``cause``, ``depth`` and ``operation`` tie what follows to the event and operation behind it.
    """

    kind: ActorKind
    id: int | None = None
    name: str = ""
    person_id: int | None = None
    user_id: int | None = None
    permissions: frozenset[str] = frozenset()
    scopes: frozenset[str] = field(default_factory=lambda: frozenset({"public"}))
    team_ids: frozenset[int] = frozenset()
    language: str = ""
    # Set by a channel's intake, which has decided itself what this one may touch.
    is_let_in: bool = False
    origin: Origin = Origin.LIVE
    cause: int | None = None
    depth: int = 0
    operation: int | None = None

    def can(self, permission: str) -> bool:
        """The desk itself may do everything; anybody else what their roles say."""
        return self.kind is ActorKind.SYSTEM or permission in self.permissions

    @property
    def is_staff(self) -> bool:
        return self.kind is ActorKind.SYSTEM or "staff" in self.scopes

    def within(self, operation: int) -> Actor:
        """The same one, acting as part of an operation that can be undone."""
        return replace(self, operation=operation)

    def coming_from(self, origin: Origin) -> Actor:
        return replace(self, origin=origin)


SYSTEM = Actor(kind=ActorKind.SYSTEM, scopes=frozenset({"public", "staff"}))
NOBODY = Actor(kind=ActorKind.NOBODY)
