"""Plain text: cleaning, comparing, cutting and taking it apart into words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

_WORD = re.compile(r"[^\W_]+")
_SPACES = re.compile(r"\s+")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85")
# Invisible characters that change what a reader sees (bidi overrides) or only break matching.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]"
)
MOST_STACKED = 30
_HARMLESS = 1000  # characters: this many marks cost a millisecond
_STACKED = re.compile(rf"[^\w\s\x00-\x7f]{{{MOST_STACKED + 1},}}")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")

_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "yi", "є": "ye",
    "ґ": "g", "ў": "u",
}  # fmt: skip


def normal_form(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """``text`` in a normal form, of stacked marks at most 30 on one letter (UAX 15, stream-safe).

    Putting marks in order takes time in the square of their number: a megabyte of them, minutes.
    """
    if len(text) > _HARMLESS and not text.isascii():
        text = _STACKED.sub(_thinned, text)
    return unicodedata.normalize(form, text)


def _thinned(found: re.Match[str]) -> str:
    kept = []
    stacked = 0
    for sign in found[0]:
        stacked = stacked + 1 if unicodedata.combining(sign) else 0
        if stacked <= MOST_STACKED:
            kept.append(sign)
    return "".join(kept)


def clean_text(text: str) -> str:
    r"""NFC, ``\n`` line ends, without NUL, control and bidi-override characters; tabs stay."""
    return normal_form(_INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))


def clean_line(text: str, length: int | None = None) -> str:
    """One line of ``clean_text``, spaces collapsed, at most ``length`` characters."""
    line = _SPACES.sub(" ", clean_text(text)).strip()
    return line if length is None else line[:length].rstrip()


def normalise(text: str) -> str:
    """The spelling by which texts are compared: NFKC, case-folded, ё → е, spaces collapsed."""
    return clean_line(_fold(text))


def sort_key(text: str, length: int = 200) -> str:
    """What lists order by: the first characters of ``normalise``."""
    return normalise(text)[:length].rstrip()


def tokenise(text: str) -> Iterator[str]:
    """Words (letters and digits) of the text in order, spelled as ``normalise`` does."""
    for match in _WORD.finditer(_fold(text)):
        yield match.group()


def snippet(text: str, length: int = 140) -> str:
    """The beginning of a text in one line, cut at a word, with an ellipsis where cut."""
    # A long text is not walked to its end for one line of it.
    line = clean_line(text[: length * 8])
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    if not line[length - 1].isspace() and " " in cut[length // 2 :]:
        cut = cut.rsplit(" ", 1)[0]
    return cut.rstrip(" ,;:-–—") + "…"


def slug(text: str, length: int = 60) -> str:
    """ASCII words joined by hyphens for an address; Cyrillic is transliterated; may be empty."""
    latin = "".join(_LATIN.get(letter, letter) for letter in sort_key(text, length * 4))
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    return _NOT_SLUG.sub("-", plain).strip("-")[:length].rstrip("-")


def _fold(text: str) -> str:
    # Case folding may leave a text that is not in normal form, so it is normalised after it too.
    folded = normal_form(text, "NFKC").casefold()
    return normal_form(folded, "NFKC").replace("ё", "е")


_LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_CYRILLIC_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё"
_SWAP = str.maketrans(_LATIN_KEYS + _CYRILLIC_KEYS, _CYRILLIC_KEYS + _LATIN_KEYS)


def swap_layout(text: str) -> str:
    """What the same keys give with the other layout: "ghbynth" is "принтер"; in lower case."""
    return text.lower().translate(_SWAP)
