"""From texts to the tokens both databases are fed with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from otklik.kit.stemming import stems

MOST_TITLE_WORDS = 200
MOST_BODY_WORDS = 12_000
MOST_CHARACTERS = 400_000
# Between title and body, so that no phrase reaches from one into the other.
_GAP = 100
# PostgreSQL keeps positions up to 16383 and 255 of them for one word.
_MOST_POSITIONS = 255

_SCOPE = re.compile(r"[a-z][a-z_]{0,30}(?::[a-z0-9_-]{1,40})?")
_KIND = re.compile(r"[a-z][a-z_]{0,39}")


def title_tokens(text: str) -> list[str]:
    return list(islice(stems(text[:MOST_CHARACTERS]), MOST_TITLE_WORDS))


def body_tokens(text: str) -> list[str]:
    return list(islice(stems(text[:MOST_CHARACTERS]), MOST_BODY_WORDS))


def key_tokens(kind: str, scopes: Iterable[str]) -> list[str]:
    """Tokens of kind and scopes. No word of a text has a colon in it, so they never meet."""
    return [kind_token(kind), *sorted({scope_token(scope) for scope in scopes})]


def kind_token(kind: str) -> str:
    if _KIND.fullmatch(kind) is None:
        raise ValueError(f"not a kind of document: {kind!r}")
    return f"k:{kind}"


def scope_token(scope: str) -> str:
    if _SCOPE.fullmatch(scope) is None:
        raise ValueError(f"not a scope key: {scope!r}")
    return f"s:{scope}"


def vector(keys: list[str], title: list[str], body: list[str]) -> str:
    """A `tsvector` literal: keys without positions, all words, and the title's once more as `t:`.

    Weights would do for the title, but an index does not hold them: every row would be looked at.
    """
    places: dict[str, list[int]] = {}
    begins = 1 + len(title) + _GAP
    for prefix, start, words in (("", 1, title), ("t:", 1, title), ("", begins, body)):
        for position, word in enumerate(words, start):
            found = places.setdefault(prefix + word, [])
            if len(found) < _MOST_POSITIONS:
                found.append(position)
    lexemes = [f"'{word}':{','.join(map(str, found))}" for word, found in places.items()]
    return " ".join([*(f"'{key}'" for key in keys), *lexemes])
