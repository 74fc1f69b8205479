"""Migration operations that do not stop a running desk."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations import AddIndex, RunPython


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


def clean_up_sooner(*tables: str, changed: float) -> RunPython:
    """On PostgreSQL: vacuum once ``changed`` of the rows are dead, analyse after a twentieth.

    Where rows come and go all day, cleaning up after a fifth of the table is far too late
    (https://www.postgresql.org/docs/current/routine-vacuuming.html).
    """
    chosen = {
        "autovacuum_vacuum_scale_factor": changed,
        "autovacuum_vacuum_threshold": 500,
        "autovacuum_analyze_scale_factor": 0.05,
    }

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
