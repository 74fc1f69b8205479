"""Statements whose plan depends on what is asked for.

PostgreSQL plans once what a connection asks again and again, for no values in particular. That is
right where an index decides, and ruinous where it matters how many rows a value has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model


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


def ask_by_index(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement that is planned for its own values and reads no table from end to
    end where an index will do, however cheap that looks to PostgreSQL."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute(sql, values)
            return list(cursor.fetchall())
        statement = connection.ops.compose_sql(sql, values)  # type: ignore[attr-defined]
        # In one go; alone, the statements are a transaction of their own.
        with planned_anew():
            cursor.execute(_BY_INDEX.format(statement))
            cursor.nextset()
            found = list(cursor.fetchall())
            cursor.nextset()
        return found


def look_again(*models: type[Model]) -> None:
    """Have PostgreSQL see what is in these tables now (it reads 30,000 rows at most); one that
    is locked it sees by itself within the minute. SQLite plans by what it is told."""
    if connection.vendor == "postgresql":
        names = (connection.ops.quote_name(model._meta.db_table) for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(names)}")


_BY_INDEX = "SET LOCAL enable_seqscan = off; {}; SET LOCAL enable_seqscan = on"
