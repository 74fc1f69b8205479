"""A small word model: how often each word stood in spam and in other letters.

Probabilities of single words are those of Robinson (shrunk towards a half while little is known)
and are joined by Fisher's method, as in SpamBayes: both "spam" and "no spam" must be unlikely to be
chance before it speaks. Words are stems, kept as hashes; letters teach once.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from otklik.kit.stemming import stems

MAX_WORDS = 300  # distinct words of a letter that are looked at
MAX_TEXT = 20_000
STRONGEST = 60  # words that decide
LEAST = 10  # letters of each kind before the model speaks
SURE = 0.97
_STRENGTH = 0.45
_SHORTEST = 3
TOTALS = 0  # the word that counts letters


@dataclass(frozen=True, slots=True)
class Counts:
    spam: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Guess:
    """``score`` 0 (surely a letter) to 1 (surely spam); ``words`` that spoke for spam, strongest
    first."""

    score: float
    words: tuple[str, ...] = ()

    @property
    def is_spam(self) -> bool:
        return self.score >= SURE


def read_words(subject: str, text: str, sender: str = "") -> dict[int, str]:
    """Hash → stem of what a letter says, with its sender's domain as a word of its own."""
    found: dict[int, str] = {}
    spoken = (one for one in stems(f"{subject}\n{text}"[:MAX_TEXT]) if len(one) >= _SHORTEST)
    for word in islice(dict.fromkeys(spoken), MAX_WORDS - 1):
        found[hash_word(word)] = word
    domain = sender.rpartition("@")[2]
    if domain:
        found[hash_word(f"@{domain}")] = f"@{domain}"
    return found


@lru_cache(maxsize=20_000)
def hash_word(word: str) -> int:
    """63 bits, never 0."""
    digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 1) or 1


def guess(words: Mapping[int, str], counts: Mapping[int, Counts], letters: Counts) -> Guess | None:
    """What the letters so far say of these words; None while they are too few to ask."""
    if min(letters.spam, letters.other) < LEAST:
        return None
    weighed = [
        (_likelihood(counts[word], letters), spelled)
        for word, spelled in words.items()
        if word in counts
    ]
    telling = sorted(weighed, key=lambda one: -abs(one[0] - 0.5))[:STRONGEST]
    telling = [one for one in telling if abs(one[0] - 0.5) > 0.1]
    if len(telling) < 3:
        return Guess(0.5)
    score = _join([likelihood for likelihood, _word in telling])
    return Guess(score, tuple(word for likelihood, word in telling if likelihood > 0.5)[:8])


def _likelihood(found: Counts, letters: Counts) -> float:
    """How likely a letter with this word is spam, were both kinds equally common."""
    in_spam = min(1.0, found.spam / letters.spam)
    in_other = min(1.0, found.other / letters.other)
    if in_spam + in_other == 0:
        return 0.5
    seen = found.spam + found.other
    return (_STRENGTH * 0.5 + seen * in_spam / (in_spam + in_other)) / (_STRENGTH + seen)


def _join(likelihoods: Iterable[float]) -> float:
    values = [min(max(one, 0.001), 0.999) for one in likelihoods]
    spam = 1.0 - _chance(-2.0 * sum(math.log(1.0 - one) for one in values), 2 * len(values))
    other = 1.0 - _chance(-2.0 * sum(math.log(one) for one in values), 2 * len(values))
    return (1.0 + spam - other) / 2.0


def _chance(chi: float, freedom: int) -> float:
    """How likely chance alone gives at least ``chi`` (chi-squared, an even number of degrees)."""
    half = chi / 2.0
    term = total = math.exp(-half)
    for step in range(1, freedom // 2):
        term *= half / step
        total += term
    return min(total, 1.0)
