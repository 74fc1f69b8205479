"""Address lists (RFC 5322 §3.4) read as mail programs read them.

The standard library's parser can be made to see an address that no mail server would deliver to
(CVE-2023-27043); here the text between the last pair of angle brackets is the address, and what is
no ordinary mailbox is left out.
"""

from __future__ import annotations

import re

from otklik.channels.contract import Address
from otklik.kit.addresses import normalise_email

from .headers import decode_field

MAX_ADDRESSES = 1000
_ANGLE = re.compile(r"<([^<>]*)>")
_BARE = re.compile(r"[^\s@<>\"(),:;\\\[\]]+@[^\s@<>\"(),:;\\\[\]]+")


def find_address(value: str) -> str:
    """The mailbox in its canonical spelling, "" for what is none."""
    value = value.strip().strip("<>").strip()
    if value[:7].lower() == "mailto:":
        value = value[7:]
    try:
        return normalise_email(value)
    except ValueError:
        return ""


def parse_addresses(raw: str) -> tuple[Address, ...]:
    """Every mailbox in a raw (undecoded) field, in order, without repeats, at most 1000."""
    found: dict[str, Address] = {}
    for part in _split(raw):
        address = _parse_one(part)
        if address is not None:
            found.setdefault(address.address, address)
        if len(found) >= MAX_ADDRESSES:
            break
    if not found and "=?" in raw:
        decoded = decode_field(raw)
        if "=?" not in decoded:
            return parse_addresses(decoded)
    return tuple(found.values())


def _parse_one(part: str) -> Address | None:
    part = part.strip()
    if part.startswith("=?") and "<" not in part:
        # Some programs encode the whole mailbox, brackets and all.
        part = decode_field(part)
    angles = _ANGLE.findall(part)
    if angles:
        address = find_address(decode_field(angles[-1]))
        name = part[: part.rfind("<" + angles[-1] + ">")]
    else:
        name, bare = _without_comments(part)
        address = find_address(decode_field(bare))
        if not address:
            loose = _BARE.findall(decode_field(bare))
            if len(loose) != 1:
                return None
            address = find_address(loose[0])
    if not address:
        return None
    return Address(address, _display_name(name, address))


def _display_name(raw: str, address: str) -> str:
    name = raw.strip()
    quoted = len(name) > 1 and name[0] == name[-1] == '"'
    if quoted:
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    name = decode_field(name).strip().strip("\"'").strip()
    return "" if name.lower() == address else name[:200]


def _without_comments(part: str) -> tuple[str, str]:
    """(text of the comments, the rest): the old form ``a@b (Name)``."""
    comments = re.findall(r"\(([^()]*)\)", part)
    return " ".join(comments), re.sub(r"\([^()]*\)", " ", part).strip()


def _is_group_label(before: str) -> bool:
    return "@" not in before and "=?" not in before


def _split(raw: str) -> list[str]:
    """Cut at commas and semicolons that stand outside of quotes, comments and brackets."""
    parts: list[str] = []
    current: list[str] = []
    in_quotes = in_angle = escaped = False
    depth = 0
    for character in raw:
        if escaped:
            escaped = False
            current.append(character)
            continue
        if character == "\\" and (in_quotes or depth):
            escaped = True
        elif character == '"' and not depth and not in_angle:
            in_quotes = not in_quotes
        elif in_quotes:
            pass
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif depth:
            pass
        elif character == "<":
            in_angle = True
        elif character == ">":
            in_angle = False
        elif character in ",;" and not in_angle:
            parts.append("".join(current))
            current = []
            continue
        elif character == ":" and not in_angle and _is_group_label("".join(current)):
            # The label of a group: "undisclosed-recipients:;"
            current = []
            continue
        current.append(character)
    parts.append("".join(current))
    if in_quotes or depth:
        # A quote never closed swallows the rest: cut at plain commas instead.
        return re.split(r"[,;]", raw)
    return parts
