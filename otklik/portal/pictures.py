"""Addresses of pictures inside messages: signed and short-lived, because the frame that shows a
letter has no origin of its own and so sends no session with what it loads."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

_SALT = "otklik.portal.picture"
_LIFETIME = 2 * 3600


def picture_url(token: str) -> str:
    """Give it out only to those who may read the message."""
    return reverse("portal:picture", args=[signing.dumps(token, salt=_SALT)])


def read_picture_token(signed: str) -> str | None:
    try:
        return str(signing.loads(signed[:300], salt=_SALT, max_age=_LIFETIME))
    except signing.BadSignature:
        return None
