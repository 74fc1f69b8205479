"""Whether the database answers and holds the tables this code expects."""

from __future__ import annotations

import threading

import structlog
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

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
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.set()
    return True
