"""What happens to the things agents work with. Ids alone."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("canned_reply.created")
@dataclass(frozen=True, slots=True)
class CannedReplyCreated:
    canned_reply_id: int
    scope: str


@event("canned_reply.changed")
@dataclass(frozen=True, slots=True)
class CannedReplyChanged:
    """``fields`` are the names of what changed."""

    canned_reply_id: int
    fields: tuple[str, ...]


@event("canned_reply.removed")
@dataclass(frozen=True, slots=True)
class CannedReplyRemoved:
    canned_reply_id: int


@event("canned_reply.restored")
@dataclass(frozen=True, slots=True)
class CannedReplyRestored:
    canned_reply_id: int
