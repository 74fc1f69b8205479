"""Rows written and read on every message, without building the same statement anew each time.

The ORM takes longer to spell a statement than a database to do it. Here each is spelt once; the
values go through the fields as ever, so both databases hold the same. There are no signals: nobody
here listens to any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def find_rows(
    model: type[M], related: tuple[str, ...], equal: Mapping[str, object], *, limit: int = 1
) -> list[M]:
    """The first rows by id whose columns are ``equal``, without building the query anew.

    ``related`` names foreign keys whose rows come along, as for ``select_related``; a path comes
    after the one it goes through: ``("assignee", "assignee__person")``.
    """
    select = _select(model, connection.vendor, related, tuple(equal), limit)
    values = [
        field.get_db_prep_value(value, connection)
        for field, value in zip(select.compared, equal.values(), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(select.sql, values)
        found = cursor.fetchall()
    return [select.build(values) for values in found]


@dataclass(frozen=True, slots=True)
class _Part:
    model: type[models.Model]
    names: tuple[str, ...]
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...]
    path: str
    key_at: int
    key: Any  # the foreign key that leads here; None: the row itself

    def build(self, values: Sequence[Any]) -> models.Model | None:
        if values[self.key_at] is None:
            return None
        if self.converters:
            values = list(values)
            for place, converters, expression in self.converters:
                for convert in converters:
                    values[place] = convert(values[place], expression, connection)
        return self.model.from_db(connection.alias, self.names, values)


@dataclass(frozen=True, slots=True)
class _Select:
    sql: str
    parts: tuple[_Part, ...]
    compared: tuple[Any, ...]

    def build(self, values: Sequence[Any]) -> Any:
        built: dict[str, Any] = {}
        start = 0
        for part in self.parts:
            end = start + len(part.names)
            found = part.build(values[start:end])
            start = end
            built[part.path] = found
            above = part.path.rpartition("__")[0]
            if part.key is not None and built[above] is not None:
                part.key.set_cached_value(built[above], found)
                if part.key.one_to_one and found is not None:
                    part.key.remote_field.set_cached_value(found, built[above])
        return built[""]


@lru_cache(maxsize=64)
def _select(
    model: type[models.Model],
    vendor: str,
    related: tuple[str, ...],
    names: tuple[str, ...],
    limit: int,
) -> _Select:
    """One per question and database; ``vendor`` is in the key alone."""
    quote = connection.ops.quote_name
    parts = [_part(model, "")]
    columns = [f"t.{quote(field.column)}" for field in model._meta.concrete_fields]
    joins = ""
    targets: dict[str, Any] = {"": model}
    for path in related:
        above, _separator, name = path.rpartition("__")
        key: Any = targets[above]._meta.get_field(name)
        target: Any = key.related_model
        targets[path] = target
        parts.append(_part(target, path, key))
        alias, before = quote(path), quote(above or "t")
        columns += [f"{alias}.{quote(field.column)}" for field in target._meta.concrete_fields]
        joins += f" LEFT JOIN {quote(target._meta.db_table)} {alias}"
        joins += f" ON {alias}.{quote(target._meta.pk.column)} = {before}.{quote(key.column)}"
    compared: tuple[Any, ...] = tuple(model._meta.get_field(name) for name in names)
    where = " AND ".join(f"t.{quote(field.column)} = %s" for field in compared)
    sql = (
        f"SELECT {', '.join(columns)} FROM {quote(model._meta.db_table)} t{joins}"  # noqa: S608
        f" WHERE {where} ORDER BY t.{quote(model._meta.pk.column)} LIMIT {int(limit)}"
    )
    return _Select(sql, tuple(parts), compared)


def _part(model: type[models.Model], path: str, key: Any = None) -> _Part:
    fields = model._meta.concrete_fields
    names = tuple(field.attname for field in fields)
    key_at = names.index(model._meta.pk.attname)
    return _Part(model, names, _converters(fields), path, key_at, key)


def _converters(fields: Sequence[Any]) -> tuple[tuple[int, tuple[Any, ...], Any], ...]:
    """Of each column that the database does not give as Python wants it."""
    found = []
    for place, field in enumerate(fields):
        expression = field.get_col("t")
        converters = [
            *connection.ops.get_db_converters(expression),
            *field.get_db_converters(connection),
        ]
        if converters:
            found.append((place, tuple(converters), expression))
    return tuple(found)
