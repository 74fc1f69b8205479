"""Rows written on every message, without building the same statement anew each time.

The ORM takes longer to spell a statement than a database to do it. Here each is spelt once; the
values go through the fields as ever, so both databases hold the same. There are no signals: nobody
here listens to any. `spelling` does the same for questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from otklik.core.db.write import is_unhurried, write

M = TypeVar("M", bound=models.Model)


# What these very fields hold goes to SQLite as it is, when it is of these types.
_AS_IT_IS = frozenset(
    {
        *(models.CharField, models.TextField, models.BooleanField),
        *(models.IntegerField, models.BigIntegerField, models.SmallIntegerField),
        *(models.PositiveIntegerField, models.PositiveSmallIntegerField),
        *(models.AutoField, models.BigAutoField),
    }
)
_PLAIN = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True)
class _Column:
    field: Any
    name: str  # of the attribute
    is_prepared: bool  # the field has a word in what is stored
    is_plain: bool

    def value_of(self, row: models.Model, db: Any) -> Any:
        field = self.field
        value = field.pre_save(row, add=True) if self.is_prepared else getattr(row, self.name)
        if self.is_plain and type(value) in _PLAIN:
            return value
        return field.get_db_prep_save(value, db)


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    columns: tuple[_Column, ...]
    returns_key: bool


def insert(row: M) -> M:
    """Store a new row in the caller's transaction and return it with its key.

    Raises what the database raises: IntegrityError, DataError.
    """
    db = connections[DEFAULT_DB_ALIAS]  # the proxy would look it up for every value
    statement = _statement(type(row), db.vendor, has_key=row.pk is not None)
    values = [column.value_of(row, db) for column in statement.columns]
    with db.cursor() as cursor:
        cursor.execute(statement.sql, values)
        if statement.returns_key:
            row.pk = cursor.fetchone()[0]
    row._state.adding = False
    row._state.db = db.alias
    return row


def insert_alone(row: M) -> M:
    """The same in a transaction of its own, with the pace of the caller (`write.unhurried`). On
    PostgreSQL one message to the server instead of four."""
    db = connections[DEFAULT_DB_ALIAS]
    if not _may_stand_alone(db):
        with write():
            return insert(row)
    statement = _statement(type(row), db.vendor, has_key=row.pk is not None)
    values = [column.value_of(row, db) for column in statement.columns]
    key = connection.ops.quote_name(type(row)._meta.pk.column)
    sql = statement.sql if statement.returns_key else f"{statement.sql} RETURNING {key}"
    with db.cursor() as cursor:
        cursor.execute(f"{sql}, {_at_this_pace()}", values)
        row.pk = cursor.fetchone()[0]
    row._state.adding = False
    row._state.db = db.alias
    return row


def update_alone(row: models.Model, names: tuple[str, ...]) -> None:
    """Store these attributes of a row likewise."""
    db = connections[DEFAULT_DB_ALIAS]
    if not _may_stand_alone(db):
        with write():
            row.save(update_fields=names)
        return
    columns = [_column(row._meta.get_field(name), db.vendor) for name in names]
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(column.field.column)} = %s" for column in columns)
    key = quote(row._meta.pk.column)
    sql = f"UPDATE {quote(row._meta.db_table)} SET {places} WHERE {key} = %s"  # noqa: S608
    with db.cursor() as cursor:
        values = [column.value_of(row, db) for column in columns]
        cursor.execute(f"{sql} RETURNING {_at_this_pace()}", [*values, row.pk])


def _may_stand_alone(db: Any) -> bool:
    return db.vendor == "postgresql" and not db.in_atomic_block


def _at_this_pace() -> str:
    """Asked within the statement, it holds for the commit at its end."""
    return "set_config('synchronous_commit', 'off', true)" if is_unhurried() else "NULL"


@lru_cache(maxsize=256)
def _statement(model: type[models.Model], vendor: str, *, has_key: bool) -> _Statement:
    """One per model and database."""
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
    columns = tuple(_column(field, vendor) for field in fields)
    return _Statement(sql, columns, returns_key=not has_key)


def _column(field: Any, vendor: str) -> _Column:
    # What a foreign key holds is of the type of the key it points to.
    target = field.target_field if field.is_relation else field
    return _Column(
        field=field,
        name=field.attname,
        is_prepared=type(field).pre_save is not models.Field.pre_save,
        is_plain=vendor == "sqlite" and type(target) in _AS_IT_IS,
    )
