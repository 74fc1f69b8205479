"""Header fields as they come: folded, encoded, in raw eight bits, broken.

The standard library's structured parser raises on some of these and is slow on all of them, so the
fields are taken raw and decoded here. Nothing in this module raises for what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message

from .charsets import decode, tidy
from .dates import read_date as read_date
from .dates import sent_at as sent_at
from .encoded_words import decode_words

_MESSAGE_ID = re.compile(r"<([^<>]{1,998})>")
_FOREIGN = re.compile(r"[^\x00-\x7f]+(?:[ \t]*[^\x00-\x7f]+)*")
_FOLDED_LETTER = re.compile(rb"([\xc2-\xf4][\x80-\xbf]{0,2})[ \t]+(?=[\x80-\xbf])")
_FOLD = re.compile(r"[\r\n]+[ \t]?")
MAX_FIELD = 64 * 1024
# Thousands of recipients are counted, so their field may be long.
MAX_LIST = 1024 * 1024
_LISTS = {"to", "cc", "bcc"}
MAX_SAME = 200
MAX_REFERENCES = 200


class Fields:
    """The header of one message or part: every field, raw and decoded.

    Values are text in which foreign bytes are surrogates (``surrogateescape``).
    """

    __slots__ = ("_raw",)

    def __init__(self, source: Iterable[tuple[str, str]] | Message) -> None:
        self._raw: dict[str, list[str]] = {}
        pairs = source.raw_items() if isinstance(source, Message) else source
        for name, raw in pairs:
            value = str(raw)
            key = name.strip().lower()
            same = self._raw.setdefault(key, [])
            if len(same) < MAX_SAME:
                same.append(value[: MAX_LIST if key in _LISTS else MAX_FIELD])

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._raw

    def names(self) -> Iterator[str]:
        return iter(self._raw)

    def raw(self, name: str) -> str:
        """The first field of that name unfolded but not decoded, "" when missing.

        An empty field before a filled one of the same name is passed over.
        """
        values = self._raw.get(name.lower())
        if not values:
            return ""
        return next((found for value in values if (found := unfold(value))), "")

    def raw_all(self, name: str) -> list[str]:
        return [unfold(value) for value in self._raw.get(name.lower(), ())]

    def text(self, name: str) -> str:
        """The first field of that name as text."""
        return decode_field(self.raw(name))

    def word(self, name: str) -> str:
        """The value before any parameter or comment, lower case: for keyword fields."""
        return re.split(r"[;(\s]", self.raw(name).strip(), maxsplit=1)[0].lower()


def unfold(value: str) -> str:
    return _FOLD.sub(" ", value).strip() if "\n" in value or "\r" in value else value.strip()


def decode_field(value: str) -> str:
    """A raw field as one line of text: encoded words, then raw eight-bit bytes."""
    if "\x1b$" in value:
        value = decode(value.encode("utf-8", "surrogateescape"))[0]  # raw ISO-2022
    if value.isascii() and "?=" not in value and "=?" not in value:
        return " ".join(tidy(value).split())
    value = decode_eight_bit(value)
    if "=?" in value or "?=" in value:
        value = decode_words(value)
    return " ".join(tidy(value).split())


def decode_eight_bit(value: str) -> str:
    """Foreign bytes are kept as surrogates; the whole field is read as one charset."""
    if not any("\udc80" <= character <= "\udcff" for character in value):
        return value
    try:
        data = value.encode("ascii", "surrogateescape")
        return _mended(data) or decode(data)[0]
    except UnicodeEncodeError:
        # Letters and bytes mixed: some of it was decoded before.
        return _FOREIGN.sub(lambda found: _decode_piece(found[0]), value)


def _mended(data: bytes) -> str:
    """UTF-8 folded in the middle of a letter by a program that counts bytes; "" for others."""
    if _FOLDED_LETTER.search(data) is None:
        return ""
    try:
        return _FOLDED_LETTER.sub(rb"\1", data).decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _decode_piece(piece: str) -> str:
    try:
        return decode(piece.encode("ascii", "surrogateescape"))[0]
    except UnicodeEncodeError:
        return piece.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def message_id(value: str) -> str:
    """A Message-ID without brackets and spaces, "" when there is none."""
    found = message_ids(value)
    return found[0] if found else ""


def message_ids(value: str) -> list[str]:
    """Every Message-ID in a References or In-Reply-To field, in its order."""
    value = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", decode_eight_bit(value))
    candidates = _MESSAGE_ID.findall(value)
    if not candidates:
        candidates = [word for word in re.split(r"[\s,;<>]+", value) if "@" in word]
    ids = (re.sub(r"\s+", "", candidate)[:998] for candidate in candidates)
    return list(dict.fromkeys(one for one in ids if one))


def references(fields: Fields) -> tuple[str, ...]:
    """What the message answers, nearest first: In-Reply-To, then References from its end."""
    nearest = [one for raw in fields.raw_all("in-reply-to") for one in message_ids(raw)]
    chain = [one for raw in fields.raw_all("references") for one in message_ids(raw)]
    return tuple(dict.fromkeys([*nearest, *reversed(chain)]))[:MAX_REFERENCES]
