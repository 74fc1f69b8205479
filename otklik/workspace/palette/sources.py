"""What the palette finds in: sources in a fixed order, each bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from otklik.core.access import Actor
from otklik.kit.text import normalise, swap_layout, tokenise
from otklik.tickets.models import Ticket

MAX_QUERY = 200
_LEAST_SWAPPED = 3
PREFIXES = {">": "acts", "@": "people", "#": "tickets"}


@dataclass(frozen=True)
class Asked:
    """What is typed, by whom, and beside which ticket. ``only`` is the kind its first character
    chooses (``PREFIXES``), "" for all."""

    actor: Actor
    text: str = ""
    ticket: Ticket | None = None
    only: str = ""

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(tokenise(self.text))

    @cached_property
    def swapped(self) -> str:
        """What was meant when the keyboard's layout was the other one; "" for a few letters, which
        would mean anything."""
        return swap_layout(self.text) if len(self.text) >= _LEAST_SWAPPED else ""

    @cached_property
    def _swapped_words(self) -> tuple[str, ...]:
        return tuple(tokenise(self.swapped))

    def fits(self, *labels: str) -> bool:
        """Whether each word typed begins a word of the labels, in either layout; nothing typed
        fits nothing."""
        known = [word for label in labels for word in tokenise(label)]
        return any(
            words and all(any(word.startswith(asked) for word in known) for asked in words)
            for words in (self.words, self._swapped_words)
        )

    def marked(self, label: str) -> SafeString:
        """The label with the beginnings of words that were typed, escaped."""
        return mark(label, (*self.words, *self._swapped_words))


@dataclass(frozen=True, slots=True)
class Item:
    """One line. ``url`` opens, or with ``fields`` is posted to. ``icon`` is markup."""

    label: SafeString | str
    url: str
    icon: SafeString
    detail: str = ""
    key: str = ""
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    label: str
    items: list[Item]
    creates: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """``find(asked)`` yields items, the best first, in a few bounded queries. ``kind`` is one of
    "tickets", "people", "views", "settings", "acts" or one's own; ``order`` its place. What
    ``creates`` something new stands below all that there is already."""

    name: str
    kind: str
    label: str | Promise
    find: Callable[[Asked], Iterator[Item]]
    order: int
    limit: int = 6
    titled: Callable[[Asked], str] | None = field(default=None)
    creates: bool = False


_sources: dict[str, Source] = {}


def register_source(source: Source) -> None:
    _sources[source.name] = source


def read_asked(actor: Actor, typed: str, ticket: Ticket | None = None) -> Asked:
    text = typed[:MAX_QUERY].strip()
    only = PREFIXES.get(text[:1], "")
    return Asked(actor, text[1:].strip() if only else text, ticket, only)


def find(asked: Asked) -> list[Group]:
    """The groups that hold anything, in their order."""
    groups = []
    for source in sorted(_sources.values(), key=lambda each: (each.creates, each.order)):
        if asked.only and source.kind != asked.only:
            continue
        items = []
        for item in source.find(asked):
            items.append(item)
            if len(items) == source.limit:
                break
        if items:
            words = source.titled(asked) if source.titled else str(source.label)
            groups.append(Group(source.name, words, items, source.creates))
    return groups


_WORD = re.compile(r"\w+")


def mark(label: str, words: tuple[str, ...]) -> SafeString:
    """``label`` escaped, with ``<mark>`` around what was typed at the beginnings of its words."""
    parts: list[str] = []
    at = 0
    for match in _WORD.finditer(label):
        folded = normalise(match.group())
        hit = max((len(word) for word in words if folded.startswith(word)), default=0)
        if hit and len(folded) == len(match.group()):
            parts.append(escape(label[at : match.start()]))
            end = match.start() + hit
            parts.append(format_html("<mark>{}</mark>", label[match.start() : end]))
            at = end
    parts.append(escape(label[at:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped
