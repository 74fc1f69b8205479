"""Upkeep of the FTS5 index: its segments are merged a little at a time."""

from __future__ import annotations

from django.db import connection

from otklik.core.db import write


def merge_step(pages: int = 64) -> bool:
    """Merge a little of the index's segments; returns whether there was something to merge.

    The two of FTS5 say so by the rows they change (https://sqlite.org/fts5.html, "merge").
    """
    with write(), connection.cursor() as cursor:
        before = cursor.connection.total_changes
        cursor.execute("INSERT INTO search_words(search_words, rank) VALUES ('merge', %s)", [pages])
        return bool(cursor.connection.total_changes - before >= 2)
