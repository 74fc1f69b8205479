"""Address lists (RFC 5322 §3.4, RFC 6532) read as mail programs read them.

The standard library's parser can be made to see an address that no mail server would deliver to
(CVE-2023-27043); here the text between the last pair of angle brackets is the address, and what is
no ordinary mailbox is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from otklik.channels.contract import Address
from otklik.kit.addresses import normalise_email

from .headers import decode_eight_bit, decode_field

MAX_ADDRESSES = 10_000
LONGEST = 3000
_ANGLE = re.compile(r"<([^<>]*)>")
_BARE = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,300}@[^\s@<>\"(),:;\\\[\]]{1,300}")
# What is copied along with an address from a page or a chat.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SCHEME = re.compile(r"(?:mailto|smtp):", re.IGNORECASE)  # Exchange writes [SMTP:…]
_ROUTE = re.compile(r"@[^:<>]{0,500}:")


def find_address(value: str) -> str:
    """The mailbox in its canonical spelling, "" for what is none."""
    value = _UNSEEN.sub("", value).strip().strip("<>'\"").strip()
    value = _SCHEME.sub("", value)
    if value.startswith("@"):
        # A source route of RFC 821: only its last stop counts.
        value = _ROUTE.sub("", value, count=1)
    try:
        return normalise_email(value)
    except ValueError:
        return ""


def parse_addresses(raw: str) -> tuple[Address, ...]:
    """Every mailbox in a raw (undecoded) field, in order, without repeats, at most 10,000."""
    found: dict[str, Address] = {}
    for part in _with_names(_split(decode_eight_bit(raw))):
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


def _with_names(parts: list[str]) -> Iterator[str]:
    """ "Nesterova, Olga <olga@…>" without its quotes: a piece without an address is a name's."""
    waiting = ""
    for part in parts:
        if "@" in part or "=?" in part or not part.strip():
            is_named = bool(waiting) and "<" in part and part.lstrip()[:1] not in "<\"'"
            yield f"{waiting},{part}" if is_named else part
            waiting = ""
        elif len(waiting) + len(part) < 200:
            waiting = f"{waiting},{part}" if waiting else part
        else:
            waiting = ""


def _parse_one(part: str) -> Address | None:
    part = part.strip()
    if "@" not in part and "=?" not in part:
        return None
    if len(part) > LONGEST:
        part = part[: LONGEST // 3] + part[-LONGEST // 3 * 2 :]
    if part.startswith("=?") and "<" not in part:
        # Some programs encode the whole mailbox, brackets and all.
        part = decode_field(part)
    angles = _ANGLE.findall(part)
    if angles:
        address = find_address(decode_field(angles[-1]))
        before, _, after = part.rpartition(f"<{angles[-1]}>")
        name = before if before.strip() else _without_comments(after)[0]
        if not address:
            address = find_address(re.sub(r"\s+", "", angles[-1]))
    else:
        name, bare = _without_comments(part)
        address = find_address(decode_field(bare))
        if not address:
            bare = re.sub(r"\s*@\s*", "@", decode_field(bare))
            loose = _BARE.findall(bare)
            if len(loose) != 1:
                return None
            address = find_address(loose[0])
            name = name or bare.partition(loose[0])[0]
    if not address:
        return None
    return Address(address, _display_name(name, address))


def _display_name(raw: str, address: str) -> str:
    name = raw.strip().strip("<").strip()
    quoted = len(name) > 1 and name[0] == name[-1] == '"'
    if quoted:
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    elif "(" in name and '"' not in name:
        comments, rest = _without_comments(name)
        name = rest or comments
    name = decode_field(name).strip().rstrip("[").strip()
    while len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip()
    if name.count('"') == 1 or name.strip("\"'") == "":
        name = name.strip("\"'")
    return "" if name.lower() == address else name[:200]


def _without_comments(part: str) -> tuple[str, str]:
    """(text of the comments, the rest): the old form ``a@b (Name)``."""
    comments = re.findall(r"\(((?:[^()]|\([^()]*\))*)\)", part)
    while (shorter := re.sub(r"\([^()]*\)", " ", part)) != part:
        part = shorter  # comments nest
    return " ".join(comments), part.strip()


def _split(raw: str) -> list[str]:
    """Cut at commas and semicolons that stand outside of quotes, comments, brackets and words."""
    parts, is_whole = _scan(raw)
    # A quote never closed swallows the rest: cut at plain commas instead.
    return parts if is_whole else re.split(r"[,;]", raw)


def _scan(raw: str) -> tuple[list[str], bool]:
    parts: list[str] = []
    start = 0
    in_quotes = in_angle = False
    depth = 0
    for at, sign in _signs(raw):
        if sign == '"' and not depth and not in_angle:
            in_quotes = not in_quotes
        elif in_quotes:
            continue
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(0, depth - 1)
        elif depth:
            continue
        elif sign == "<":
            in_angle = True
        elif sign == ">":
            in_angle = False
        elif sign in ",;" and not in_angle:
            parts.append(raw[start:at])
            start = at + 1
        elif sign == ":" and not in_angle and "@" not in raw[start : min(at, start + 1000)]:
            # The label of a group: "undisclosed-recipients:;"
            start = at + 1
    parts.append(raw[start:])
    return parts, not in_quotes and not depth


_SIGN = re.compile(r"\\.|=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=|[\"()<>,;:]", re.DOTALL)


def _signs(raw: str) -> Iterator[tuple[int, str]]:
    """Signs that mean something; escaped ones and those inside encoded words do not."""
    for found in _SIGN.finditer(raw):
        if found.end() - found.start() == 1:
            yield found.start(), found[0]
