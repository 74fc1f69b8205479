"""Rows by the hundred thousand: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

BATCH = 20_000


def insert(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows given by column name; columns left out take the model's defaults. Ids are given.

    Returns how many there were.
    """
    fields = list(model._meta.concrete_fields)
    defaults = {field.column: _default(field) for field in fields}
    columns = [field.column for field in fields]
    total, iterator = 0, iter(rows)
    while batch := [{**defaults, **row} for row in islice(iterator, BATCH)]:
        _write(model._meta.db_table, columns, [[_ready(row[c]) for c in columns] for row in batch])
        total += len(batch)
    return total


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


def _write(table: str, columns: Sequence[str], rows: list[list[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608


def _default(field: models.Field[Any, Any]) -> Any:
    if field.primary_key:
        return None
    value = field.get_default()
    return value.value if isinstance(value, models.Choices) else value


def _ready(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return value
