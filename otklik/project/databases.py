"""From a database address to Django's setting: which engine, with which promises."""

from __future__ import annotations

from typing import Any

from otklik.core.settings.database import DatabaseAddress

_ASKED_BEFORE = 5  # times on one connection, before a statement is worth keeping


def databases(address: DatabaseAddress) -> dict[str, dict[str, Any]]:
    """SQLite: WAL, every commit on disk, one gate. PostgreSQL: a small pool per process."""
    if address.kind == "sqlite":
        return {
            "default": {
                "ENGINE": "otklik.core.db.sqlite",
                "NAME": address.name,
                # Opening a connection costs more than most pages; threads here are few and stay.
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    # A compiled statement takes some 15 kB in each thread.
                    "cached_statements": 48,
                    "init_command": (
                        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                        "PRAGMA foreign_keys=ON; PRAGMA cache_size=-1000;"
                        "PRAGMA temp_store=MEMORY;"
                        # Copying the log is done beside the commits: `upkeep.follow_log`.
                        "PRAGMA wal_autocheckpoint=4000;"
                    ),
                },
            }
        }
    options: dict[str, Any] = dict(address.options)
    # The server plans a statement once, not for every page: half of what a page waits for it.
    # A pooler between that gives each transaction another connection may not allow it.
    is_planned_once = options.pop("prepared", "yes") != "no"
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": address.name,
            "HOST": address.host,
            "PORT": str(address.port or ""),
            "USER": address.user,
            "PASSWORD": address.password,
            "CONN_HEALTH_CHECKS": False,
            "OPTIONS": {
                **options,
                "server_side_binding": is_planned_once,
                "prepare_threshold": _ASKED_BEFORE if is_planned_once else None,
                "pool": {"min_size": 1, "max_size": 16, "timeout": 10},
            },
        }
    }
