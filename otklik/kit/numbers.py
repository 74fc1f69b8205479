"""Numbers as addresses and forms give them."""

from __future__ import annotations

# What a bigint holds; longer ones are refused by databases, much longer ones by Python.
_MOST_DIGITS = 18


def whole_number(written: object) -> int | None:
    """The number, or None for what is none or is longer than any id of ours."""
    text = str(written if written is not None else "")
    fits = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if fits else None
