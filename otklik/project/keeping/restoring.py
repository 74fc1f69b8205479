"""From a backup to a desk that may serve."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from otklik.core.db.models import is_postgresql
from otklik.core.files.errors import StorageError
from otklik.core.files.stores import current_store, incoming_folder
from otklik.core.hooks.program import Progress
from otklik.project.keeping import aftermath, standing
from otklik.project.keeping.archive import Reader
from otklik.project.keeping.loading import (
    drop_tables,
    empty_tables,
    has_rooms,
    make_tables,
    put_sequence,
    restore_links,
    tally_of,
    without_links,
)
from otklik.project.keeping.tables import (
    Migration,
    Table,
    applied_migrations,
    list_tables,
    put_rows,
    refuse_newer,
)
from otklik.project.keeping.writing import Scribe, Tally
from otklik.project.stopping import Stop

Say = Callable[[str], None]


def clear_the_way(*, replaces: bool) -> Path | None:
    """Make sure the database is empty. Raises Stop when it is not and may not be replaced.

    What a restore that was interrupted has left goes. An SQLite file that is replaced is kept
    beside the new one; returned is where.
    """
    is_half = standing.read_marks().get(standing.INCOMING, {}).get("how") == "restore"
    if not has_rooms() and not is_half:
        return None
    if not is_half and not replaces:
        raise Stop(
            "the database is not empty. A backup is restored into an empty home or database; "
            "--replace puts it in the place of what is there."
        )
    if is_postgresql():
        drop_tables()
        return None
    return _put_aside(keeps=not is_half)


def load(reader: Reader, progress: Progress, say: Say) -> list[Table]:
    """Tables and rows, compared with the manifest. The database is marked until ``open_desk``."""
    applied: list[Migration] = [(app, name) for app, name in reader.about["migrations"]]
    refuse_newer(applied, "the backup")
    standing.make_table()
    standing.put_mark(standing.INCOMING, {"how": "restore", "from": reader.path.name})
    make_tables(applied)
    tables = list_tables(applied)
    told = reader.manifest["tables"]
    unknown = sorted(set(told) - {table.name for table in tables})
    if unknown:
        raise Stop(
            f"the backup has tables of a plug-in that is not installed here: {unknown[0]}. "
            "Install it and run the same command again."
        )
    empty_tables(list_tables(applied, with_passing=True))
    without_links()
    total, done = sum(each["rows"] for each in told.values()), 0
    for table in tables:
        if table.name not in told:
            continue
        done = _load_table(reader, table, told[table.name], progress, done, total, say)
    restore_links()
    for table in tables:
        if table.name in told:
            put_sequence(table, told[table.name]["sequence"])
    return tables


def load_files(reader: Reader, progress: Progress) -> int:
    """Put the contents into the store of this configuration. Returns how many were new to it."""
    store, keys, put = current_store(), reader.list_files(), 0
    for number, key in enumerate(keys, 1):
        reader.check_file(key)
        if not store.has(key):
            with tempfile.NamedTemporaryFile(dir=incoming_folder(), delete=False) as spool:
                path = Path(spool.name)
                with reader.open_file(key) as stream:
                    while chunk := stream.read(1 << 20):
                        spool.write(chunk)
                spool.flush()
                os.fsync(spool.fileno())
            try:
                store.put(key, path)
            except StorageError as error:
                raise Stop(f"the files cannot be stored: {error}") from None
            finally:
                path.unlink(missing_ok=True)
            put += 1
        progress(number, len(keys))
    return put


def open_desk(about: dict[str, Any], *, sends_waiting: bool, say: Say) -> None:
    """Bring the tables up to this release, settle what the time since leaves open, take the mark
    away."""
    from otklik.project.keeping.phases import migrate_all

    migrate_all()
    tables = list_tables(applied_migrations())
    aftermath.settle(tables, about, sends_waiting=sends_waiting, say=say)
    standing.drop_table()


def _load_table(
    reader: Reader,
    table: Table,
    told: dict[str, Any],
    progress: Progress,
    done: int,
    total: int,
    say: Say,
) -> int:
    scribe = Scribe(table, for_postgresql=is_postgresql())
    read, fitted = Tally(), Tally()
    if list(table.columns) != told["columns"]:
        raise Stop(f"{table.name} has other columns in the backup than its migrations say.")
    for lines in reader.lines(table.name):
        rows = [scribe.read(line) for line in lines]
        read.add(scribe.canonical(row) for row in rows)
        rows = [scribe.fit(row) for row in rows]
        fitted.add(scribe.canonical(row) for row in rows)
        with transaction.atomic():
            put_rows(table, "default", rows)
        done += len(rows)
        progress(done, total)
    if (read.count, read.hash) != (told["rows"], told["hash"]):
        raise Stop(f"{reader.path}: the rows of {table.name} are not those that were backed up.")
    there = tally_of(table, "default")
    if (there.count, there.sum) != (fitted.count, fitted.sum):
        raise Stop(f"{table.name} came out different in the database than in the backup.")
    if scribe.altered:
        say(f"{table.name}: {scribe.altered} rows held characters that PostgreSQL cannot store.")
    return done


def _put_aside(*, keeps: bool) -> Path | None:
    connection = connections["default"]
    path = Path(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    if not keeps:
        path.unlink(missing_ok=True)
        return None
    aside = path.with_name(f"{path.name}.before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    path.rename(aside)
    return aside
