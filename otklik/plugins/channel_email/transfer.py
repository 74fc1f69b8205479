"""Content-Transfer-Encoding undone: base64, quoted-printable, uuencode, yEnc, and their wrecks.

The encodings are claims like all else: what decodes to nothing sensible is given as it came. All
of it is linear in the size.
"""

from __future__ import annotations

import binascii
import re
from functools import lru_cache

_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
)
_WHITE = b" \t\r\n\x0b\x0c"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]{4,}={0,3}\s*\Z")
_HEX_PAIR = re.compile(rb"=[0-9A-Fa-f]{2}")
_SOFT_BREAK = re.compile(rb"=[ \t]*\r?\n")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)?[ \t]+[0-7]{3,4}[ \t]+(\S[^\r\n]*?)[ \t]*\r?$", re.M)
_YENC_BEGIN = re.compile(rb"^=ybegin ([^\r\n]{1,500})\r?\n", re.M)
_YENC_END = re.compile(rb"^=yend[^\r\n]*", re.M)


@lru_cache(maxsize=256)
def encoding_name(value: str) -> str:
    """base64, quoted-printable, uuencode, yenc, or "" for what needs no decoding."""
    word = re.sub(r"\(.*?\)|[\"'\s;]", "", value.lower())
    if word.startswith(("base64", "base-64", "x-base64", "b64")):
        return "base64"
    if re.match(r"(?:x-)?(?:quoted[-_]?print\w*|qp\Z|q\Z)", word):
        return "quoted-printable"
    if word in {"uuencode", "x-uuencode", "x-uue", "uue"}:
        return "uuencode"
    return "yenc" if word in {"x-yenc", "yenc"} else ""


def decode_transfer(data: bytes, encoding: str, *, is_text: bool) -> tuple[bytes, str]:
    """(content, note for the operator). ``encoding`` is a raw field value."""
    name = encoding_name(encoding)
    if name == "base64":
        return _base64_body(data, is_text=is_text)
    if name == "quoted-printable":
        return from_quoted_printable(data), ""
    if name == "uuencode":
        found = list_uuencoded(data)
        return (found[0][1], "") if found else (data, "no uuencoded data")
    if name == "yenc":
        found = list_yenc(data)
        return (found[0][1], "") if found else (data, "no yEnc data")
    if is_text and data.isascii():
        return _undeclared(data)
    return data, ""


def from_base64(data: bytes) -> bytes:
    """What can be read of base64 with wrong padding, foreign signs or a cut end."""
    if b"-" in data or b"_" in data:
        data = data.translate(_URL_SAFE)
    clean = data.translate(None, _NOT_BASE64)
    if b"=" not in clean.rstrip(b"="):
        return _whole_base64(clean.rstrip(b"="))
    # Several encoded pieces one after another, each with its padding.
    return b"".join(_whole_base64(piece) for piece in clean.split(b"=") if piece)


def _whole_base64(data: bytes) -> bytes:
    if len(data) % 4 == 1:
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4)) if data else b""


def _base64_body(data: bytes, *, is_text: bool) -> tuple[bytes, str]:
    stripped = data.translate(None, _WHITE)
    if not stripped:
        return b"", ""
    foreign = len(stripped) - len(stripped.translate(None, _NOT_BASE64))
    if not foreign:
        if not is_text:
            return from_base64(stripped), ""
        return _text_after(data, stripped)
    return _base64_with_garbage(data, is_text=is_text)


def _text_after(data: bytes, stripped: bytes) -> tuple[bytes, str]:
    """A label that lies: a short plain text may consist of letters of base64 alone."""
    words = data.split()
    if len(words) > 3 and max(map(len, words)) < 20:
        return data, "labelled base64 but plain"
    content = from_base64(stripped)
    is_odd = bool(len(stripped) % 4) or b" " in data.strip()
    if is_odd and len(stripped) < 40 and stripped.isalpha() and not _is_readable(content):
        # "Thank you": letters alone, and what would come out is no text.
        return data, "labelled base64 but plain"
    return content, ""


def _base64_with_garbage(data: bytes, *, is_text: bool) -> tuple[bytes, str]:
    """Lines of base64 are decoded; a plain text hung on by a list or a scanner is kept as text."""
    encoded: list[bytes] = []
    plain: list[bytes] = []
    for line in data.splitlines(keepends=True):
        bare = line.strip()
        is_encoded = _BASE64_LINE.match(bare) is not None
        if plain:
            # Behind a text only whole lines are taken for base64: a word looks like it, too.
            is_encoded = is_encoded and len(bare) >= 60
        else:
            is_encoded = is_encoded or not bare or _is_mostly_base64(bare)
        (encoded if is_encoded else plain).append(line)
    content = from_base64(b"".join(encoded)) if encoded else b""
    if not content.strip():
        return data, "labelled base64 but plain"
    if is_text and b"".join(plain).strip():
        return content + b"\n" + b"".join(plain), "plain text after base64"
    return content, "garbage in base64"


