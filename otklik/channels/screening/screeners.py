"""Who looks at a new ticket for spam. Rooms above and plug-ins register theirs when they start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from otklik.tickets.models import Message, Ticket


@dataclass(frozen=True, slots=True)
class Finding:
    """That something is spam, and why. ``kind`` words, filter and list have sentences of their own;
    any other is shown by ``facts["text"]``. ``score`` is 0 to 1."""

    kind: str
    score: float = 1.0
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_reason(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.facts}


# Reads rows and nothing else: no network, no file. None: it has nothing to say.
Screener = Callable[[Ticket, Message], Finding | None]
_screeners: dict[str, Screener] = {}


def register_screener(name: str, screener: Screener) -> None:
    _screeners[name] = screener


def list_screeners() -> list[Screener]:
    return list(_screeners.values())
