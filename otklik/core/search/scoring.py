"""How well a document answers a query, from its words alone: the same on every database."""

from __future__ import annotations

from otklik.core.search.query import Query

_TITLE = 6.0
_TITLE_BEGINNING = 3.5
_BODY = 2.0
_BODY_BEGINNING = 1.0
_TOGETHER_IN_TITLE = 4.0
_TOGETHER_IN_BODY = 1.5
_WHOLE_TITLE = 3.0
# Where the fifth mention adds little to the fourth.
_SATURATION = 1.5


class Scorer:
    """Scores documents against one query; hundreds of them in a millisecond.

    Texts are words joined by single spaces. Each space is doubled, so that every word stands
    between spaces of its own and counting substrings counts words.
    """

    def __init__(self, query: Query) -> None:
        self._terms = [
            (len(term.words), _pattern(term.words), f" {term.prefix}" if term.prefix else "")
            for term in query.terms
        ]
        words = tuple(word for term in query.terms for word in term.words)
        self._whole = _pattern(words)
        self._is_several = len(query.terms) > 1

    def score_title(self, text: str) -> float:
        title = _spread(text)
        points = 0.0
        for length, pattern, prefix in self._terms:
            if pattern in title:
                points += _TITLE * length
            elif prefix and prefix in title:
                points += _TITLE_BEGINNING
        if self._is_several and self._whole in title:
            points += _TOGETHER_IN_TITLE
        return points + _WHOLE_TITLE if title == self._whole else points

    def score_body(self, text: str) -> float:
        body = _spread(text)
        points = 0.0
        for length, pattern, prefix in self._terms:
            exact = body.count(pattern)
            if exact:
                points += _BODY * length * exact / (exact + _SATURATION)
            elif prefix:
                begun = body.count(prefix)
                points += _BODY_BEGINNING * begun / (begun + _SATURATION)
        return points + _TOGETHER_IN_BODY if self._is_several and self._whole in body else points


def _pattern(words: tuple[str, ...]) -> str:
    return _spread(" ".join(words))


def _spread(text: str) -> str:
    return f" {text} ".replace(" ", "  ")[1:-1]
