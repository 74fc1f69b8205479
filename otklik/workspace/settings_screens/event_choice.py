"""Choosing one of the nearly two hundred kinds of events by its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.utils.translation import override

from otklik.core.events.registry import group_of, list_types, words_of
from otklik.kit.text import sort_key, swap_layout, tokenise

_LEAST_SWAPPED = 3
MOST = 200  # characters of what is typed that are looked at


@dataclass(frozen=True, slots=True)
class EventChoice:
    """``group`` and ``words`` are in the language that is active."""

    name: str
    words: str
    group: str


def list_events(typed: str = "") -> list[EventChoice]:
    """By group and words, those that begin so first. What is typed begins words of its name, its
    group or its code, in any language of the desk and either layout of the keyboard; nothing typed
    is all of them."""
    asked = [tuple(tokenise(text)) for text in _layouts(typed[:MOST].strip())]
    found = [
        EventChoice(each.name, words_of(each.name), group_of(each.name))
        for each in list_types()
        if not typed.strip() or any(_fits(each.name, words) for words in asked)
    ]
    key = sort_key(typed, MOST)
    return sorted(found, key=lambda one: (sort_key(one.group), *_place(sort_key(one.words), key)))


def find_event(typed: str) -> str:
    """The code of what is named by it, by its whole words, or by the only one that fits; "" for
    none and for several."""
    key = sort_key(typed, MOST)
    names = [each.name for each in list_types()]
    if typed in names:
        return typed
    exact = {name for name in names for words in _spellings(name) if sort_key(words) == key}
    fitting = exact or {one.name for one in list_events(typed)}
    return fitting.pop() if len(fitting) == 1 else ""


def by_group(found: Iterable[EventChoice]) -> list[tuple[str, Sequence[EventChoice]]]:
    return [(group, list(rows)) for group, rows in groupby(found, key=lambda one: one.group)]


def _place(words: str, typed: str) -> tuple[bool, str]:
    return not words.startswith(typed), words


def _layouts(typed: str) -> list[str]:
    return [typed, swap_layout(typed)] if len(typed) >= _LEAST_SWAPPED else [typed]


def _fits(name: str, asked: tuple[str, ...]) -> bool:
    known = [word for text in (*_spellings(name, grouped=True), name) for word in tokenise(text)]
    return bool(asked) and all(any(word.startswith(one) for word in known) for one in asked)


def _spellings(name: str, *, grouped: bool = False) -> list[str]:
    found = []
    for code, _language in settings.LANGUAGES:
        with override(code):
            found.append(f"{group_of(name)} {words_of(name)}" if grouped else words_of(name))
    return found
