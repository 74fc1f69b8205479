"""Bytes of unknown honesty into text.

The label of a mail part is a claim. It is believed when the bytes agree with it; otherwise UTF-8
is tried, then the bytes are read each way and the way that gives words is taken (`guessing`).
Text that was garbled by a program before us, by reading it with the wrong page, is put right when
that is certain. Nothing here raises, and the time is bounded by the size.
"""

from __future__ import annotations

import codecs
import re

from otklik.kit.text import normal_form

from . import guessing
from .charset_labels import codec_name
from .garbled import put_right
from .guessing import CYRILLIC

__all__ = ["codec_name", "decode", "tidy"]

_WESTERN = {"cp1252", "ascii", "iso8859-15", "mac_roman", "iso8859-2", "cp1250", "cp1254", "cp437"}
_WESTERN |= {"cp850", "cp1257", "iso8859-4", "iso8859-10", "iso8859-13", "iso8859-3", "iso8859-14"}
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
# Letters of KOI8-U are box drawing in KOI8-R; a text that draws boxes draws with others too.
_UKRAINIAN = re.compile(rb"[\xa4\xa6\xa7\xad\xb4\xb6\xb7\xbd]")
_BOXES = re.compile(rb"[\x80-\x93\xa0-\xa2\xa5\xa8-\xac\xae-\xb2\xb5\xb8-\xbc\xbe]")
# Words lie wholly beyond ASCII; Western ones only by a letter or two.
_RUN = re.compile(rb"(?<![A-Za-z])[\x80-\xff]{4}")
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_COMMON_HALVES = set(range(1, 0x20))
_HIGH = bytes(range(0x80, 0x100))
# ISO pages have control signs there that no letter holds; those of Windows quotes, dashes, €.
_UPPER_CONTROLS = bytes(range(0x80, 0xA0))
_WINDOWS_TWIN = {
    "iso8859-2": "cp1250",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
    "iso8859-13": "cp1257",
}
_HZ = re.compile(rb"~\{(?:[\x21-\x7d][\x21-\x7e]){1,100}~\}")
_ISO_2022 = re.compile(rb"\x1b\$[@AB]|\x1b\$\([CD]|\x1b\$\)[AC]")


def decode(data: bytes, label: str = "", *, fallback: str = "") -> tuple[str, str]:
    """``data`` as text, and a note for the operator ("" when the label told the truth).

    ``fallback`` is a codec to lean on when the bytes alone do not decide: that of the letter.
    """
    codec = codec_name(label) if label else ""
    if data.isascii() and (not codec or _reads_ascii_as_itself(codec)) and b"\0" not in data:
        if b"\x1b$" not in data and b"~{" not in data:
            return data.decode("ascii"), ""
    elif codec in {"", "ascii", "utf-8"} and b"\0" not in data:
        try:
            return put_right(data.removeprefix(codecs.BOM_UTF8).decode("utf-8")), ""
        except UnicodeDecodeError:
            pass
    twin = _WINDOWS_TWIN.get(codec)
    if twin and len(data.translate(None, _UPPER_CONTROLS)) < len(data):
        text, used = _decode(data, twin, fallback)
    else:
        text, used = _decode(data, codec, fallback)
    if used == codec or (codec == "ascii" and used == "utf-8"):
        return put_right(text), ""
    return put_right(text), f"charset label {label[:40] or 'missing'}: read as {used}"


def _reads_ascii_as_itself(codec: str) -> bool:
    return not codec.startswith(("utf-7", "utf-16", "utf-32", "utf_16", "utf_32", "iso2022", "hz"))


def _decode(data: bytes, codec: str, fallback: str) -> tuple[str, str]:
    wide = _wide_codec(data, codec)
    if wide:
        return _replacing(data, wide).removeprefix("\ufeff"), codec if codec in wide else wide
    if codec.startswith(("utf-16", "utf-32")):
        codec = ""
    if codec == "utf-7":
        text = _utf_7(data)
        return (text, codec) if text is not None else _decode(data, "", fallback)
    if codec.startswith("iso2022") or (data.isascii() and _ISO_2022.search(data)):
        return _iso_2022(data, codec)
    if codec == "hz" or (not codec and data.isascii() and _HZ.search(data[:65536])):
        return _replacing(data, "hz"), "hz"
    if data.isascii():
        return data.decode("ascii"), codec or "ascii"
    if codec and codec not in {*CYRILLIC, *_WESTERN, "utf-8", "koi8-u"}:
        return _labelled(data, codec)
    text = _as_utf8(data)
    if text is not None:
        return text, "utf-8"
    if codec in CYRILLIC or codec == "koi8-u":
        return _weigh_cyrillic(data, codec)
    return _guessed(data, codec, fallback)


