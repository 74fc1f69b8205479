"""Taking turns where skipping locked rows would be wrong."""

from __future__ import annotations

from django.db import connection


def take_turn(number: int) -> None:
    """Inside ``write()``: wait until nobody else is in the part with this number.

    On SQLite the write gate has seen to that; on PostgreSQL an advisory lock does until the end
    of the transaction.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