def _is_mostly_base64(line: bytes) -> bool:
    good = len(line.translate(None, _NOT_BASE64))
    return b" " not in line and len(line) >= 20 and good >= 0.8 * len(line)


def from_quoted_printable(data: bytes) -> bytes:
    """Soft breaks with spaces after them, lower-case digits, bare equal signs: all are read."""
    if b"=" not in data:
        return data
    data = _SOFT_BREAK.sub(b"", data)
    if data.endswith(b"="):
        data = data[:-1]
    return _HEX_PAIR.sub(lambda found: _BYTES[found[0][1:].upper()], data)


_BYTES = {f"{byte:02X}".encode(): bytes([byte]) for byte in range(256)}


def _undeclared(data: bytes) -> tuple[bytes, str]:
    """An encoding nobody declared, when what comes out is text beyond doubt."""
    pairs = _HEX_PAIR.findall(data[:20000]) if b"=" in data else []
    high = [pair for pair in pairs if pair[1:2] in b"89abcdefABCDEF"]
    if len(high) > 5 and len(high) > 0.6 * len(pairs):
        return from_quoted_printable(data), "quoted-printable without saying so"
    words = data.split()
    if words and len(words[0]) >= 40 and all(_BASE64_LINE.match(word) for word in words):
        content = from_base64(data)
        if _is_readable(content):
            return content, "base64 without saying so"
    return data, ""


def _is_readable(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    odd = sum(letter < " " and letter not in "\r\n\t" for letter in text)
    return bool(text) and not odd


def list_uuencoded(data: bytes) -> list[tuple[str, bytes, int, int]]:
    """Every uuencoded file in a text: (name as raw bytes in Latin-1, content, start, end)."""
    files: list[tuple[str, bytes, int, int]] = []
    position = 0
    while len(files) < 100 and (begin := _UU_BEGIN.search(data, position)):
        is_base64 = begin[0].startswith(b"begin-base64")
        read = _read_uu(data, begin.end(), is_base64=is_base64)
        if read is None:
            position = begin.end()
            continue
        content, position = read
        files.append((begin[1].decode("latin-1"), content, begin.start(), position))
    return files


def _read_uu(data: bytes, start: int, *, is_base64: bool) -> tuple[bytes, int] | None:
    """(content, where it ends); None when the lines are no uuencoded data."""
    content: list[bytes] = []
    position = data.find(b"\n", start) + 1
    if not position:
        return None
    while position < len(data):
        following = data.find(b"\n", position)
        following = len(data) if following < 0 else following + 1
        line = data[position:following].rstrip(b"\r\n")
        if line.strip() in (b"end", b"===="):
            # With nothing in between it is somebody's words that begin and end so.
            return (b"".join(content), following) if content else None
        if is_base64:
            content.append(from_base64(line))
        elif line and line != b"`":
            decoded = _uu_line(line)
            if decoded is None:
                break
            content.append(decoded)
        position = following
    # Cut off, or the end line is lost: enough lines are proof enough.
    return (b"".join(content), position) if len(content) > 2 or position >= len(data) else None


def _uu_line(line: bytes) -> bytes | None:
    length = (line[0] - 32) & 63
    needed = (length + 2) // 3 * 4
    body = line[1 : 1 + needed]
    if not 32 <= line[0] <= 96 or len(body) < (length * 4 + 2) // 3 - 2 or len(line) > needed + 6:
        return None
    try:
        return binascii.a2b_uu(line[:1] + body)
    except binascii.Error:
        return None


def list_yenc(data: bytes) -> list[tuple[str, bytes, int, int]]:
    """Every yEnc file in a text: (name as raw bytes in Latin-1, content, start, end)."""
    files: list[tuple[str, bytes, int, int]] = []
    position = 0
    while len(files) < 100 and (begin := _YENC_BEGIN.search(data, position)):
        end = _YENC_END.search(data, begin.end())
        until = end.start() if end else len(data)
        body = data[begin.end() : until]
        if body.startswith(b"=ypart"):
            body = body.partition(b"\n")[2]
        name = begin[1].partition(b"name=")[2].strip() or b"file"
        position = end.end() if end else len(data)
        files.append((name.decode("latin-1"), _from_yenc(body), begin.start(), position))
    return files


_YENC_PLAIN = bytes((byte - 42) % 256 for byte in range(256))
_YENC_ESCAPED = re.compile(rb"=(.)", re.DOTALL)


def _from_yenc(body: bytes) -> bytes:
    body = body.replace(b"\r", b"").replace(b"\n", b"")
    body = _YENC_ESCAPED.sub(lambda found: bytes([(found[1][0] - 64) % 256]), body)
    return body.translate(_YENC_PLAIN)