def _wide_codec(data: bytes, codec: str) -> str:
    """UTF-16 or UTF-32 with its byte order, by the mark, the label or the zeros; "" for others."""
    for mark, name in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark) and (codec.startswith("utf") or not codec or b"\0" in data[:200]):
            return name
    sample = data[:4096]
    if len(sample) < 4:
        return ""
    if sample.count(0) >= len(sample) // 4:
        zeros = [sample[at::4].count(0) * 4 / len(sample) for at in range(4)]
        if zeros[0] > 0.9 and zeros[1] > 0.9:
            return "utf-32-be"
        if zeros[2] > 0.9 and zeros[3] > 0.9:
            return "utf-32-le"
        if zeros[0] + zeros[2] > zeros[1] + zeros[3] + 0.2:
            return "utf-16-be"
        if zeros[1] + zeros[3] > zeros[0] + zeros[2] + 0.2:
            return "utf-16-le"
    if b"\0" in sample and (found := _two_byte_rhythm(sample)):
        return found
    if not codec.startswith(("utf-16", "utf-32")):
        return ""
    is_narrow = b"\0" not in sample and not _CONTROLS.search(sample)
    # Wide letters bring bytes that no text of single ones holds.
    if is_narrow and guessing.best_cyrillic(guessing.words_of(sample))[1] > 0.8:
        return ""
    if codec.startswith("utf-32") or codec.endswith(("-le", "-be")):
        wrong = b"\0" not in sample and codec.startswith("utf-32")
        return "" if wrong else {"utf-32": "utf-32-be"}.get(codec, codec)
    return _byte_order(sample)


def _two_byte_rhythm(sample: bytes) -> str:
    """UTF-16 of an alphabet: every other byte is zero or the letters' common half (04 in Russian,
    below 20 in all alphabets, so that a lone zero in a row of dashes makes no Chinese)."""
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        halves = sample[start::2]
        common = max(map(halves.count, set(halves) & _COMMON_HALVES), default=0)
        if halves.count(0) + common > 0.9 * len(halves):
            return name
    return ""


def _byte_order(sample: bytes) -> str:
    """Of UTF-16 without zeros (Russian, Chinese): letters of one text share their high byte."""
    if b"\0" not in sample and (sample.isascii() or _as_utf8(sample) is not None):
        return ""
    high_first, low_first = sample[0::2], sample[1::2]
    if len(set(high_first)) < len(set(low_first)):
        return "utf-16-be"
    return "utf-16-le"


def _utf_7(data: bytes) -> str | None:
    try:
        return data.decode("utf-7")
    except UnicodeDecodeError:
        text = data.decode("utf-7", "replace")
        return text if data.isascii() and text.count("\ufffd") * 10 < len(text) else None


def _iso_2022(data: bytes, codec: str) -> tuple[str, str]:
    if not data.isascii():
        # Eight-bit text under a seven-bit label, or Shift_JIS mixed into it.
        text, used = _decode(data, "", "")
        if b"\x1b$" not in data:
            return text, used
    names = [codec] if codec.startswith("iso2022") else []
    codec = codec if names else ""
    if b"\x1b$)C" in data:
        names.insert(0, "iso2022_kr")
    for name in (*names, "iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2"):
        try:
            return data.decode(name), codec or name
        except (UnicodeDecodeError, LookupError):
            continue
    if b"\x1b$A" in data or b"\x1b$)" in data:
        return _replacing(data, "iso2022_jp_2"), codec or "iso2022_jp_2"
    return _jis_by_shift_jis(data), codec or "iso2022_jp"


def _jis_by_shift_jis(data: bytes) -> str:
    """Signs of NEC and IBM that Python's ISO-2022-JP has not are in Microsoft's Shift_JIS."""
    output: list[str] = []
    is_wide = is_kana = False
    for piece in re.split(rb"(\x1b(?:\$[@B]|\([BJIH]))", data):
        if piece.startswith(b"\x1b"):
            is_wide, is_kana = piece.startswith(b"\x1b$"), piece == b"\x1b(I"
        elif is_kana:
            output.append(bytes(byte | 0x80 for byte in piece).decode("cp932", "replace"))
        elif is_wide:
            output.append(_shifted(piece).decode("cp932", "replace"))
        else:
            output.append(piece.decode("cp932", "replace"))
    return "".join(output)


def _shifted(piece: bytes) -> bytes:
    """Pairs of JIS X 0208 as Shift_JIS; a line end inside ends nothing (RFC 1468 says it would)."""
    output = bytearray()
    at = 0
    while at + 1 < len(piece):
        first, second = piece[at], piece[at + 1]
        if not (0x21 <= first <= 0x7E and 0x21 <= second <= 0x7E):
            output.append(first)
            at += 1
            continue
        row = (first - 0x21) // 2
        output.append(row + (0x81 if row < 31 else 0xC1))
        if first % 2:
            output.append(second + (0x1F if second < 0x60 else 0x20))
        else:
            output.append(second + 0x7E)
        at += 2
    output.extend(piece[at:])
    return bytes(output)


