"""Words of the language that are no condition: both languages are understood everywhere."""

from __future__ import annotations

import re
from functools import cache

from otklik.kit.text import sort_key

# The first of each is how it is written; English and Russian.
_KEYWORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "me": {"en": ("me", "my", "mine"), "ru": ("мне", "я", "меня", "мой", "моя", "мои", "моё")},
    "none": {"en": ("none", "nobody"), "ru": ("нет", "никто", "никому", "пусто")},
    "any": {"en": ("any", "anybody"), "ru": ("есть", "любой", "любая")},
    "yes": {"en": ("yes", "true"), "ru": ("да",)},
    "no": {"en": ("no", "false"), "ru": ("нет",)},
    "now": {"en": ("now",), "ru": ("сейчас",)},
    "or": {"en": ("or",), "ru": ("или",)},
}
# Minutes of each; the first of each language is how it is written.
_UNITS: dict[int, dict[str, tuple[str, ...]]] = {
    7 * 24 * 60: {"en": ("w", "week", "weeks"), "ru": ("нед", "н", "недель", "недели", "неделя")},
    24 * 60: {"en": ("d", "day", "days"), "ru": ("д", "дн", "дня", "дней", "день", "сут")},
    60: {"en": ("h", "hour", "hours"), "ru": ("ч", "час", "часа", "часов")},
    1: {"en": ("m", "min", "minutes"), "ru": ("м", "мин", "минут", "минуты")},
}
_DURATION = re.compile(r"([+-]?)(\d{1,7})([^\W\d]{1,10})\Z")


def keyword(name: str, language: str) -> str:
    words = _KEYWORDS[name]
    return words.get(language, words["en"])[0]


def is_keyword(name: str, text: str) -> bool:
    return sort_key(text) in _folded(name)


def any_keyword(text: str) -> bool:
    return any(is_keyword(name, text) for name in _KEYWORDS)


@cache
def _folded(name: str) -> frozenset[str]:
    return frozenset(sort_key(word) for words in _KEYWORDS[name].values() for word in words)


def read_duration(text: str) -> tuple[str, int] | None:
    """Its sign ("", "+", "-") and minutes; None for anything else."""
    if is_keyword("now", text):
        return ("+", 0)
    found = _DURATION.match(text)
    if not found:
        return None
    minutes = _minutes().get(sort_key(found.group(3)))
    return None if minutes is None else (found.group(1), int(found.group(2)) * minutes)


def spell_duration(minutes: int, language: str) -> str:
    for size, words in _UNITS.items():
        if minutes % size == 0:
            return f"{minutes // size}{words.get(language, words['en'])[0]}"
    raise AssertionError


@cache
def _minutes() -> dict[str, int]:
    return {
        sort_key(word): size
        for size, words in _UNITS.items()
        for several in words.values()
        for word in several
    }
