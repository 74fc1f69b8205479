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


@event("macro.created")
@dataclass(frozen=True, slots=True)
class MacroCreated:
    macro_id: int
    scope: str


@event("macro.changed")
@dataclass(frozen=True, slots=True)
class MacroChanged:
    macro_id: int
    fields: tuple[str, ...]


@event("macro.removed")
@dataclass(frozen=True, slots=True)
class MacroRemoved:
    macro_id: int


@event("macro.restored")
@dataclass(frozen=True, slots=True)
class MacroRestored:
    macro_id: int


@event("macro.run")
@dataclass(frozen=True, slots=True)
class MacroRun:
    """By hand, on one ticket; what it changed is told by events of the same operation."""

    macro_id: int
    ticket_id: int


@event("script.created")
@dataclass(frozen=True, slots=True)
class ScriptCreated:
    script_id: int
    scope: str


@event("script.changed")
@dataclass(frozen=True, slots=True)
class ScriptChanged:
    script_id: int
    fields: tuple[str, ...]


@event("script.removed")
@dataclass(frozen=True, slots=True)
class ScriptRemoved:
    script_id: int


@event("script.restored")
@dataclass(frozen=True, slots=True)
class ScriptRestored:
    script_id: int


@event("script.finished")
@dataclass(frozen=True, slots=True)
class ScriptFinished:
    """Its answers are in the ticket now; what they changed is told by the same operation."""

    script_id: int
    ticket_id: int
    answers: int


@event("view.created")
@dataclass(frozen=True, slots=True)
class ViewCreated:
    view_id: int
    scope: str


@event("view.changed")
@dataclass(frozen=True, slots=True)
class ViewChanged:
    """``fields`` are the names of what changed."""

    view_id: int
    fields: tuple[str, ...]


@event("view.removed")
@dataclass(frozen=True, slots=True)
class ViewRemoved:
    view_id: int


@event("view.restored")
@dataclass(frozen=True, slots=True)
class ViewRestored:
    view_id: int
