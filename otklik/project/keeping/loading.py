"""Putting rows into an empty database: tables first, then rows without links, then the links.

Works on the default connection, so that columns come out as that kind of database wants them.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections, transaction

from otklik.core.db.executor import Executor
from otklik.project.keeping import standing
from otklik.project.keeping.tables import (
    Migration,
    Table,
    applied_migrations,
    end_points,
    list_tables,
    read_rows,
)
from otklik.project.keeping.writing import Scribe, Tally
from otklik.project.stopping import Stop

_LINKS = "links"  # the mark that holds PostgreSQL's foreign keys while they are away


def has_rooms() -> bool:
    """Whether the database holds anything but our own marks."""
    connection = connections["default"]
    names = set(connection.introspection.table_names()) - {standing.TABLE}
    return bool(names)


def make_tables(applied: Sequence[Migration]) -> None:
    """As they were in the source, and empty. May be repeated after an interruption."""
    executor = Executor(connections["default"])
    executor.migrate(end_points(applied))


def empty_tables(tables: Sequence[Table]) -> None:
    """Take away what the migrations put in, and PostgreSQL's foreign keys for the time being.

    Rows come table by table and in many transactions; links between them hold only at the end.
    """
    connection = connections["default"]
    if connection.vendor != "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            for table in tables:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table.name)}")  # noqa: S608
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE contype = 'f'"
            " AND connamespace = current_schema()::regnamespace"
        )
        links = [list(row) for row in cursor.fetchall()]
        for table_name, name, _definition in links:
            cursor.execute(f'ALTER TABLE {table_name} DROP CONSTRAINT "{name}"')
        names = ", ".join(connection.ops.quote_name(table.name) for table in tables)
        cursor.execute(f"TRUNCATE {names}")
        if links:
            standing.put_mark(_LINKS, links)


def without_links() -> None:
    """On SQLite: this connection does not look at foreign keys until ``restore_links``."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys = OFF")


def restore_links() -> None:
    """Put the foreign keys back; raises Stop when a row points nowhere. May be repeated."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_key_check")
            broken = cursor.fetchone()
            cursor.execute("PRAGMA foreign_keys = ON")
        if broken:
            raise Stop(f"row {broken[1]} of {broken[0]} points to a row of {broken[2]} not there.")
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for table_name, name, definition in standing.read_marks().get(_LINKS, []):
            cursor.execute(f'ALTER TABLE {table_name} ADD CONSTRAINT "{name}" {definition}')
        cursor.execute(f"DELETE FROM {standing.TABLE} WHERE name = %s", [_LINKS])  # noqa: S608


def tally_of(table: Table, alias: str) -> Tally:
    """Read a whole table back."""
    scribe, tally = Scribe(table), Tally()
    for rows in read_rows(table, alias):
        tally.add(scribe.canonical(row) for row in rows)
    return tally


def read_sequence(table: Table, alias: str) -> int:
    """The last id that was given out, also to rows deleted since; 0 for none."""
    if not table.has_sequence:
        return 0
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            row = cursor.fetchone()
            return int(row[0]) if row else 0
        cursor.execute(
            "SELECT pg_get_serial_sequence(%s, %s)",
            [connection.ops.quote_name(table.name), table.pk.column],
        )
        name = cursor.fetchone()[0]
        cursor.execute(f"SELECT last_value, is_called FROM {name}")  # noqa: S608
        last, is_called = cursor.fetchone()
        return int(last) if is_called else int(last) - 1


def put_sequence(table: Table, last: int) -> None:
    """The next id will be greater than ``last`` and than every id there is."""
    if not table.has_sequence:
        return
    connection = connections["default"]
    column, name = (connection.ops.quote_name(each) for each in (str(table.pk.column), table.name))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max({column}), 0) FROM {name}")  # noqa: S608
        last = max(last, int(cursor.fetchone()[0]))
        if connection.vendor == "sqlite":
            cursor.execute(
                "UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last, table.name]
            )
            if not cursor.rowcount:
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table.name, last]
                )
            return
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [name, table.pk.column])
        # Zero given out: the first id is 1.
        cursor.execute("SELECT setval(%s, %s, %s)", [cursor.fetchone()[0], max(last, 1), last > 0])


def drop_tables() -> None:
    """Take a PostgreSQL database's tables of ours away, in one step; others in it stay."""
    connection = connections["default"]
    there = set(connection.introspection.table_names())
    ours = {table.name for table in list_tables(applied_migrations(), with_passing=True)}
    names = sorted((ours | {"django_migrations", standing.TABLE}) & there)
    with transaction.atomic(), connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)} CASCADE")
