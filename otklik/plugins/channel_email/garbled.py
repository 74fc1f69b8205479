"""Text that was read with the wrong page before it came to us, and sent on like that.

«РџСЂРёРІРµС‚», «Ïðèâåò», «оПХБЕР», "GrÃ¼ÃŸe": the steps are undone when every letter beyond
ASCII allows it and the outcome reads better by far. A letter that only quotes such a thing is
left alone, because its own words would not survive the way back.
"""

from __future__ import annotations

import re

from .guessing import rate_cyrillic

_LATIN_MARKS = re.compile(r"[ÐÑÃÂâ][\u0080-\u00bf\u0152-\u0178\u0192\u02c6\u02dc\u2013-\u2122]")
_AS_CP1251 = re.compile(r"[РС][\u0080-\u00bf\u0402-\u040f\u0452-\u045f\u0490-\u0491\u2013-\u2122]")
_AS_LATIN = re.compile(r"[À-ÖØ-öø-ÿ]{3}")
_CAPITALS = re.compile(r"[А-Я]")
_SMALL = re.compile(r"[а-я]")
_SWAPPED = re.compile(r"(?<![А-Яа-я])[а-я][А-Я]{2,}")
SAMPLE = 2000
_TABLE_1252 = {
    **{letter.encode("cp1252")[0]: letter for letter in "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"},
}
_BYTE_OF_1252 = {ord(letter): byte for byte, letter in _TABLE_1252.items()}


def put_right(text: str) -> str:
    """``text``, or what it was before another program garbled it."""
    if text.isascii():
        return text
    for _ in range(2):
        better = _step(text)
        if better is None:
            break
        text = better
    return text


def _step(text: str) -> str | None:
    if _LATIN_MARKS.search(text):
        found = _utf8_inside(_as_1252(text), text)
        if found is not None:
            return found
    sample = text[:SAMPLE]
    if len(_AS_CP1251.findall(sample)) > 2 or (len(text) < 12 and _AS_CP1251.search(text)):
        found = _utf8_inside(_encoded(text, "cp1251"), text)
        if found is not None:
            return found
    if _AS_LATIN.search(sample):
        return _cyrillic_inside(_as_1252(text), text)
    if _SWAPPED.search(sample) and len(_CAPITALS.findall(sample)) > len(_SMALL.findall(sample)):
        data = _encoded(text, "cp1251")
        if data is not None:
            other = data.decode("koi8-r", "replace")
            if rate_cyrillic(other) > rate_cyrillic(text) + 0.8:
                return other
    return None


def _utf8_inside(data: bytes | None, text: str) -> str | None:
    if data is None:
        return None
    try:
        found = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Cut off in the middle of a letter: the rest tells.
        if error.start < len(data) - 3 or error.start < 6:
            return None
        found = data.decode("utf-8", "ignore")
    if len(found) >= len(text) or any("\x80" <= letter <= "\x9f" for letter in found):
        # Still controls: one more garbling is inside, unless nothing was gained.
        return found if len(found) < len(text) else None
    return found


def _cyrillic_inside(data: bytes | None, text: str) -> str | None:
    """Windows-1251 or KOI8-R shown in Western letters; real Western words hold ASCII letters."""
    if data is None:
        return None
    best = None
    best_rating = 0.5
    for codec, prior in (("cp1251", 0.1), ("koi8-r", 0.0)):
        found = data.decode(codec, "replace")
        rating = rate_cyrillic(found) + prior
        if rating > best_rating and not _mixed(found):
            best, best_rating = found, rating
    return best


def _mixed(text: str) -> bool:
    return bool(re.search(r"[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]", text[:SAMPLE]))


def _as_1252(text: str) -> bytes | None:
    """The bytes that show as ``text`` in Windows-1252; its five holes stand for themselves."""
    translated = text.translate(_BYTE_OF_1252)
    try:
        return translated.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _encoded(text: str, codec: str) -> bytes | None:
    try:
        # The hole of Windows-1251 stands for itself.
        return b"\x98".join(piece.encode(codec) for piece in text.split("\x98"))
    except UnicodeEncodeError:
        return None
