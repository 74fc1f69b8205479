"""Whether the database answers and holds the tables this code expects."""

from __future__ import annotations

import pkgutil
import threading
from collections.abc import Iterator
from pathlib import Path

import structlog
from django.apps import apps
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

logger = structlog.get_logger(__name__)

_migrated = threading.Event()
_GATE_STUCK = 20.0  # seconds, Django's own patience with SQLite


def look(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Name → "ok" or words that give nothing away. Takes no write lock."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        database = "ok"
        migrations = "ok" if _is_migrated(connection) else "waiting for otklik migrate"
    except DatabaseError as error:
        logger.warning("database_not_ready", reason=str(error)[:200])
        return {"database": "does not answer", "migrations": "unknown"}
    return {"database": database, "migrations": migrations, "gate": _gate()}


def _gate() -> str:
    from otklik.core.db.gate import longest_recent_wait

    waited = longest_recent_wait()
    return "ok" if waited < _GATE_STUCK else f"writers waited {waited:.0f} s"


def _is_migrated(connection: BaseDatabaseWrapper) -> bool:
    """Asked until it is true once: a schema that fits does not stop fitting while we run."""
    if not _migrated.is_set():
        applied = MigrationRecorder(connection).applied_migrations()
        if any(migration not in applied for migration in _known_migrations()):
            return False
        _migrated.set()
    return True


def _known_migrations() -> Iterator[tuple[str, str]]:
    """By their files, as Django finds them: importing them all would cost 5 MB of every desk."""
    for found in apps.get_app_configs():
        for _, name, is_folder in pkgutil.iter_modules([str(Path(found.path, "migrations"))]):
            if not is_folder and name[0] not in "_~":
                yield found.label, name
