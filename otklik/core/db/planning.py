"""Statements whose plan depends on what is asked for.

PostgreSQL plans once what a connection asks again and again, for no values in particular. That is
right where an index decides, and ruinous where it matters how many rows a value has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def planned_anew() -> Iterator[None]:
    """Every statement inside is planned for its own values; SQLite does so anyway.

    Of text without parameters several statements can go to the server at once.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    raw = connection.connection
    usual, raw.prepare_threshold = raw.prepare_threshold, None
    try:
        yield
    finally:
        raw.prepare_threshold = usual
