"""What a page may say over its socket; anything else ends the talk."""

from __future__ import annotations

import json
from dataclasses import dataclass

from otklik.core.realtime.presence import is_doing

MOST_PLACES = 10
MOST_PARTS = 300
_LONGEST = 4000
_SHORT = 64
_WORDS = ("topic", "address", "language", "zone")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A page asks for what changed of one of its topics: `topics.Wish`, as the page words it.
    ``is_apart``: it takes the piece as it is; a page of the version before, as JSON. ``is_plain``:
    what moves nothing brings this list nothing that it does not show."""

    topic: str
    address: str
    language: str
    zone: str
    has: dict[str, str]
    is_apart: bool = False
    is_plain: bool = False


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
    draw: Drawing | None = None


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
    draw = _drawing(message["draw"]) if "draw" in message else None
    if not is_sane or not _are_places(here) or (draw is None and "draw" in message):
        return None
    return Message(subscribe, unsubscribe, since, age, here, draw)


def _drawing(asked: object) -> Drawing | None:
    if not isinstance(asked, dict):
        return None
    topic, address, language, zone = (asked.get(name) for name in _WORDS)
    has = asked.get("has", {})
    if not all(_is_text(word, _LONGEST) for word in (topic, address, language, zone)):
        return None
    if not isinstance(has, dict) or len(has) > MOST_PARTS:
        return None
    if not all(_is_text(part, _SHORT) for pair in has.items() for part in pair):
        return None
    flags = asked.get("apart") is True, asked.get("plain") is True
    return Drawing(str(topic), str(address), str(language), str(zone), has, *flags)


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest


def _are_places(here: object) -> bool:
    if here is None:
        return True
    is_short = isinstance(here, dict) and len(here) <= MOST_PLACES
    return is_short and all(is_doing(doing) for doing in here.values())  # type: ignore[attr-defined]


def _is_id(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63
