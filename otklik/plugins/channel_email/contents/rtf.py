"""RTF to what it says: text, or the HTML that Outlook hid in it ([MS-OXRTFEX]).

No layout, no pictures. Groups that hold fonts, styles and pictures are passed over; the size of
what comes out is bounded by the size of what goes in.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace

from otklik.plugins.channel_email.charset_labels import codec_name

MAX_RTF = 8_000_000
MAX_DEPTH = 2000
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n]+)"
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict object objdata themedata colorschememapping datastore "
    b"latentstyles listtable listoverridetable generator xmlnstbl rsidtbl header footer headerl "
    b"headerr footerl footerr filetbl revtbl mmathPr background shpinst nonshppict pntext "
    b"pntxtb pntxta bkmkstart bkmkend fldinst mhtmltag".split()
)
_SIGNS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t",
    b"cell": "\t", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
    b"bullet": "•", b"endash": "–", b"emdash": "—", b"enspace": " ", b"emspace": " ",
}  # fmt: skip
_CHARSETS = {0: "cp1252", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253",
             162: "cp1254", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
             222: "cp874", 238: "cp1250", 77: "mac_roman"}  # fmt: skip
# The dictionary every compressed stream begins with ([MS-OXRTFCP] §2.1.2.1).
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def rtf_to_text(data: bytes) -> str:
    """The words of a document; "" for what is no RTF. Of a disguised HTML letter its text form."""
    return _Reader(data, want_html=False).read() if b"{\\rtf" in data[:200] else ""


def rtf_to_html(data: bytes) -> str:
    """The HTML inside, "" when the document is no disguised HTML letter."""
    if b"\\fromhtml" not in data[:4000]:
        return ""
    return _Reader(data, want_html=True).read()


@dataclass(slots=True)
class _Group:
    """What holds between one pair of braces."""

    is_skipped: bool = False
    is_tag: bool = False  # holds HTML
    is_shadow: bool = False  # RTF for programs that do not know of the HTML
    per_unicode: int = 1  # letters that follow a \\u for old programs
    codec: str = ""


class _Reader:
    def __init__(self, data: bytes, *, want_html: bool) -> None:
        self._data = data[:MAX_RTF]
        self._want_html = want_html
        self._is_disguise = b"\\fromhtml" in data[:4000]
        self._codec = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = -1
        self._fonts_until = -1  # depth of the group that tells of fonts
        self._output: list[str] = []
        self._pending = b""
        self._pending_codec = ""
        self._group = _Group()
        self._stack: list[_Group] = []
        self._to_pass = 0
        self._may_ignore = False

    def read(self) -> str:
        for found in _TOKEN.finditer(self._data):
            word, number, digits, symbol, brace, text = found.groups()
            if brace is not None:
                if not self._brace(brace):
                    break
            elif symbol is not None:
                self._sign(symbol)
            elif word is not None:
                self._control(word, int(number) if number else None)
            elif digits is not None:
                if self._to_pass:
                    self._to_pass -= 1
                else:
                    self._add(bytes([int(digits, 16)]))
            elif text is not None:
                passed = min(self._to_pass, len(text))
                self._to_pass -= passed
                self._add(text[passed:])
        self._flush()
        return _paired("".join(self._output)).strip("\n")

    def _brace(self, brace: bytes) -> bool:
        self._may_ignore = False
        if brace == b"{":
            self._stack.append(self._group)
            self._group = replace(self._group)
            return len(self._stack) <= MAX_DEPTH
        if not self._stack:
            return False
        self._group = self._stack.pop()
        if len(self._stack) < self._fonts_until:
            self._fonts_until = -1
        return True

    def _sign(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._may_ignore = True
        elif symbol in b"\\{}\r\n~_":
            self._say({"~": "\u00a0", "_": "-", "\r": "\n"}.get(symbol.decode(), symbol.decode()))

    def _control(self, word: bytes, value: int | None) -> None:
        group = self._group
        if word == b"htmltag":
            group.is_tag, group.is_skipped = True, False
        elif word == b"fonttbl":
            self._fonts_until, group.is_skipped = len(self._stack), True
        elif word in _SKIPPED or (self._may_ignore and word != b"shppict"):
            group.is_skipped = True
        elif word == b"htmlrtf":
            group.is_shadow = value != 0
        elif word in _SIGNS:
            self._say(_SIGNS[word])
        elif word == b"mac":
            self._codec = "mac_roman"
        elif value is not None:
            self._number(word, value)
        self._may_ignore = False

    def _number(self, word: bytes, value: int) -> None:
        if word == b"ansicpg":
            self._codec = codec_name(f"cp{value}") or self._codec
        elif word == b"f":
            self._font = value
            if self._fonts_until < 0:
                self._group.codec = self._fonts.get(value, "")
        elif word == b"fcharset" and self._fonts_until >= 0:
            self._fonts[self._font] = _CHARSETS.get(value, "") if value else ""
        elif word == b"uc":
            self._group.per_unicode = min(max(value, 0), 4)
        elif word == b"u":
            self._say(_letter(value))
            self._to_pass = self._group.per_unicode

    def _is_said(self) -> bool:
        group = self._group
        if group.is_skipped or (group.is_tag and not self._want_html):
            return False
        return not (group.is_shadow and self._is_disguise and not group.is_tag)

    def _say(self, text: str) -> None:
        if self._is_said():
            self._flush()
            self._output.append(text)

    def _add(self, data: bytes) -> None:
        """Bytes wait for their neighbours: a letter may be of two."""
        if not data or not self._is_said():
            return
        codec = self._group.codec or self._codec
        if codec != self._pending_codec or len(self._pending) > 4096:
            self._flush()
        self._pending += data
        self._pending_codec = codec

    def _flush(self) -> None:
        if self._pending:
            self._output.append(self._pending.decode(self._pending_codec or "cp1252", "replace"))
            self._pending = b""


def _letter(value: int) -> str:
    value &= 0xFFFF
    return "" if value == 0 else chr(value)


def _paired(text: str) -> str:
    """Surrogates written one by one put together."""
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def decompress(data: bytes) -> bytes:
    """Compressed RTF ([MS-OXRTFCP]); what is cut gives its beginning, b"" for what is none."""
    if len(data) < 16:
        return b""
    _size, raw_size, kind = struct.unpack_from("<III", data)
    if kind == 0x414C454D:  # stored as it is
        return data[16 : 16 + raw_size]
    if kind != 0x75465A4C:
        return b""
    window = bytearray(4096)
    window[: len(_DICTIONARY)] = _DICTIONARY
    write = len(_DICTIONARY)
    output = bytearray()
    limit = min(raw_size or MAX_RTF, MAX_RTF)
    position = 16
    while position < len(data) and len(output) < limit:
        control = data[position]
        position += 1
        for bit in range(8):
            if position >= len(data):
                return bytes(output)
            if not control >> bit & 1:
                byte = data[position]
                position += 1
                output.append(byte)
                window[write] = byte
                write = (write + 1) & 4095
                continue
            if position + 1 >= len(data):
                return bytes(output)
            token = data[position] << 8 | data[position + 1]
            position += 2
            offset, length = token >> 4, (token & 15) + 2
            if offset == write:
                return bytes(output)
            for step in range(length):
                byte = window[(offset + step) & 4095]
                output.append(byte)
                window[write] = byte
                write = (write + 1) & 4095
    return bytes(output[:limit])
