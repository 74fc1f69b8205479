"""Rows written on every message, without building the same statement anew each time.

The ORM takes longer to spell a statement than a database to do it. Here each is spelt once; the
values go through the fields as ever, so both databases hold the same. There are no signals: nobody
here listens to any. `spelling` does the same for questions.
"""

from __future__ import annotations

from collections.abc import Mapping
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
_MARK = "%s"
_PLAIN = frozenset({str, int, bool, type(None)})


# Of each row its model and (field, place of the row it points at).
_Shape = tuple[tuple[type[models.Model], tuple[tuple[str, int], ...]], ...]


@dataclass(frozen=True, slots=True)
class _Column:
    field: Any
    name: str  # of the attribute
    is_prepared: bool  # the field has a word in what is stored
    is_plain: bool

    def value_of(self, row: models.Model, db: Any) -> Any:
        field = self.field
        value = field.pre_save(row, add=True) if self.is_prepared else getattr(row, self.name)
        if value is None:
            return None
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


def insert_linked(*rows: tuple[models.Model, Mapping[str, models.Model]]) -> None:
    """Store new rows in that order, in the caller's transaction; each with those of the rows before
    it that it points at, by field, whose keys are not known yet. On PostgreSQL one statement.

    Raises what the database raises.
    """
    db = connections[DEFAULT_DB_ALIAS]
    if db.vendor != "postgresql":
        for row, links in rows:
            for name, other in links.items():
                setattr(row, name, other)
            insert(row)
        return
    places = {id(row): at for at, (row, _links) in enumerate(rows)}
    shape = tuple(
        (type(row), tuple((name, places[id(other)]) for name, other in links.items()))
        for row, links in rows
    )
    values = [
        column.value_of(row, db)
        for (row, _links), needed in zip(rows, _wanted(shape), strict=True)
        for column in needed
    ]
    marks = tuple(map(_mark_of, values))
    sql = _chain(shape, marks)
    values = [value for value, mark in zip(values, marks, strict=True) if mark == _MARK]
    with db.cursor() as cursor:
        cursor.execute(sql, values)
        keys = cursor.fetchone()
    for (row, links), key in zip(rows, keys, strict=True):
        row.pk = key
        for name, other in links.items():
            setattr(row, name, other)
        row._state.adding = False
        row._state.db = db.alias


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


@lru_cache(maxsize=64)
def _wanted(shape: _Shape) -> tuple[tuple[_Column, ...], ...]:
    """Of each row the columns that hold no key of another of these rows."""
    wanted = []
    for model, links in shape:
        linked = {name for name, _place in links}
        key = model._meta.pk
        wanted.append(
            tuple(
                _column(field, "postgresql")
                for field in model._meta.local_concrete_fields
                if not field.generated and field is not key and field.name not in linked
            )
        )
    return tuple(wanted)


def _mark_of(value: Any) -> str:
    """What stands for a value in the statement. The commonest are spelt: of more than fifty values
    psycopg works out anew each time where they go."""
    if value is None:
        return "NULL"
    if value is True or value is False:
        return "TRUE" if value else "FALSE"
    return "''" if isinstance(value, str) and not value else _MARK


@lru_cache(maxsize=256)
def _chain(shape: _Shape, marks: tuple[str, ...]) -> str:
    """The statement."""
    quote = connection.ops.quote_name
    left, parts = iter(marks), []
    for at, ((model, links), columns) in enumerate(zip(shape, _wanted(shape), strict=True)):
        meta = model._meta
        pointing: list[Any] = [meta.get_field(name) for name, _place in links]
        given = [quote(column.field.column) for column in columns]
        given += [quote(field.column) for field in pointing]
        values = [next(left) for _column in columns] + [_key_of(place) for _name, place in links]
        parts.append(
            f"r{at} AS (INSERT INTO {quote(meta.db_table)} ({', '.join(given)})"  # noqa: S608
            f" VALUES ({', '.join(values)}) RETURNING {quote(meta.pk.column)} AS key)"
        )
    keys = ", ".join(_key_of(at) for at in range(len(shape)))
    return f"WITH {', '.join(parts)} SELECT {keys}"


def _key_of(place: int) -> str:
    return f"(SELECT r{place}.key FROM r{place})"  # noqa: S608


def _column(field: Any, vendor: str) -> _Column:
    # What a foreign key holds is of the type of the key it points to.
    target = field.target_field if field.is_relation else field
    return _Column(
        field=field,
        name=field.attname,
        is_prepared=type(field).pre_save is not models.Field.pre_save,
        is_plain=vendor == "sqlite" and type(target) in _AS_IT_IS,
    )
