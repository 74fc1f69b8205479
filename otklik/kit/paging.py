"""Keyset paging: a position in a list is the key and the id of a row, never a row count."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from django.db.models import Q

Key = str | int | datetime
Direction = Literal["next", "previous"]

_LONGEST_TOKEN = 2048
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row beside which a page begins; ``direction`` says on which side of it."""

    key: Key
    id: int
    direction: Direction = "next"

    def encode(self) -> str:
        """An opaque token for an address. It hides nothing and proves nothing."""
        if isinstance(self.key, datetime):
            kind, value = "d", self.key.astimezone(UTC).isoformat()
        elif isinstance(self.key, int):
            kind, value = "i", str(self.key)
        else:
            kind, value = "s", self.key
        packed = json.dumps(
            [kind, value, self.id, self.direction[0]], ensure_ascii=False, separators=(",", ":")
        )
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def decode_cursor(token: str, kind: type[Key] | None = None) -> Cursor:
    """The cursor of a token; ValueError when malformed or its key is not of type ``kind``."""
    cursor = _decode(token)
    if kind is not None and not isinstance(cursor.key, kind):
        raise ValueError("the cursor belongs to another list")
    return cursor


def keyset_filter(cursor: Cursor, key: str, *, is_descending: bool) -> Q:
    """Rows beyond the cursor in a list ordered by (``key``, ``id``), both in the same direction."""
    is_less = is_descending == (cursor.direction == "next")
    side = "lt" if is_less else "gt"
    beyond = Q(**{f"{key}__{side}": cursor.key}) | Q(**{key: cursor.key, f"id__{side}": cursor.id})
    # Says nothing new, but lets the database enter the index at the cursor: an OR alone does not.
    return Q(**{f"{key}__{side}e": cursor.key}) & beyond


def keyset_order(direction: Direction, key: str, *, is_descending: bool) -> tuple[str, str]:
    """``order_by`` arguments for reading in ``direction``; a previous page is read backwards."""
    sign = "-" if is_descending == (direction == "next") else ""
    return f"{sign}{key}", f"{sign}id"


def _decode(token: str) -> Cursor:
    if len(token) > _LONGEST_TOKEN:
        raise ValueError("malformed cursor")
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        unpacked = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        kind, value, row_id, side = unpacked
        key = _read_key(kind, value)
        direction: Direction = {"n": "next", "p": "previous"}[side]  # type: ignore[assignment]
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError):
        raise ValueError("malformed cursor") from None
    if type(row_id) is not int or not 0 <= row_id <= _LARGEST_ID:
        raise ValueError("malformed cursor")
    return Cursor(key, row_id, direction)


def _read_key(kind: object, value: object) -> Key:
    if not isinstance(value, str) or "\x00" in value:
        raise TypeError
    value.encode()  # a lone surrogate is no text
    if kind == "s":
        return value
    if kind == "d":
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    if kind == "i" and -_LARGEST_ID <= int(value) <= _LARGEST_ID:
        return int(value)
    raise ValueError
