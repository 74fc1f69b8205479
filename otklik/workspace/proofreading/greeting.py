"""Somebody else's name in the greeting: the reply was meant for, or copied from, another."""

from __future__ import annotations

import re

from otklik.kit.names import is_given_name, name_groups, words_of_name
from otklik.workspace.proofreading.findings import Draft, Finding, Talk

_HELLO = (
    r"здравствуйте|здравствуй|добрый\s+(?:день|вечер)|доброе\s+утро|доброго\s+(?:дня|утра|вечера"
    r"|времени\s+суток)|приветствую(?:\s+вас)?|привет|hello|hi|hey|good\s+(?:morning|afternoon"
    r"|evening|day)|greetings"
)
_DEAR = r"уважаем(?:ый|ая|ые)|дорог(?:ой|ая|ие)|dear"
_TITLE = (
    r"(?:г-н|г-жа|господин|госпожа|mr\.?|mrs\.?|ms\.?|miss|dr\.?|again|снова|еще\s+раз|ещё\s+раз)"
)
# The greeting, and whom it is for up to the end of the address.
_AFTER = re.compile(
    rf"\s*(?:{_HELLO}|{_DEAR})[\s,]+(?:(?:{_TITLE}|{_DEAR})[\s,]+){{0,2}}"
    r"(?P<whom>[^\W\d_][^\n,!.;:]{0,60}(?:,\s*(?-i:[A-ZА-ЯЁ])[^\n,!.;:\s]{1,30}(?=[\s]*[,!\n]))?)",
    re.I,
)
_BEFORE = re.compile(rf"\s*(?P<whom>[^\W\d_][^\n,!.;:]{{0,60}}),\s*(?:{_HELLO}|\n)", re.I)
_SHOWN = 200


def find_wrong_name(draft: Draft, talk: Talk) -> list[Finding]:
    """A known given name in the greeting that fits nobody who takes part or signed a message."""
    opening = draft.text[:_SHOWN]
    match = _AFTER.match(opening) or _BEFORE.match(opening)
    if match is None:
        return []
    greeted = [
        word for word in words_of_name(match["whom"]) if word[0].isupper() and is_given_name(word)
    ]
    present = _groups_of(" ".join(talk.names))
    if not greeted or not present:
        return []
    everybody = present | _groups_of(" ".join(_capitalised(talk.said)))
    if any(name_groups(word) & everybody for word in greeted):
        return []
    if any(_is_named(word, talk) for word in words_of_name(match["whom"]) if len(word) > 2):
        return []
    start = match.start("whom") + match["whom"].find(greeted[0])
    return [Finding("name", greeted[0], start, start + len(greeted[0]))]


def _is_named(word: str, talk: Talk) -> bool:
    """Whether the word stands in somebody's name, such as a family name that looks like a first."""
    folded = word.casefold()
    return any(folded in name.casefold() for name in talk.names)


def _groups_of(text: str) -> frozenset[int]:
    groups = [name_groups(word) for word in words_of_name(text)]
    return frozenset().union(*groups)


def _capitalised(text: str) -> list[str]:
    return [word for word in words_of_name(text) if word[0].isupper()]
