"""What somebody typed into a search field, as terms."""

from __future__ import annotations

import re
from dataclasses import dataclass

from otklik.kit.stemming import LONGEST_WORD, stem
from otklik.kit.text import tokenise

LONGEST_QUERY = 300
MOST_WORDS = 12

_QUOTED = re.compile(r"[\"“”«»„]([^\"“”«»„]*)(?:[\"“”«»„]|$)")


@dataclass(frozen=True, slots=True)
class Term:
    """``words`` are stems: one of them, or several that stand together in this order.

    ``prefix`` is set on the word that is perhaps still being typed: what begins so fits too.
    """

    words: tuple[str, ...]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """All terms must be in a document; no terms find nothing."""

    terms: tuple[Term, ...] = ()


def parse_query(text: str) -> Query:
    """Words, and phrases in quotes of any kind. Too long a text is cut, never refused.

    A last word outside quotes stands for all that begins with it, even before a space: people
    type one out of habit.
    """
    text = text[:LONGEST_QUERY]
    terms: list[Term] = []
    left = MOST_WORDS
    position = 0
    ends_open = False
    for match in [*_QUOTED.finditer(text), None]:
        loose = text[position : match.start() if match else len(text)]
        for word in list(tokenise(loose))[:left]:
            terms.append(Term((stem(word),), word[:LONGEST_WORD]))
            left -= 1
            ends_open = True
        if match is None:
            break
        phrase = tuple(stem(word) for word in tokenise(match[1]))[:left]
        if phrase:
            terms.append(Term(phrase))
            left -= len(phrase)
            ends_open = False
        position = match.end()
    last = len(terms) - 1 if ends_open else -1
    return Query(
        tuple(
            dict.fromkeys(
                term if number == last else Term(term.words) for number, term in enumerate(terms)
            )
        )
    )
