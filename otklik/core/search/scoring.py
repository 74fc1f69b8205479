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
    """Scores documents against one query; hundreds of them in a millisecond. Texts are words
    joined by single spaces.

    In a body each space is doubled, so that every word stands between spaces of its own and
    counting substrings counts words; a title is only looked into, for which single ones do.
    """

    def __init__(self, query: Query) -> None:
        words = [" ".join(term.words) for term in query.terms]
        prefixes = [f" {term.prefix}" if term.prefix else "" for term in query.terms]
        lengths = [len(term.words) for term in query.terms]
        whole = " ".join(words)
        self._in_title = list(zip(lengths, map(_bordered, words), prefixes, strict=True))
        self._in_body = list(zip(lengths, map(_spread, words), prefixes, strict=True))
        self._whole_title, self._whole_in_body = _bordered(whole), _spread(whole)
        self._is_several = len(query.terms) > 1

    def is_in_title(self, text: str) -> bool:
        """Whether a title has all that is asked for."""
        title = f" {text} "
        return all(
            pattern in title or (prefix and prefix in title)
            for _length, pattern, prefix in self._in_title
        )

    def score_title(self, text: str) -> float:
        title = f" {text} "
        points = 0.0
        for length, pattern, prefix in self._in_title:
            if pattern in title:
                points += _TITLE * length
            elif prefix and prefix in title:
                points += _TITLE_BEGINNING
        if self._is_several and self._whole_title in title:
            points += _TOGETHER_IN_TITLE
        return points + _WHOLE_TITLE if title == self._whole_title else points

    def score_body(self, text: str) -> float:
        body = _spread(text)
        points = 0.0
        for length, pattern, prefix in self._in_body:
            exact = body.count(pattern)
            if exact:
                points += _BODY * length * exact / (exact + _SATURATION)
            elif prefix:
                begun = body.count(prefix)
                points += _BODY_BEGINNING * begun / (begun + _SATURATION)
        if self._is_several and self._whole_in_body in body:
            points += _TOGETHER_IN_BODY
        return points


def _bordered(text: str) -> str:
    return f" {text} "


def _spread(text: str) -> str:
    return f" {text} ".replace(" ", "  ")[1:-1]
