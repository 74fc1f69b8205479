"""Rows written on every message, without building the same statement anew each time.

The ORM takes longer to spell a statement than a database to do it. Here each is spelt once; the
values go through the fields as ever, so both databases hold the same. There are no signals: nobody
here listens to any. `spelling` does the same for questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    fields: tuple[Any, ...]
    returns_key: bool


def insert(row: M) -> M:
    """Store a new row in the caller's transaction and return it with its key.

    Raises what the database raises: IntegrityError, DataError.
    """
    statement = _statement(type(row), connection.vendor, has_key=row.pk is not None)
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for field in statement.fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, values)
        if statement.returns_key:
            row.pk = cursor.fetchone()[0]
    row._state.adding = False
    row._state.db = connection.alias
    return row


@lru_cache(maxsize=256)
def _statement(model: type[models.Model], vendor: str, *, has_key: bool) -> _Statement:
    """One per model and database; ``vendor`` is in the key alone."""
    meta = model._meta
    key = meta.pk
    fields = tuple(
        field
        for field in meta.local_concrete_fields
        if not field.generated and (has_key or field is not key)
    )
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join("%s" for _field in fields)
    sql = f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
    if not has_key:
        sql += f" RETURNING {quote(key.column)}"
    return _Statement(sql, fields, returns_key=not has_key)