def _labelled(data: bytes, codec: str) -> tuple[str, str]:
    """A label of the East or of an alphabet of its own: believed when the bytes allow it."""
    tried = [codec]
    tried += {"cp950": ["big5hkscs"], "euc_jp": ["euc_jis_2004"], "cp949": ["johab"]}.get(codec, [])
    for name in tried:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        # Enough bytes to be no accident.
        if len(data) > 40 and (as_utf8 := _as_utf8(data)) is not None:
            return as_utf8, "utf-8"
        return text, codec
    as_utf8 = _as_utf8(data)
    if as_utf8 is not None:
        return as_utf8, "utf-8"
    cyrillic, rating = guessing.best_cyrillic(guessing.words_of(data))
    if rating > 0.8 and codec not in {"cp1253", "cp1255", "cp1256", "cp874"}:
        return _replacing(data, cyrillic), cyrillic
    text = _replacing(data, codec)
    if text.count("\ufffd") * 8 > sum(letter > "\x7f" for letter in text):
        guessed, used = _guessed(data, "", "")
        if guessed.count("\ufffd") < text.count("\ufffd"):
            return guessed, used
    return text, codec


def _as_utf8(data: bytes) -> str | None:
    """UTF-8 when valid, or when it is nearly: cut in the middle, a stray byte, foreign lines."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.start > 8 and not data[: error.start].isascii():
            return data.decode("utf-8-sig", "replace")
    sample = data[:65536]
    high = len(sample) - len(sample.translate(None, _HIGH))
    good = sum(len(found) for found in _MULTIBYTE.findall(sample))
    if high > 3 and good >= 0.5 * high:
        mixed = _by_lines(data)
        if mixed is not None:
            return mixed
    if high > 3 and good >= 0.9 * high:
        return data.decode("utf-8-sig", "replace")
    return None


def _by_lines(data: bytes) -> str | None:
    """UTF-8 with lines of another charset: a footer that a list or a scanner hung on."""
    lines = data.splitlines(keepends=True)
    strange: list[int] = []
    output: list[str] = []
    has_utf8 = False
    for number, line in enumerate(lines):
        try:
            output.append(line.decode("utf-8"))
            has_utf8 = has_utf8 or not line.isascii()
        except UnicodeDecodeError:
            if _MULTIBYTE.search(line):
                return None
            strange.append(number)
            output.append("")
    if not has_utf8 or not strange or len(strange) > 200:
        return None
    codec = _guessed_codec(b"".join(lines[number] for number in strange), "", "")
    for number in strange:
        output[number] = _replacing(lines[number], codec)
    return "".join(output)


def _guessed(data: bytes, codec: str, fallback: str) -> tuple[str, str]:
    used = _guessed_codec(data, codec, fallback)
    return _replacing(data, used), used


def _guessed_codec(data: bytes, codec: str, fallback: str) -> str:
    """For a missing label, or one that is often a lie (us-ascii, utf-8, a Western page)."""
    words = guessing.words_of(data)
    best, rating = guessing.best_cyrillic(words)
    if best == "koi8-r":
        best = _koi8(data)
    is_blank = codec in {"", "ascii", "utf-8"}
    is_hint = is_blank or _RUN.search(data) is not None
    is_hint = is_hint and guessing.is_cyrillic(words.decode(best, "replace"))
    if rating > 0.8 and is_hint:
        return best
    alphabet, share = guessing.best_alphabet(words)
    if is_blank and share > 0.8:
        return alphabet
    if rating > (guessing.CERTAIN if is_blank else 0.3) and is_hint:
        return best
    asian, common = guessing.best_multibyte(data)
    if common > (0.3 if is_blank else 0.6):
        return asian
    if not is_blank:
        # Whole words beyond ASCII under a label that many programs write by default.
        return alphabet if share > 0.85 and len(_RUN.findall(words)) > 1 else codec
    if fallback and fallback not in {"utf-8", "ascii"}:
        return fallback
    if share > 0.65:
        return alphabet
    return guessing.best_western(data, words)


def _weigh_cyrillic(data: bytes, codec: str) -> tuple[str, str]:
    """The labelled Cyrillic page, unless another one explains the bytes far better."""
    words = guessing.words_of(data)
    claimed = guessing.rate_cyrillic(words.decode(codec, "replace"))
    best, rating = guessing.best_cyrillic(words)
    # These two share their small letters: only the capitals tell.
    is_pair = {best, codec} == {"cp1251", "mac_cyrillic"} and len(words) >= 40
    lead = 0.3 if is_pair else 0.8
    if best != codec and rating > guessing.CERTAIN and rating > claimed + lead:
        found = _koi8(data) if best == "koi8-r" else best
        return _replacing(data, found), found
    used = _koi8(data) if codec == "koi8-r" else codec
    return _replacing(data, used), codec


def _koi8(data: bytes) -> str:
    return "koi8-u" if _UKRAINIAN.search(data) and not _BOXES.search(data) else "koi8-r"


def _replacing(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec, "replace")
    except (LookupError, UnicodeError):
        return data.decode("utf-8", "replace")


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LONE = re.compile("[\ud800-\udfff]")


def tidy(text: str) -> str:
    r"""NFC, ``\n`` line ends, no NUL and no other control characters that a screen cannot show."""
    if "\r" in text:
        text = re.sub(r"\r+\n|\r", "\n", text)
    if "\x0c" in text:
        text = text.replace("\x0c", "\n")
    text = _CONTROL.sub("", text)
    if text.isascii():
        return text
    return normal_form(_LONE.sub("\ufffd", text))
