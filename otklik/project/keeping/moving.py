"""From one database to another, with every id; may be killed at any moment and repeated.

The default connection is the target, so that its columns come out as it wants them. Where the move
has got to stands in the target, in the transaction that brought it there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from otklik.core.db.models import is_postgresql
from otklik.project.keeping import standing
from otklik.project.keeping.loading import (
    empty_tables,
    has_rooms,
    make_tables,
    put_sequence,
    read_sequence,
    restore_links,
    tally_of,
    without_links,
)
from otklik.project.keeping.tables import (
    Table,
    absent_rooms,
    applied_migrations,
    count_rows,
    list_tables,
    put_rows,
    read_rows,
    refuse_newer,
)
from otklik.project.keeping.writing import Scribe, Tally
from otklik.project.stopping import Stop
from otklik.project.words import Progress

SOURCE = "keeping_source"
_PHASE = "phase"
_PREPARED, _LINKED, _COMPARED = "prepared", "linked", "compared"
_ORDER = ("", _PREPARED, _LINKED, _COMPARED)
# Processes report anew; people stay signed in.
_NOT_MOVED = frozenset({"jobs_node"})

Say = Callable[[str], None]


def move(to: str, say: Say) -> int:
    """Move what SOURCE holds into the default database; returns the number of rows.

    ``to`` is shown where the source says that it was left. Raises Stop.
    """
    applied = applied_migrations(SOURCE)
    if not applied:
        raise Stop("there is nothing to move: the database has no tables.")
    refuse_newer(applied, "the database")
    if absent := absent_rooms(applied):
        raise Stop(
            f"the plug-in {absent[0]} has tables here and is not installed; install it first."
        )
    _mark_both(to)
    tables = [
        table for table in list_tables(applied, with_passing=True) if table.name not in _NOT_MOVED
    ]
    if _has_reached(_PREPARED):
        without_links()
    else:
        make_tables(applied)
        with transaction.atomic():
            empty_tables(list_tables(applied, with_passing=True))
            standing.put_mark(_PHASE, _PREPARED)
        without_links()
    if not _has_reached(_LINKED):
        with Progress("Moving rows") as progress:
            _move_rows(tables, progress, say)
        restore_links()
        standing.put_mark(_PHASE, _LINKED)
    for table in tables:
        put_sequence(table, read_sequence(table, SOURCE))
    if not _has_reached(_COMPARED):
        with Progress("Comparing") as progress:
            _compare(tables, progress)
        standing.put_mark(_PHASE, _COMPARED)
    rows = sum(count_rows(table, "default") for table in tables)
    _leave(to)
    standing.drop_table()
    return rows


def _mark_both(to: str) -> None:
    """Close both databases to services, under one number. Raises Stop when they do not belong
    together."""
    source, target = standing.read_marks(SOURCE), standing.read_marks()
    if standing.INCOMING in source:
        raise Stop("the database to be moved is itself half of a restore or a move.")
    if standing.LEFT in source:
        is_ours = target.get(standing.INCOMING, {}).get("id") == source[standing.LEFT]["id"]
        if not is_ours:
            raise Stop(standing.why_closed(SOURCE))
        number = source[standing.LEFT]["id"]
    else:
        number = source.get(standing.LEAVING, {}).get("id") or uuid.uuid4().hex
    incoming = target.get(standing.INCOMING)
    if incoming and incoming.get("id") != number:
        raise Stop("the target holds half of another move or restore; empty it first.")
    if incoming is None and has_rooms():
        raise Stop("the target is not empty. Move into a new database.")
    if standing.LEFT not in source and standing.LEAVING not in source:
        standing.make_table(SOURCE)
        mark = {"id": number, "to": to, "at": timezone.now().isoformat()}
        standing.put_mark(standing.LEAVING, mark, SOURCE)
    if incoming is None:
        with transaction.atomic():
            standing.make_table()
            standing.put_mark(standing.INCOMING, {"how": "move", "id": number})


def _leave(to: str) -> None:
    source = standing.read_marks(SOURCE)
    if standing.LEFT in source:
        return
    mark = {
        "id": source[standing.LEAVING]["id"],
        "to": to,
        "at": timezone.now().isoformat(),
    }
    with transaction.atomic(using=SOURCE):
        standing.put_mark(standing.LEFT, mark, SOURCE)


def _has_reached(phase: str) -> bool:
    return _ORDER.index(standing.read_marks().get(_PHASE, "")) >= _ORDER.index(phase)


def _move_rows(tables: list[Table], progress: Progress, say: Say) -> None:
    marks = standing.read_marks()
    counts = {table.name: count_rows(table, SOURCE) for table in tables}
    total = sum(counts.values())
    done = 0
    for table in tables:
        so_far = marks.get(_name(table), {})
        scribe = Scribe(table, for_postgresql=is_postgresql())
        tally = Tally(so_far.get("count", 0), int(so_far.get("sum", "0"), 16))
        altered = so_far.get("altered", 0)
        done += tally.count
        for rows in read_rows(table, SOURCE, after=so_far.get("after")):
            fitted = [scribe.fit(row) for row in rows]
            tally.add(scribe.canonical(row) for row in fitted)
            with transaction.atomic():
                put_rows(table, "default", fitted)
                mark = {
                    "after": _plain_key(fitted[-1][table.pk_place]),
                    "count": tally.count,
                    "sum": f"{tally.sum:x}",
                    "altered": altered + scribe.altered,
                }
                standing.put_mark(_name(table), mark)
            done += len(rows)
            progress(done, total)
        if tally.count != counts[table.name]:
            raise Stop(
                f"{table.name} has changed while it was moved: somebody writes to the old "
                "database. End every process, empty the target and begin again."
            )
        if altered + scribe.altered:
            say(
                f"{table.name}: {altered + scribe.altered} rows held characters that PostgreSQL "
                "cannot store; they were replaced by U+FFFD."
            )


def _compare(tables: list[Table], progress: Progress) -> None:
    """What was read against what is there now, table by table."""
    marks = standing.read_marks()
    total = sum(marks.get(_name(table), {}).get("count", 0) for table in tables)
    done = 0
    for table in tables:
        told = marks.get(_name(table), {"count": 0, "sum": "0"})
        there = tally_of(table, "default")
        if (there.count, there.sum) != (told["count"], int(told["sum"], 16)):
            raise Stop(
                f"{table.name} came out different: {there.count:,} rows instead of "
                f"{told['count']:,}, or other values. The old database is as it was; take it back "
                "with otklik move --take-back."
            )
        done += there.count
        progress(done, total)


def _name(table: Table) -> str:
    return f"rows:{table.name}"


def _plain_key(value: Any) -> Any:
    return value if isinstance(value, int | str) else str(value)
