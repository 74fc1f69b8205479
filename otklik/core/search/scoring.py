"""How well a document answers a query, from its words alone: the same on every database."""

from __future__ import annotations

from otklik.core.search.query import Query, Term

_TITLE = 6.0
_TITLE_BEGINNING = 3.5
_BODY = 2.0
_BODY_BEGINNING = 1.0
_TOGETHER_IN_TITLE = 4.0
_TOGETHER_IN_BODY = 1.5
_WHOLE_TITLE = 3.0
# Where the fifth mention adds little to the fourth.
_SATURATION = 1.5


def score(query: Query, title: list[str], body: list[str]) -> float:
    """A number to order by, rounded so that equal answers are equal on any machine."""
    points = 0.0
    for term in query.terms:
        points += _in_title(term, title) + _in_body(term, body)
    sequence = tuple(word for term in query.terms for word in term.words)
    if len(query.terms) > 1:
        if _count(sequence, title):
            points += _TOGETHER_IN_TITLE
        if _count(sequence, body):
            points += _TOGETHER_IN_BODY
    if tuple(title) == sequence:
        points += _WHOLE_TITLE
    return round(points, 4)


def _in_title(term: Term, title: list[str]) -> float:
    if _count(term.words, title):
        return _TITLE * len(term.words)
    return _TITLE_BEGINNING if _count_beginnings(term, title) else 0.0


def _in_body(term: Term, body: list[str]) -> float:
    exact = _count(term.words, body)
    points = _BODY * len(term.words) * exact / (exact + _SATURATION)
    if not exact:
        begun = _count_beginnings(term, body)
        points += _BODY_BEGINNING * begun / (begun + _SATURATION)
    return points


def _count(words: tuple[str, ...], text: list[str]) -> int:
    first = words[0]
    if len(words) == 1:
        return text.count(first)
    length = len(words)
    return sum(
        1
        for place, word in enumerate(text)
        if word == first and tuple(text[place : place + length]) == words
    )


def _count_beginnings(term: Term, text: list[str]) -> int:
    return sum(word.startswith(term.prefix) for word in text) if term.prefix else 0
