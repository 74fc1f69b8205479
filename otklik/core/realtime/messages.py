"""What a page may say over its socket; anything else ends the talk."""

from __future__ import annotations

import json
from dataclasses import dataclass

from otklik.core.realtime.presence import is_doing

MOST_PLACES = 10


@dataclass(frozen=True, slots=True)
class Message:
    """``subscribe`` names all that the page shows now (topic → version), ``since`` the last event
    it knows; ``age``, when it knows none: how many seconds ago it was drawn. ``here``: all places
    its person is in (topic → what they do; None: as before)."""

    subscribe: dict[str, int | None]
    unsubscribe: list[str]
    since: int | None
    age: int | None
    here: dict[str, str] | None


def read_page(text: str) -> Message | None:
    """None for what is no message of ours."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    subscribe, unsubscribe = message.get("subscribe", {}), message.get("unsubscribe", [])
    since, age, here = message.get("since"), message.get("age"), message.get("here")
    if not isinstance(subscribe, dict) or not isinstance(unsubscribe, list):
        return None
    is_sane = all(_is_id(value) for value in (*subscribe.values(), since, age)) and all(
        isinstance(topic, str) for topic in unsubscribe
    )
    if not is_sane or not _are_places(here):
        return None
    return Message(subscribe, unsubscribe, since, age, here)


def _are_places(here: object) -> bool:
    if here is None:
        return True
    is_short = isinstance(here, dict) and len(here) <= MOST_PLACES
    return is_short and all(is_doing(doing) for doing in here.values())  # type: ignore[attr-defined]


def _is_id(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63
