"""Our executor leaves the tables that Django makes of the same models.

A database that was migrated by it is compared with one made of the models in one go, by Django's
own schema editor: columns, indexes, constraints. What `migrate` itself would come to takes eight
seconds of a core for each database; that the migrations say what the models say is another test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.utils import ConnectionHandler

pytestmark = [pytest.mark.django_db, pytest.mark.data]

Tables = dict[str, Any]

# What migrations add in SQL of their own, for one database alone.
_BY_HAND = ("search_document_tokens",)


def test_tables_that_were_migrated_are_those_of_the_models() -> None:
    with bare_tables() as (bare, schema):
        wanted = describe(bare, schema)
    migrated = describe(connection, "public")
    assert len(wanted) > 90
    for table, told in wanted.items():
        assert migrated[table] == told, table


@contextmanager
def bare_tables() -> Iterator[tuple[BaseDatabaseWrapper, str]]:
    """The models' tables where nothing was: a schema that goes with the test, or a memory file."""
    bare: Any = connection
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA bare")
            cursor.execute("SET LOCAL search_path TO bare, public")
    else:
        bare = ConnectionHandler(
            {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
        )["default"]
    try:
        with bare.schema_editor() as editor:
            for model in apps.get_models():
                if _is_table(model):
                    editor.create_model(model)
        yield bare, "bare"
    finally:
        if bare is not connection:
            bare.close()
        else:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL search_path TO DEFAULT")


def _is_table(model: type[Model]) -> bool:
    return model._meta.managed and not model._meta.proxy


def describe(database: BaseDatabaseWrapper, schema: str) -> Tables:
    """Table → its columns, indexes and constraints, whatever their order."""
    every = (model for model in apps.get_models(include_auto_created=True) if _is_table(model))
    # Django's own migrations of its own rooms are its own affair.
    names = {each._meta.db_table for each in every if each.__module__.startswith("otklik.")}
    told = _of_postgresql if database.vendor == "postgresql" else _of_sqlite
    with database.cursor() as cursor:
        return {name: told(cursor, schema, name) for name in sorted(names)}


def _of_postgresql(cursor: Any, schema: str, table: str) -> Any:
    def rows(sql: str) -> list[Any]:
        cursor.execute(sql, [schema, table])
        plain = re.compile(r"\b(bare|public)\.")
        return sorted(
            [plain.sub("", value) if isinstance(value, str) else value for value in row]
            for row in cursor.fetchall()
            if row[0] not in _BY_HAND
        )

    return (
        rows(
            "SELECT column_name, data_type, character_maximum_length, is_nullable, column_default,"
            " is_identity, collation_name, is_generated FROM information_schema.columns"
            " WHERE table_schema = %s AND table_name = %s"
        ),
        rows("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = %s AND tablename = %s"),
        rows(
            "SELECT conname, pg_get_constraintdef(pg_constraint.oid) FROM pg_constraint"
            " JOIN pg_class ON pg_class.oid = conrelid"
            " JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE nspname = %s AND relname = %s"
        ),
    )


def _of_sqlite(cursor: Any, _schema: str, table: str) -> Any:
    def rows(sql: str, *values: str) -> list[Any]:
        return sorted(map(str, cursor.execute(sql, values).fetchall()))

    checks = cursor.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
    return (
        rows(f"SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo('{table}')"),
        rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?", table),
        rows(f'SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list(\'{table}\')'),
        sorted(re.findall(r'CONSTRAINT "\w+" (?:CHECK|UNIQUE) \(.*?\)', checks)),
    )
