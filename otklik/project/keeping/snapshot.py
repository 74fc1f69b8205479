"""One moment of the database, however long it takes to read it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from otklik.core.settings.database import DatabaseAddress
from otklik.project.databases import databases

COPY = "keeping_copy"


@contextmanager
def consistent(copy: Path) -> Iterator[str]:
    """The alias of a connection that sees the default database as it is now.

    SQLite is copied to ``copy`` by its backup interface (writers go on meanwhile, and the log
    they write can be folded in again as soon as the copy is there); PostgreSQL gives a snapshot.
    """
    if connections["default"].vendor == "postgresql":
        with transaction.atomic():
            with connections["default"].cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield "default"
        return
    _remove(copy)
    try:
        copy.touch(mode=0o600)
        _copy(Path(str(connections["default"].settings_dict["NAME"])), copy)
        with connected(COPY, DatabaseAddress("sqlite", str(copy))):
            yield COPY
    finally:
        _remove(copy)


@contextmanager
def connected(alias: str, address: DatabaseAddress) -> Iterator[None]:
    """A second database under ``alias`` for a while."""
    settings: dict[str, Any] = dict(databases(address)["default"])
    connections.settings[alias] = connections.configure_settings({"default": settings})["default"]
    try:
        yield
    finally:
        connections[alias].close()
        close_pool = getattr(connections[alias], "close_pool", None)
        if close_pool is not None:
            close_pool()
        del connections[alias]
        del connections.settings[alias]


def _copy(source: Path, target: Path) -> None:
    origin = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=20)
    try:
        copy = sqlite3.connect(target)
        try:
            origin.backup(copy)  # one step: a copy of one moment
            copy.commit()
        finally:
            copy.close()
    finally:
        origin.close()


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal", ".turn", ".write"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
