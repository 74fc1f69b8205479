"""A form's own token: when it was shown, for which brand, and which sending it is.

It stands in for a session where there is none (the embedded form): signed, it cannot be made up;
it tells how long the form stood open, and two sendings of the same words are one request.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

from django.core import signing

_SALT = "otklik.portal.form"
_SENT_SALT = "otklik.portal.sent"
_LIFETIME = 24 * 3600
_SENT_LIFETIME = 24 * 3600
_QUICKEST = 2.0
_NAMESPACE = uuid.UUID("5b0f4c7e-6c0a-4c55-9d7c-0f6a2f1c8e11")


class Unfit(Exception):
    """The token is none, is another brand's, too old, or younger than a person can write."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the page after sending shows."""

    number: int
    promised: datetime


def issue_token(brand_id: int) -> str:
    return signing.dumps([brand_id, token_hex(16), time.time()], salt=_SALT)


def read_token(token: str, brand_id: int) -> str:
    """The token's nonce. Raises `Unfit`."""
    try:
        brand, nonce, issued = signing.loads(token[:500], salt=_SALT, max_age=_LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        raise Unfit from None
    if brand != brand_id or time.time() - issued < _QUICKEST:
        raise Unfit
    return str(nonce)


def sending_key(*parts: str) -> uuid.UUID:
    """The same parts give the same key: what a browser sends twice is stored once."""
    return uuid.uuid5(_NAMESPACE, "\n".join(f"{len(part)}:{part}" for part in parts))


def seal_sent(sent: Sent) -> str:
    return signing.dumps([sent.number, sent.promised.timestamp()], salt=_SENT_SALT)


def read_sent(token: str) -> Sent:
    """Raises `Unfit`."""
    try:
        number, moment = signing.loads(token[:300], salt=_SENT_SALT, max_age=_SENT_LIFETIME)
    except (signing.BadSignature, ValueError, TypeError):
        raise Unfit from None
    return Sent(int(number), datetime.fromtimestamp(moment, UTC))
