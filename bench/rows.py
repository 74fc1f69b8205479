"""Rows by the million: executemany on SQLite, COPY on PostgreSQL, indexes built afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

BATCH = 20_000
Tables = Sequence[type[models.Model]]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SEARCH_TRIGGERS = ("search_words_added", "search_words_removed", "search_words_changed")


def insert(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows given by column name, all with the same columns in the same order; columns left
    out take the model's defaults. Ids are given.

    Returns how many there were.
    """
    iterator = iter(rows)
    try:
        first = next(iterator)
    except StopIteration:
        return 0
    missing = [field for field in model._meta.concrete_fields if field.column not in first]
    # UTC is what both keep; SQLite without saying so.
    zone = -6 if connection.vendor == "sqlite" else None

    def ready(value: Any) -> Any:
        kind = type(value)
        if kind is int or kind is str or value is None:
            return value
        if kind is datetime:
            return str(value)[:zone]
        return json.dumps(value) if kind in (dict, list) else value

    same = tuple(ready(_default(field)) for field in missing)
    names = [*first, *(field.column for field in missing)]
    columns = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table

    def complete(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return (*map(ready, row.values()), *same)

    total, waiting = 0, [complete(first)]
    while waiting:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                    copy.write("".join(map(_copied, waiting)))
            else:
                marks = ", ".join(["?"] * len(names))
                sql = f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'  # noqa: S608
                cursor.connection.executemany(sql, waiting)
        total += len(waiting)
        waiting = [complete(row) for row in islice(iterator, BATCH)]
    return total


@contextmanager
def in_bulk(*tables: type[models.Model]) -> Iterator[None]:
    """Meanwhile nothing checks and nothing is indexed but keys; everything is built at the end.

    Inside somebody's transaction it changes nothing: rows are then written as any others.
    """
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        loose = _loosen_postgresql if connection.vendor == "postgresql" else _loosen_sqlite
        with loose(cursor, [model._meta.db_table for model in tables]):
            yield


def catch_up_sequences(*tables: type[models.Model]) -> None:
    """After ids were given: PostgreSQL goes on behind the last one."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for model in tables:
            table, pk = model._meta.db_table, model._meta.pk.column
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{pk}'), "  # noqa: S608
                f"(SELECT coalesce(max({pk}), 1) FROM {table}))"
            )


@contextmanager
def _loosen_postgresql(cursor: Any, tables: list[str]) -> Iterator[None]:
    cursor.execute("SET session_replication_role = replica")  # no checks of foreign keys
    cursor.execute("SET maintenance_work_mem = '1GB'")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
        " AND schemaname = current_schema() AND indexname NOT IN (SELECT conname FROM"
        " pg_constraint)",
        [tables],
    )
    indexes = cursor.fetchall()
    for name, _made in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, made in indexes:
        cursor.execute(made)
    cursor.execute("SET session_replication_role = DEFAULT")
    cursor.execute("SET maintenance_work_mem = DEFAULT")


@contextmanager
def _loosen_sqlite(cursor: Any, tables: list[str]) -> Iterator[None]:
    """The words are indexed from the documents' table at once, not document by document."""
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.execute("PRAGMA cache_size = -500000")
    marks = ", ".join(["%s"] * len(tables))
    cursor.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"  # noqa: S608
        f" AND type IN ('index', 'trigger') AND tbl_name IN ({marks})",
        tables,
    )
    made = cursor.fetchall()
    for kind, name, _sql in made:
        cursor.execute(f'DROP {kind} "{name}"')
    yield
    for _kind, name, sql in made:
        # As it is: Django would take a percent sign in it for a place of a value.
        cursor.connection.execute(sql)
        if name == _SEARCH_TRIGGERS[0]:
            cursor.execute("INSERT INTO search_words(search_words) VALUES ('rebuild')")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")


def _copied(row: Sequence[Any]) -> str:
    """A line of COPY's text format."""
    return "\t".join(["\\N" if v is None else str(v).translate(_ESCAPES) for v in row]) + "\n"


def _default(field: models.Field[Any, Any]) -> Any:
    if field.primary_key:
        return None
    value = field.get_default()
    return value.value if isinstance(value, models.Choices) else value
