"""Connections of threads that outlive one piece of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def tidy_connections() -> Iterator[None]:
    """Around one piece of work: broken or outdated connections are closed before and after.

    What a request gets from Django's signals, for threads that serve none. Inside a caller's
    transaction (a test, mostly) the connection is left alone.
    """
    _close_stale()
    try:
        yield
    finally:
        _close_stale()


def _close_stale() -> None:
    for each in connections.all(initialized_only=True):
        if not each.in_atomic_block:
            each.close_if_unusable_or_obsolete()
