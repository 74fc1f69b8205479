"""After a test that commits: the rows that were there before it, and no others.

Django's own `flush` empties all of two hundred tables and makes their first rows anew after every
such test, which was a third of the run. Here only tables with rows in them are emptied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

# Made by migrating, the same for every test, and remembered by Django by their ids.
_STANDING = {"django_migrations", "django_content_type", "auth_permission"}

# By table: its columns and the rows that stand in it before any test.
_first_rows: dict[str, tuple[Sequence[str], list[tuple[Any, ...]]]] = {}


def remember_first_rows() -> None:
    """Called once, when the database is there and no test has touched it."""
    _first_rows.clear()
    with connection.cursor() as cursor:
        for table in _tables_with_rows():
            cursor.execute(f"SELECT * FROM {_quoted(table)}")
            columns = [column[0] for column in cursor.description]
            _first_rows[table] = columns, list(cursor.fetchall())


def empty(*_: object, **__: object) -> None:
    """Take back whatever was committed since ``remember_first_rows``."""
    with _unchecked(), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What refers to what is not asked row by row: in the end nothing is left.
            cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _tables_with_rows():
            cursor.execute(f"DELETE FROM {_quoted(table)}")
        for table, (columns, rows) in _first_rows.items():
            names = ", ".join(map(_quoted, columns))
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {_quoted(table)} ({names}) VALUES ({places})", rows)


def _tables_with_rows() -> list[str]:
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {_quoted(table)})" for table in _tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [table for (table,) in cursor.fetchall()]


def _tables() -> list[str]:
    """Tables of models, as `flush` finds them: what a test has made for itself among them."""
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(found) - _STANDING)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


@contextmanager
def _unchecked() -> Iterator[None]:
    with connection.constraint_checks_disabled():
        yield
