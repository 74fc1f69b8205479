"""Every table of the desk as the applied migrations describe it, not as the code now would.

So a backup can be taken before an upgrade, restored by a newer program, and compared between two
kinds of database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed
from django.db import connections, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from otklik.core.search.models import TokensField
from otklik.core.search.tokens import vector
from otklik.project.stopping import Stop

Migration = tuple[str, str]  # application, name
Row = tuple[Any, ...]

# What passes: people sign in again, and processes report anew.
PASSING = frozenset({"django_session", "jobs_node"})


@dataclass(frozen=True)
class Table:
    """``fields`` are what is kept; ``derived`` is computed from them when rows are put in."""

    name: str
    model: type[models.Model]
    fields: tuple[models.Field[Any, Any], ...]
    derived: tuple[models.Field[Any, Any], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(str(field.column) for field in self.fields)

    @property
    def pk(self) -> models.Field[Any, Any]:
        return self.model._meta.pk

    @property
    def pk_place(self) -> int:
        return self.fields.index(self.pk)

    @property
    def has_sequence(self) -> bool:
        return isinstance(self.pk, models.AutoField | models.BigAutoField)

    @property
    def chunk(self) -> int:
        """How many rows are held in memory at once: few where one may be large."""
        kinds = (models.TextField, models.BinaryField, models.JSONField)
        return 200 if any(isinstance(field, kinds) for field in self.fields) else 2000


def applied_migrations(alias: str = "default") -> list[Migration]:
    """In order of application; empty for a database without tables."""
    recorder = MigrationRecorder(connections[alias])
    if not recorder.has_table():
        return []
    rows = recorder.migration_qs.order_by("id").values_list("app", "name")
    return [(app, name) for app, name in rows]


def unknown_migrations(applied: Sequence[Migration]) -> list[Migration]:
    """Those of installed rooms that this program has never heard of: it is older than they are."""
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update((app, name) for app, name in migration.replaces)
    labels = {config.label for config in installed.get_app_configs()}
    return [key for key in applied if key[0] in labels and key not in known]


def absent_rooms(applied: Sequence[Migration]) -> list[str]:
    """Applications whose tables are here and which are not installed: plug-ins of before."""
    labels = {config.label for config in installed.get_app_configs()}
    return sorted({app for app, _ in applied} - labels)


def refuse_newer(applied: Sequence[Migration], what: str) -> None:
    """Raises Stop when ``what`` has tables of a newer release."""
    unknown = unknown_migrations(applied)
    if unknown:
        from otklik import __version__

        app, name = unknown[-1]
        raise Stop(
            f"{what} is of a newer release than this program ({__version__} does not know "
            f"{app}.{name}). Install the newer release, or restore a backup from before.",
            78,
        )


def end_points(applied: Sequence[Migration]) -> list[Migration]:
    """The last applied migration of each room: what a migration from nothing aims at."""
    loader = MigrationLoader(None)
    found = {key for key in applied if key in loader.disk_migrations}
    return sorted(
        key
        for key in found
        if not any(
            child.key[0] == key[0] and child.key in found
            for child in loader.graph.node_map[key].children
        )
    )


def list_tables(applied: Sequence[Migration], *, with_passing: bool = False) -> list[Table]:
    """By name. Tables of plug-ins that are not installed are unknown here and not among them."""
    loader = MigrationLoader(None)
    state = loader.project_state(end_points(applied))
    found = [
        _table(model)
        for model in state.apps.get_models(include_auto_created=True)
        if not model._meta.proxy and model._meta.managed and not model._meta.swapped
    ]
    return sorted(
        (table for table in found if with_passing or table.name not in PASSING),
        key=lambda table: table.name,
    )


def read_rows(table: Table, alias: str, *, after: Any = None) -> Iterator[list[Row]]:
    """All rows by key in chunks: never a cursor held open, and no offset."""
    limit = table.chunk
    while True:
        found = table.model._base_manager.using(alias)
        rows: Any = found.filter(pk__gt=after) if after is not None else found.all()
        attnames = [field.attname for field in table.fields]
        chunk = list(rows.order_by("pk").values_list(*attnames)[:limit])
        if chunk:
            yield chunk
        if len(chunk) < limit:
            return
        after = chunk[-1][table.pk_place]


def put_rows(table: Table, alias: str, rows: Sequence[Row]) -> None:
    """Insert rows as they are, keys and all; nothing is computed but what is derived."""
    if not rows:
        return
    connection = connections[alias]
    fields = table.fields + table.derived
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    places = ", ".join(
        field.get_placeholder(None, None, connection) if isinstance(field, TokensField) else "%s"
        for field in fields
    )
    name = connection.ops.quote_name(table.name)
    values = [
        [
            _prepared(field, value, connection)
            for field, value in zip(table.fields, row, strict=True)
        ]
        + [_derive(field, table, row, connection) for field in table.derived]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {name} ({columns}) VALUES ({places})", values)  # noqa: S608


def count_rows(table: Table, alias: str) -> int:
    return int(table.model._base_manager.using(alias).count())


def _table(model: type[models.Model]) -> Table:
    fields = tuple(model._meta.concrete_fields)
    derived = tuple(field for field in fields if isinstance(field, TokensField))
    kept = tuple(field for field in fields if field not in derived and not field.generated)
    return Table(model._meta.db_table, model, kept, derived)


def _prepared(field: models.Field[Any, Any], value: Any, connection: Any) -> Any:
    if value is None and isinstance(field, models.JSONField) and not field.null:
        # JSON's own null: the column itself takes none.
        return connection.ops.adapt_json_value(None, field.encoder)
    return field.get_db_prep_save(value, connection)


def _derive(field: models.Field[Any, Any], table: Table, row: Row, connection: Any) -> Any:
    if connection.vendor != "postgresql":
        return ""
    values = dict(zip(table.columns, row, strict=True))
    words = [
        [word for word in values[name].split(" ") if word] for name in ("keys", "title", "body")
    ]
    return vector(*words)
