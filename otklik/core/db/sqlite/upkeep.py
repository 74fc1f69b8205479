"""What an SQLite file wants from time to time, each in steps of milliseconds behind the gate."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from otklik.core.db.gate import WriteGate

# Writers wait while the log is cut off: only when hardly anything is left to copy.
_PATIENCE_MS = 10
_LOOK = 0.25  # seconds
_WRITTEN = 2  # looks that found the log written to, before it is worth copying


@dataclass(frozen=True, slots=True)
class FileState:
    """Bytes: of the file, of the log beside it, and free within the file."""

    size: int
    log: int
    free: int


def read_state() -> FileState:
    """The default database's, which is SQLite."""
    path = _path()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_size")
        page = int(cursor.fetchone()[0])
        cursor.execute("PRAGMA freelist_count")
        free = int(cursor.fetchone()[0])
    return FileState(_size(path), _size(path.with_name(path.name + "-wal")), free * page)


def fold_in_log() -> bool:
    """Copy the write-ahead log into the file and cut it off. False when a reader or writer was in
    the way: the next time.

    The copying stops nobody; writers only wait while an emptied log is cut off.
    """
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        busy, in_log, copied = cursor.fetchone()
        if busy or in_log != copied:
            return False
        cursor.execute("PRAGMA busy_timeout")
        patience = int(cursor.fetchone()[0])
        gate = WriteGate(_path())
        gate.enter()
        try:
            cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not cursor.fetchone()[0]
        finally:
            gate.leave()
            with suppress(Exception):
                cursor.execute(f"PRAGMA busy_timeout = {patience}")


def follow_log(stop: threading.Event) -> None:
    """Copy the log into the file beside the writers, while they write, until ``stop`` is set.

    Left to itself SQLite does that within a commit, behind the gate: once in some forty turns
    everybody waited for a tenth of a second. Where nobody runs this, a commit does it by itself,
    seldom (``wal_autocheckpoint``), and has hardly anything left to copy where somebody does.
    """
    log = _path().with_name(_path().name + "-wal")
    seen, written = 0, 0
    while not stop.wait(_LOOK):
        now = _written_at(log)
        written += now != seen
        seen = now
        if written < _WRITTEN:
            continue
        written = 0
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            cursor.fetchall()
    connection.close()


def analyse(*, seconds: float = 1.0) -> int:
    """Renew what the planner knows, where SQLite itself says that it should. Returns how many
    tables it was."""
    until = time.monotonic() + seconds
    done = 0
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA analysis_limit = 200")
        cursor.fetchall()
        cursor.execute("PRAGMA optimize(-1)")  # only says what it would do
        statements = [row[0] for row in cursor.fetchall() if row[0].startswith("ANALYZE")]
        for statement in statements:
            gate = WriteGate(_path())
            gate.enter()
            try:
                cursor.execute(statement)
            finally:
                gate.leave()
            done += 1
            if time.monotonic() > until:
                break
    return done


def _path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
