"""From text to terms: one pass, no look-back, every size bounded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from otklik.core.vocabulary.language.keywords import is_keyword
from otklik.core.vocabulary.language.problems import QueryProblem

MAX_QUERY = 1000
_MAX_VALUES = 50
_QUOTES = {'"': '"', "«": "»", "“": "”", "„": "“"}
_NAME = re.compile(r"([^\W\d][\w.]{0,60})(>=|<=|:|=|<|>)")


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    is_quoted: bool
    has_star: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """A condition with its values, or a word to search for (``name`` is "" then)."""

    name: str
    operator: str
    values: tuple[Value, ...]
    is_negated: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """``groups`` are alternatives of each other; one of one term simply holds."""

    groups: tuple[tuple[Term, ...], ...]


class Scanner:
    def __init__(self, text: str, is_name: Callable[[str], bool]) -> None:
        """``is_name`` tells names of conditions from words that merely have a colon."""
        self.text, self.at, self.depth, self.is_name = text, 0, 0, is_name

    def scan(self) -> Scanned:
        """Raises QueryProblem."""
        if len(self.text) > MAX_QUERY:
            words = _("A query is at most %(count)d characters.") % {"count": MAX_QUERY}
            raise QueryProblem(words, MAX_QUERY, len(self.text))
        groups: list[list[Term]] = []
        joins = False
        opened = 0
        while self._skip():
            start, char = self.at, self.text[self.at]
            if char == "(" and not self.depth:
                self.depth, opened, self.at, joins = 1, start, self.at + 1, False
                groups.append([])
                continue
            if char == ")" and self.depth:
                if joins or not groups[-1]:
                    raise QueryProblem(_("Something is missing before this."), start, start + 1)
                self.depth, self.at = 0, self.at + 1
                continue
            term = self._term()
            if self._is_or(term):
                if joins or not groups or not groups[-1]:
                    raise QueryProblem(_("“or” stands between two conditions."), start, self.at)
                joins = True
            elif joins:
                groups[-1].append(term)
                joins = False
            elif self.depth and groups[-1]:
                words = _("Inside brackets conditions are joined by “or”.")
                raise QueryProblem(words, start, self.at)
            elif self.depth:
                groups[-1].append(term)
            else:
                groups.append([term])
        if joins:
            raise QueryProblem(_("“or” stands between two conditions."), self.at - 2, self.at)
        if self.depth:
            raise QueryProblem(_("This bracket is not closed."), opened, opened + 1)
        return Scanned(tuple(tuple(group) for group in groups))

    def value(self) -> Value:
        """The whole text as one value. Raises QueryProblem."""
        close = _QUOTES.get(self.text[:1])
        if close is not None:
            return self._quoted(0, close)
        return Value(self.text, False, False, 0, len(self.text))

    def _is_or(self, term: Term) -> bool:
        value = term.values[0]
        is_bare = not (term.name or term.is_negated or value.is_quoted)
        return is_bare and is_keyword("or", value.text)

    def _skip(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def _term(self) -> Term:
        start = self.at
        after = self.text[start + 1 : start + 2]
        is_negated = self.text[start] == "-" and bool(after) and not after.isspace()
        self.at += is_negated
        found = _NAME.match(self.text, self.at)
        if found and self._names_something(found):
            self.at = found.end()
            values = self._values()
            return Term(found[1], found[2], values, is_negated, start, self.at)
        return Term("", "", (self._value(is_word=True),), is_negated, start, self.at)

    def _names_something(self, found: re.Match[str]) -> bool:
        """A word of a sentence ends with a colon, an address goes on with slashes."""
        rest = self.text[found.end() : found.end() + 2]
        if found[2] == ":" and rest == "//":
            return False
        return self.is_name(found[1]) or not (rest[:1].isspace() or not rest)

    def _values(self) -> tuple[Value, ...]:
        values = []
        while True:
            values.append(self._value(is_word=False))
            if len(values) > _MAX_VALUES:
                words = _("Say at most %(count)d values.") % {"count": _MAX_VALUES}
                raise QueryProblem(words, values[-1].start, values[-1].end)
            if self.text[self.at : self.at + 1] != ",":
                return tuple(values)
            self.at += 1

    def _value(self, *, is_word: bool) -> Value:
        start = self.at
        close = _QUOTES.get(self.text[start : start + 1])
        if close is not None:
            return self._quoted(start, close)
        while self.at < len(self.text) and not self._ends(self.text[self.at], is_word=is_word):
            self.at += 1
        text = self.text[start : self.at]
        if not text and not is_word:
            before = self.text[max(0, start - 40) : start].split()
            said = before[-1] if before else ""
            words = _("Say what after “%(said)s”.") % {"said": said}
            raise QueryProblem(words, max(0, start - len(said)), start)
        has_star = not is_word and len(text) > 1 and text.endswith("*")
        return Value(text[:-1] if has_star else text, False, has_star, start, self.at)

    def _ends(self, char: str, *, is_word: bool) -> bool:
        return char.isspace() or (char == "," and not is_word) or (char == ")" and self.depth > 0)

    def _quoted(self, start: int, close: str) -> Value:
        self.at += 1
        parts: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != close:
            if self.text[self.at] == "\\" and self.text[self.at + 1 : self.at + 2] in (close, "\\"):
                self.at += 1
            parts.append(self.text[self.at])
            self.at += 1
        if self.at >= len(self.text):
            raise QueryProblem(_("This quotation is not closed."), start, len(self.text))
        self.at += 1
        has_star = self.text[self.at : self.at + 1] == "*"
        self.at += has_star
        return Value("".join(parts), True, has_star, start, self.at)
