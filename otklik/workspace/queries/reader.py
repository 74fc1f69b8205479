"""Whoever reads what is drawn over a socket: language and time zone, as the page said them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone, translation
from django.utils.translation.trans_real import get_supported_language_variant

from otklik.core.realtime.topics import Wish


@contextmanager
def as_read_by(wish: Wish) -> Iterator[bool]:
    """Draw within it. False: staff alone is drawn for, in languages and zones that there are."""
    zone = _zone(wish.zone)
    try:
        language = get_supported_language_variant(wish.language)
    except LookupError:
        language = ""
    if zone is None or not language or not wish.actor.is_staff:
        yield False
        return
    with translation.override(language), timezone.override(zone):
        yield True


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    if not name or len(name) > 64:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
