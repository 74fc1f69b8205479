"""Header fields as they come: folded, encoded, in raw eight bits, broken.

The standard library's structured parser raises on some of these and is slow on all of them, so the
fields are taken raw (compat32) and decoded here. Nothing in this module raises for what it reads.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from .charsets import codec_name, decode, tidy

# RFC 2047 with what the wild adds: a language (RFC 2231), spaces inside, missing padding.
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_MESSAGE_ID = re.compile(r"<([^<>]{1,998})>")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
MAX_FIELD = 64 * 1024
MAX_REFERENCES = 200


class Fields:
    """The header of one message or part: every field, raw and decoded."""

    def __init__(self, message: Message) -> None:
        self._raw: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._raw.setdefault(name.strip().lower(), []).append(str(value)[:MAX_FIELD])

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._raw

    def names(self) -> Iterator[str]:
        return iter(self._raw)

    def raw(self, name: str) -> str:
        """The first field of that name unfolded but not decoded, "" when missing."""
        values = self._raw.get(name.lower())
        return unfold(values[0]) if values else ""

    def raw_all(self, name: str) -> list[str]:
        return [unfold(value) for value in self._raw.get(name.lower(), ())]

    def text(self, name: str) -> str:
        """The first field of that name as text."""
        return decode_field(self.raw(name))

    def word(self, name: str) -> str:
        """The value before any parameter or comment, lower case: for keyword fields."""
        return re.split(r"[;(\s]", self.raw(name).strip(), maxsplit=1)[0].lower()


def unfold(value: str) -> str:
    return (
        re.sub(r"[\r\n]+[ \t]?", " ", value).strip()
        if "\n" in value or "\r" in value
        else value.strip()
    )


def decode_field(value: str) -> str:
    """A raw field as one line of text: encoded words, then raw eight-bit bytes."""
    if "=?" in value:
        value = _decode_words(value)
    return " ".join(tidy(_decode_eight_bit(value)).split())


def _decode_eight_bit(value: str) -> str:
    """compat32 keeps foreign bytes as surrogates; read them as one charset."""
    if not any("\udc80" <= character <= "\udcff" for character in value):
        return value
    if value.isascii() or all(c < "\x80" or "\udc80" <= c <= "\udcff" for c in value):
        return decode(value.encode("ascii", "surrogateescape"))[0]
    pieces = re.split(r"([\udc80-\udcff]+)", value)
    return "".join(
        decode(piece.encode("ascii", "surrogateescape"))[0] if index % 2 else piece
        for index, piece in enumerate(pieces)
    )


def _decode_words(value: str) -> str:
    """Neighbouring words of one charset are joined before decoding: a letter may be cut in two."""
    output: list[str] = []
    pending = b""
    pending_charset = ""
    position = 0

    def flush() -> None:
        nonlocal pending, pending_charset
        if pending:
            output.append(decode(pending, pending_charset)[0])
        pending, pending_charset = b"", ""

    for found in _ENCODED.finditer(value):
        between = value[position : found.start()]
        charset = found[1]
        data = _word_bytes(found[2], found[3])
        same = codec_name(charset) == codec_name(pending_charset) if pending else False
        if between.strip() or not same:
            flush()
        if between.strip() or (between and position == 0):
            output.append(between)
        pending += data
        pending_charset = charset
        position = found.end()
    flush()
    output.append(value[position:])
    return "".join(output)


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return _HEX.sub(lambda found: bytes([int(found[1], 16)]), data.replace(b"_", b" "))
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(data) % 4 == 1:
        data = data[:-1]
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return payload.encode("utf-8", "replace")


def message_id(value: str) -> str:
    """A Message-ID without brackets and spaces, "" when there is none."""
    found = message_ids(value)
    return found[0] if found else ""


def message_ids(value: str) -> list[str]:
    """Every Message-ID in a References or In-Reply-To field, in its order."""
    value = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", _decode_eight_bit(value))
    candidates = _MESSAGE_ID.findall(value)
    if not candidates:
        candidates = [word for word in re.split(r"[\s,;]+", value) if "@" in word]
    ids = (re.sub(r"\s+", "", candidate)[:998] for candidate in candidates)
    return list(dict.fromkeys(one for one in ids if one))


def references(fields: Fields) -> tuple[str, ...]:
    """What the message answers, nearest first: In-Reply-To, then References from its end."""
    nearest = [one for raw in fields.raw_all("in-reply-to") for one in message_ids(raw)]
    chain = [one for raw in fields.raw_all("references") for one in message_ids(raw)]
    return tuple(dict.fromkeys([*nearest, *reversed(chain)]))[:MAX_REFERENCES]


def sent_at(fields: Fields) -> datetime | None:
    """The Date field, aware; None when missing, unreadable or outside of e-mail's lifetime."""
    raw = fields.raw("date")
    if not raw:
        return None
    try:
        at = parsedate_to_datetime(decode_field(raw))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        at = at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at if 1971 <= at.year <= 2200 else None
