"""Bytes of unknown honesty into text.

The label of a mail part is a claim. It is believed when the bytes agree with it; otherwise UTF-8 is
tried, then the Cyrillic code pages are weighed against each other by the pairs of letters Russian
uses, and Western European is the last resort. Nothing here raises.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache

ALIASES = {
    "ansi_x3.4-1968": "ascii",
    "cp-1251": "cp1251",
    "cp-866": "cp866",
    "cyrillic": "iso8859-5",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "iso-8859-8-i": "iso8859-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "koi8": "koi8-r",
    "koi8r": "koi8-r",
    "macintosh": "mac_roman",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "win-1251": "cp1251",
    "win1251": "cp1251",
    "windows1251": "cp1251",
    "x-cp1251": "cp1251",
    "x-gbk": "gb18030",
    "x-koi8-r": "koi8-r",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
    "x-sjis": "cp932",
    "x-windows-1251": "cp1251",
}
# HTML's rule: these labels are what a program writes when it means the Windows page.
WIDENED = {"iso8859-1": "cp1252", "latin-1": "cp1252", "iso8859-9": "cp1254"}
# Codecs that are no charsets, or that can be made to expand.
REFUSED = {"base64", "hex", "rot13", "bz2", "zlib", "uu", "quopri", "unicode_escape", "punycode"}
REFUSED |= {"raw_unicode_escape", "idna", "undefined", "mbcs", "oem"}

CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac_cyrillic")
WESTERN = {"cp1252", "ascii", "iso8859-15", "mac_roman", "iso8859-2", "cp1250"}

# The commonest letter pairs of running Russian and Ukrainian text.
_COMMON_PAIRS = """
ст но то на ен ов ни ра во ко ер ро ет ес ан пр по ре ал ор ли та не ть ом ол ла ел ва де ос ка от
ат ло ти ин од те об ме мо за ны нн ле ло ил да ве ми ви го до ри ог ис ас ит ся же их ый ой ая ие
им ам ем сь че чт шт уд ут ус ма со се ки ру му ку бы вы мы вс сл пе па ак ик ок аб ди ож ще ці ін
ід ія ів їх ій ає ує ст ав уй зд ву ок еш шё ён ую юс яв як
"""
PAIRS = frozenset(_COMMON_PAIRS.split())
_LETTERS = re.compile(r"[а-яёіїєґ]{2,}")
_CASE_BREAK = re.compile(r"[а-яё][А-ЯЁ]")
_STRAY = re.compile(r"[\u2500-\u25a0\u0080-\u009f\ufffd]")
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@lru_cache(maxsize=256)
def codec_name(label: str) -> str:
    """Python's name for a charset label, or "" when it is none."""
    label = label.strip().strip("\"'").lower().partition("*")[0]
    label = ALIASES.get(label, label)
    if not label or len(label) > 40:
        return ""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if name.replace("-", "_") in REFUSED else WIDENED.get(name, name)


def decode(data: bytes, label: str = "") -> tuple[str, str]:
    """``data`` as text, and a note for the operator ("" when the label told the truth)."""
    codec = codec_name(label) if label else ""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark) and (codec.startswith("utf") or not codec):
            return data.decode(name, "replace"), ""
    if data.isascii() and (not codec or _reads_ascii_as_itself(codec)):
        if b"\x1b$" in data and not codec.startswith("iso2022"):
            return data.decode("iso2022_jp_ext", "replace"), "charset guessed: iso-2022-jp"
        return data.decode("ascii"), ""
    if codec in {"utf-16", "utf-16-le", "utf-16-be"} and data.isascii() and b"\0" not in data:
        return data.decode("ascii"), f"charset label {label} is wrong: ascii"
    text, used = _decode_bytes(data, codec)
    if used == codec or (codec == "ascii" and used == "utf-8"):
        return text, ""
    return text, f"charset label {label or 'missing'}: read as {used}"


def _reads_ascii_as_itself(codec: str) -> bool:
    return not codec.startswith(("utf-7", "utf-16", "utf-32", "iso2022", "hz", "cp037", "cp500"))


def _decode_bytes(data: bytes, codec: str) -> tuple[str, str]:
    if codec in {"", "ascii", "utf-8"} or codec in WESTERN or codec in CYRILLIC:
        text = _as_utf8(data)
        if text is not None:
            return text, "utf-8"
    if codec in {"", "ascii", "utf-8"} or codec in WESTERN:
        best, score = _best_cyrillic(data)
        if score > (0.3 if codec in {"", "ascii", "utf-8"} else 0.45):
            return data.decode(best, "replace"), best
        if codec in {"", "ascii"}:
            return data.decode("cp1252", "replace"), "cp1252"
        return data.decode(codec, "replace"), codec
    if codec in CYRILLIC:
        return _weigh_cyrillic(data, codec)
    return data.decode(codec, "replace"), codec


def _as_utf8(data: bytes) -> str | None:
    """UTF-8 when valid, or when it is nearly: cut off in the middle or with a stray byte."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    high = sum(1 for byte in data[:65536] if byte >= 0x80)
    good = sum(len(found) for found in _MULTIBYTE.findall(data[:65536]))
    if high > 3 and good >= 0.9 * high:
        return data.decode("utf-8", "replace")
    return None


def _weigh_cyrillic(data: bytes, codec: str) -> tuple[str, str]:
    """The labelled Cyrillic page, unless another one explains the bytes far better."""
    claimed = cyrillic_score(data[:4096].decode(codec, "replace"))
    best, score = _best_cyrillic(data)
    if best != codec and score > 0.3 and score > claimed + 0.25:
        return data.decode(best, "replace"), best
    return data.decode(codec, "replace"), codec


def _best_cyrillic(data: bytes) -> tuple[str, float]:
    sample = data[:4096]
    scores = {name: cyrillic_score(sample.decode(name, "replace")) for name in CYRILLIC}
    best = max(CYRILLIC, key=lambda name: scores[name])
    return best, scores[best]


def cyrillic_score(text: str) -> float:
    """How much ``text`` looks like Russian, 0 (not at all) to about 0.8 (a book)."""
    pairs = common = 0
    for word in _LETTERS.findall(text.lower()):
        for start in range(len(word) - 1):
            pairs += 1
            common += word[start : start + 2] in PAIRS
    if not pairs:
        return 0.0
    penalty = len(_CASE_BREAK.findall(text)) + 2 * len(_STRAY.findall(text))
    return max(0.0, (common - penalty) / pairs)


def tidy(text: str) -> str:
    r"""NFC, ``\n`` line ends, no NUL and no other control characters that a screen cannot show."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", "", text.replace("\x0c", "\n"))
    text = re.sub(r"[\ud800-\udfff]", "\ufffd", text)
    return unicodedata.normalize("NFC", text)
