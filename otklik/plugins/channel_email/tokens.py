"""Reply tokens in plus addresses: ``support+<token>@desk.example``.

A token names a ticket and is signed for one recipient: only the person it was sent to can use it as
theirs. It is base32 in lower case, because local parts lose their case on the way, and 23 to 27
characters long, so that the local part keeps within the 64 of RFC 5321 §4.5.3.1.1.

Bytes: mark of the key (1) · ticket number (1–5, big endian) · HMAC-SHA256 cut to 80 bits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from otklik.kit.addresses import split_plus

MAX_LOCAL = 64
_MAC = 10
_SHAPE = re.compile(r"[a-z2-7]{20,32}\Z")
_PURPOSE = "email reply token"


@dataclass(frozen=True, slots=True)
class TokenClaim:
    """What a token says before its signature is checked."""

    ticket: int
    key_mark: int
    mac: bytes


def make_token(ticket: int, recipient: str, *, keys: Mapping[str, bytes]) -> str:
    """The token that lets ``recipient`` (normalised) answer to ``ticket``; first key signs."""
    if not 0 < ticket < 1 << 40:
        raise ValueError("ticket number out of range")
    key_id, key = next(iter(keys.items()))
    number = ticket.to_bytes((ticket.bit_length() + 7) // 8, "big")
    data = bytes([_mark(key_id)]) + number + _mac(key, ticket, recipient)
    return b32encode(data).decode("ascii").rstrip("=").lower()


def read_token(token: str) -> TokenClaim | None:
    """The claim in a token, None when it is none. Proves nothing yet."""
    token = token.lower()
    if not _SHAPE.match(token):
        return None
    try:
        data = b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:
        return None
    number = data[1:-_MAC]
    if not 1 <= len(number) <= 5:
        return None
    ticket = int.from_bytes(number, "big")
    return TokenClaim(ticket, data[0], data[-_MAC:]) if ticket else None


def is_token_for(token: str, ticket: int, recipient: str, *, keys: Mapping[str, bytes]) -> bool:
    """Whether one of our keys signed this token for that ticket and that recipient."""
    claim = read_token(token)
    if claim is None or claim.ticket != ticket:
        return False
    return any(
        hmac.compare_digest(claim.mac, _mac(key, ticket, recipient))
        for key_id, key in keys.items()
        if _mark(key_id) == claim.key_mark
    )


def plus_address(mailbox: str, token: str) -> str:
    """``mailbox`` with the token, or as it is when the local part would grow too long."""
    local, _, domain = mailbox.rpartition("@")
    base = local.partition("+")[0]
    whole = f"{base}+{token}"
    return f"{whole}@{domain}" if len(whole) <= MAX_LOCAL else mailbox


def find_tokens(addresses: Iterable[str], *, own_addresses: frozenset[str]) -> tuple[str, ...]:
    """Well-formed tokens in plus addresses of our own mailboxes, without repeats."""
    bases = {split_plus(own)[0] for own in own_addresses}
    found = []
    for address in addresses:
        base, detail = split_plus(address)
        if detail and base in bases and read_token(detail):
            found.append(detail.lower())
    return tuple(dict.fromkeys(found))


def find_tokens_in_ids(external_ids: Iterable[str]) -> tuple[str, ...]:
    """Well-formed tokens at the end of Message-IDs like those we make (``channel``)."""
    found = []
    for one in list(external_ids)[:50]:
        unique, _at, _host = one.rpartition("@")
        detail = unique.rpartition(".")[2]
        if unique.startswith("m") and read_token(detail):
            found.append(detail.lower())
    return tuple(dict.fromkeys(found))


def desk_keys() -> dict[str, bytes]:
    """This desk's signing keys by id, the current one first."""
    from otklik.core.settings import secrets

    return secrets.derive_all(_PURPOSE)


def _mark(key_id: str) -> int:
    return hashlib.sha256(key_id.encode()).digest()[0]


def _mac(key: bytes, ticket: int, recipient: str) -> bytes:
    return hmac.digest(key, f"{ticket}\0{recipient.strip().lower()}".encode(), "sha256")[:_MAC]
