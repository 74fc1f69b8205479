"""Migration operations that do not stop a running desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.migrations.operations import AddIndex, AlterField, RunPython


class AddIndexOnline(AddIndex):
    """An index on a large table: on PostgreSQL built beside writers (``CONCURRENTLY``).

    Its migration says ``atomic = False``. One that was cut short is invalid and is built anew.
    SQLite builds it at once, behind the write gate.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            name = schema_editor.quote_name(self.index.name)
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, concurrently=True)


class WithoutOwnIndex(AlterField):
    """A foreign key with ``db_index=False`` from now on: another index begins with its column.

    Code before it neither knows nor misses the index. Altering the field would have SQLite write
    the whole table anew; here the index alone goes.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        column = model._meta.get_field(self.name).column
        declared = {index.name for index in model._meta.indexes}
        with schema_editor.connection.cursor() as cursor:
            found = schema_editor.connection.introspection.get_constraints(
                cursor, model._meta.db_table
            )
        for name, known in found.items():
            is_own = known["index"] and not known["unique"] and known["columns"] == [column]
            if is_own and name not in declared:
                schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            field = model._meta.get_field(self.name)
            schema_editor.execute(schema_editor._create_index_sql(model, fields=[field]))


def clean_up_sooner(*tables: str, changed: float) -> RunPython:
    """On PostgreSQL: vacuum once ``changed`` of the rows are dead, analyse after a twentieth.

    Where rows come and go all day, cleaning up after a fifth of the table is far too late
    (https://www.postgresql.org/docs/current/routine-vacuuming.html).
    """
    return _chosen_for(
        tables,
        {
            "autovacuum_vacuum_scale_factor": changed,
            "autovacuum_vacuum_threshold": 500,
            "autovacuum_analyze_scale_factor": 0.05,
        },
    )


def analyse_soon(*tables: str) -> RunPython:
    """On PostgreSQL: analyse after any change, for small tables that others are joined to.

    By default fifty rows have to change first. Until then the planner takes the keys it last saw
    for all there are: with an agent hired since it read all the people of a desk, 23 ms a page.
    """
    return _chosen_for(
        tables, {"autovacuum_analyze_threshold": 1, "autovacuum_analyze_scale_factor": 0}
    )


def _chosen_for(tables: Sequence[str], chosen: Mapping[str, float]) -> RunPython:
    def alter(editor: Any, words: str) -> None:
        if editor.connection.vendor == "postgresql":
            for table in tables:
                editor.execute(f"ALTER TABLE {editor.quote_name(table)} {words}")

    def forwards(_apps: Any, editor: Any) -> None:
        said = ", ".join(f"{name} = {value}" for name, value in chosen.items())
        alter(editor, f"SET ({said})")

    def backwards(_apps: Any, editor: Any) -> None:
        alter(editor, f"RESET ({', '.join(chosen)})")

    return RunPython(forwards, backwards)
