"""Words reduced to stems, Russian and English by the script of the word (Snowball)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

from otklik.kit.text import tokenise

# Longer "words" are encoded data; they are cut so that they neither fill the index nor the cache.
LONGEST_WORD = 40

_stemmers = threading.local()


def stems(text: str) -> Iterator[str]:
    """Stems of all words of the text, in order."""
    for word in tokenise(text):
        yield stem(word)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one word as ``tokenise`` yields it; words of other scripts come back as is."""
    word = word[:LONGEST_WORD]
    language = _language_of(word)
    return _stemmer(language).stemWord(word) if language else word


def _language_of(word: str) -> str:
    if word.isascii():
        return "english" if word.isalpha() else ""
    if all("а" <= letter <= "я" for letter in word):
        return "russian"
    return ""


def _stemmer(language: str) -> Stemmer.Stemmer:
    # A Snowball stemmer keeps the word it works on inside itself: one per thread.
    found = getattr(_stemmers, language, None)
    if found is None:
        found = Stemmer.Stemmer(language)
        setattr(_stemmers, language, found)
    return found
