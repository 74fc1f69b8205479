"""Filling letters: ``{{ ticket.number }}``, ``{{brand.name|us}}``, as plain text and as HTML.

The syntax is that of `core.vocabulary`, where placeholders are resolved from things; here each
text says which values it gets, and the same words make both faces of a letter. No logic.

A line whose placeholders all turn out empty is left out with them, so that a letter without a
promised time has no half sentence. Values are escaped for where they land; only links that the
text itself or a placeholder of kind LINK brings become clickable, never one inside a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

from otklik.kit.text import clean_line, clean_text

# One pass, no nesting, bounded repetitions: linear in the text whatever it holds.
_PLACEHOLDER = re.compile(
    r"\{\{[ \t\u00a0]{0,9}([a-z][a-z0-9_]{0,40}(?:\.[a-z][a-z0-9_]{0,40})?)[ \t\u00a0]{0,9}"
    r"(?:\|([^{}\n]{0,200}))?\}\}"
)
_FALLBACK = re.compile(r"\{\{[^{}]*\|[^{}]*\}\}")
# Where a value goes while the words around it are escaped; nobody's text may hold these.
_MARK = re.compile("\ue000([0-9]+)\ue001")
_PRIVATE = re.compile("[\ue000\ue001]")
_URL = re.compile("https?://[^\\s<>\"'\ue000\ue001]{1,2000}")
_MOMENT = {"en": "d MMMM, HH:mm", "ru": "d MMMM, HH:mm"}
_LONGEST_LINE = 300
_LONGEST_TEXT = 20_000


class Kind(StrEnum):
    LINE = "line"  # one line of text
    TEXT = "text"  # several lines
    LINK = "link"  # an absolute URL of ours
    MOMENT = "moment"  # an aware datetime
    DURATION = "duration"  # a timedelta
    RICH = "rich"  # a `Rich`: a message that was made safe already


@dataclass(frozen=True, slots=True)
class Rich:
    """The same content twice; ``html`` is sanitised."""

    text: str
    html: str


def names_in(template: str) -> list[str]:
    """The placeholders a text uses, each once, in order."""
    return list(dict.fromkeys(found[1] for found in _PLACEHOLDER.finditer(template)))


def flatten(context: Mapping[str, Any]) -> dict[str, Any]:
    """``{"ticket": {"number": 1}}`` → ``{"ticket.number": 1}``."""
    flat: dict[str, Any] = {}
    for name, value in context.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = value
    return flat


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills templates with one context for one reader. Names not in ``kinds`` come out empty."""

    kinds: Mapping[str, Kind]
    context: Mapping[str, Any]
    language: str
    zone: str = "UTC"

    def line(self, template: str) -> str:
        """One line, for a subject."""
        return clean_line(_fill(template, self._text), 200)

    def text(self, template: str) -> str:
        kept = self._kept(template)
        return _tidy(_fill(kept, self._text))

    def html(self, template: str) -> str:
        """Paragraphs and line breaks; no styles, the letter's frame brings those."""
        kept = self._kept(template)
        names = [name for name in names_in(kept) if self._text(name)]
        marks = {name: f"\ue000{number}\ue001" for number, name in enumerate(names)}
        marked = _fill(kept, lambda name: marks.get(name, ""))
        paragraphs = []
        for block in _tidy(marked).split("\n\n"):
            words = _linked(block)
            filled = _MARK.sub(lambda found: self._html(names[int(found[1])]), words)
            alone = _MARK.fullmatch(block)
            is_rich = alone is not None and self.kinds[names[int(alone[1])]] is Kind.RICH
            if filled:
                paragraphs.append(filled if is_rich else f"<p>{filled}</p>")
        return "\n".join(paragraphs)

    def _kept(self, template: str) -> str:
        """The template without lines that would say nothing."""
        lines = _PRIVATE.sub("", clean_text(template)).split("\n")
        return "\n".join(line.rstrip() for line in lines if self._says_something(line))

    def _says_something(self, line: str) -> bool:
        names = names_in(line)
        return not names or bool(_FALLBACK.search(line)) or any(map(self._text, names))

    def _text(self, name: str) -> str:
        kind, value = self.kinds.get(name), self.context.get(name)
        if kind is None or value is None:
            return ""
        if kind is Kind.MOMENT:
            return moment_words(value, self.language, self.zone)
        if kind is Kind.DURATION:
            return str(format_timedelta(value, locale=_tongue(self.language)))
        if kind is Kind.RICH:
            return str(value.text)
        if kind is Kind.TEXT:
            return clean_text(str(value))[:_LONGEST_TEXT].strip()
        return clean_line(str(value), _LONGEST_LINE if kind is Kind.LINE else None)

    def _html(self, name: str) -> str:
        kind = self.kinds.get(name)
        if kind is Kind.RICH and self.context.get(name) is not None:
            return f"<div>{self.context[name].html}</div>"
        text = self._text(name)
        if kind is Kind.LINK and _URL.fullmatch(text):
            return f'<a href="{escape(text)}">{escape(text)}</a>'
        return escape(text).replace("\n", "<br>")


def moment_words(at: datetime, language: str, zone: str) -> str:
    """“24 November, 12:30 (UTC+3)”: an aware time as a reader far away understands it."""
    local = at.astimezone(ZoneInfo(zone))
    tongue = _tongue(language)
    offset = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, minutes = divmod(abs(offset), 60)
    sign = "−" if offset < 0 else "+"
    mark = f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "") if offset else "UTC"
    return f"{format_datetime(local, _MOMENT[tongue], locale=tongue)} ({mark})"


def _fill(template: str, value_of: Callable[[str], str]) -> str:
    """Each placeholder's value, else its fall-back, else nothing."""
    return _PLACEHOLDER.sub(lambda found: value_of(found[1]) or (found[2] or "").strip(), template)


def _linked(block: str) -> str:
    """Escape the words and link the URLs among them; marks stay as they are."""
    parts = []
    position = 0
    for found in _URL.finditer(block):
        parts.append(escape(block[position : found.start()]))
        url = escape(found[0])
        parts.append(f'<a href="{url}">{url}</a>')
        position = found.end()
    parts.append(escape(block[position:]))
    return "".join(parts).replace("\n", "<br>\n")


def _tidy(text: str) -> str:
    """No run of empty lines where one was left out."""
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _tongue(language: str) -> str:
    """The language times are told in: English where we know no better."""
    return language if language in _MOMENT else "en"
