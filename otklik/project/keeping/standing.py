"""What a database says of itself: that a move or a restore is under way, or that it was left.

A plain table beside Django's, because it has to be there before the first migration has run.
While one of the marks below stands, no service starts on the database.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import DatabaseError, connections

TABLE = "otklik_standing"
INCOMING = "incoming"  # rows are being put in: a restore or a move that has not ended
LEAVING = "leaving"  # the source of a move that has not ended
LEFT = "left"  # the source of a move that has


def read_marks(alias: str = "default") -> dict[str, Any]:
    """Every mark by name; empty for an ordinary desk."""
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"SELECT name, value FROM {TABLE}")  # noqa: S608  a constant
            return {name: json.loads(value) for name, value in cursor.fetchall()}
    except DatabaseError:
        return {}


def make_table(alias: str = "default") -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {TABLE} (name varchar(200) PRIMARY KEY, value text)"
        )


def put_mark(name: str, value: object, alias: str = "default") -> None:
    """Store a mark, in the caller's transaction if there is one. The table must be there."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (name, value) VALUES (%s, %s)"  # noqa: S608  a constant
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [name, json.dumps(value)],
        )


def drop_table(alias: str = "default") -> None:
    """Take every mark away at once: the desk is open."""
    with connections[alias].cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def why_closed(alias: str = "default") -> str:
    """A sentence for the operator, or "" when the database may be used."""
    from otklik.project.words import call

    marks = read_marks(alias)
    if incoming := marks.get(INCOMING):
        if incoming["how"] == "restore":
            return (
                f"a restore into this database has not ended. Run it again: {call('restore')} FILE"
            )
        return f"a move into this database has not ended. Run the same {call('move')} again."
    if left := marks.get(LEFT):
        return (
            f"this desk was moved to {left['to']} on {left['at'][:10]}. Set OTKLIK_DATABASE_URL to "
            f"that database. To work here again all the same: {call('move --take-back')}"
        )
    if marks.get(LEAVING):
        return (
            f"this desk is being moved to {marks[LEAVING]['to']}. Run the same {call('move')} "
            f"again to end it, or give it up: {call('move --take-back')}"
        )
    return ""
