"""Names of people: which part is the given name, and which forms are one and the same name."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from otklik.kit.text import clean_line, normalise

_SOURCE = Path(__file__).with_name("given_names.txt")
_PATRONYMIC = re.compile(r".{2,}(?:ович|евич|ьич|овна|евна|ична|инична|оглы|кызы)", re.I)
_SURNAME = re.compile(
    r".{2,}(?:ов|ова|ев|ева|ёв|ёва|ин|ина|ын|ына|ский|ская|цкий|цкая|ской|енко|чук|ян|швили|дзе|ой)",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
# Endings of cases, longest first, with what the first case may end in instead.
_CASES = (
    ("ой", ("а", "я")), ("ей", ("я", "а")), ("ом", ("",)), ("ем", ("й", "ь")), ("ею", ("я",)),
    ("ии", ("ия", "ий")), ("ию", ("ия", "ий")), ("ия", ("ий",)), ("ием", ("ий",)),
    ("ией", ("ия",)), ("у", ("", "а")), ("ю", ("й", "ь", "я")), ("е", ("", "а", "я")),
    ("ы", ("а",)), ("и", ("а", "я")), ("а", ("",)), ("я", ("й", "ь")), ("", ("а", "я")),
)  # fmt: skip


def first_name(full: str) -> str:
    """The given name of "Olga Nesterova", "Нестерова Ольга Петровна", "Nesterova, Olga"; of one
    word that word; "" for nothing."""
    return _parts(full)[0]


def last_name(full: str) -> str:
    """The family name; "" when there is only one word."""
    return _parts(full)[1]


def name_groups(word: str) -> frozenset[int]:
    """Which given names a word may be, whatever its form, case and alphabet; empty when unknown."""
    key = normalise(word)
    known = _groups()
    found = known.get(key, frozenset())
    if found or not key or key.isascii():
        return found
    for ending, firsts in _CASES:
        if not key.endswith(ending) or len(key) - len(ending) < 2:
            continue
        stem = key.removesuffix(ending) if ending else key
        for first in firsts:
            found |= known.get(stem + first, frozenset())
    return found


def is_given_name(word: str) -> bool:
    """Whether a word is, in its first case, a given name that is known here."""
    return normalise(word) in _groups()


def words_of_name(text: str) -> list[str]:
    return _WORD.findall(text)


@lru_cache(maxsize=4000)
def _parts(full: str) -> tuple[str, str]:
    line = clean_line(full, 200)
    if "," in line:
        last, _comma, first = line.partition(",")
        if first.strip():
            return _words(first)[0], last.strip()
    words = _words(line)
    if len(words) < 2:
        return (words[0] if words else ""), ""
    if len(words) >= 3 and _PATRONYMIC.fullmatch(words[2]):
        return words[1], words[0]
    if len(words) >= 3 and _PATRONYMIC.fullmatch(words[1]):
        return words[0], words[2]
    if len(words) == 2 and _PATRONYMIC.fullmatch(words[1]):
        return words[0], ""
    if not is_given_name(words[0]) and (
        is_given_name(words[1]) or (_SURNAME.fullmatch(words[0]) and not _looks_last(words[1]))
    ):
        return words[1], words[0]
    return words[0], words[-1]


def _looks_last(word: str) -> bool:
    return bool(_SURNAME.fullmatch(word)) and not is_given_name(word)


def _words(text: str) -> list[str]:
    return _WORD.findall(text) or [""]


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_SOURCE.read_text(encoding="utf-8").splitlines()):
        if line.startswith("#"):
            continue
        for form in line.split():
            found.setdefault(normalise(form), set()).add(number)
    return {form: frozenset(numbers) for form, numbers in found.items()}
