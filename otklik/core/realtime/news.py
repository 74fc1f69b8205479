"""What is to be told of a topic: many changes become one, the newest."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class News:
    """``about``: ids of the things in the topic that changed, None where that is not known;
    ``moves``: whether it may now show other things, or in another order. ``at``: monotonic moment
    when the newest was heard here."""

    version: int | None = None
    event: int | None = None
    about: frozenset[int] | None = None
    moves: bool = True
    at: float = field(default_factory=time.monotonic)

    def after(self, older: News | None) -> News:
        """Both as one."""
        if older is None:
            return self
        about = None
        if self.about is not None and older.about is not None:
            about = self.about | older.about
            about = about if len(about) <= MOST_NAMED else None
        event = max(self.event or 0, older.event or 0) or None
        return News(self.version, event, about, self.moves or older.moves, self.at)


def read_news(message: dict[str, Any]) -> News:
    """A message of `wire` about one topic."""
    about = message.get("about")
    return News(
        message.get("version"),
        message.get("event"),
        frozenset({about}) if isinstance(about, int) else None,
        message.get("moves") is not False,
    )
