"""Candidates by a GIN index over a `tsvector` of our own tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from otklik.core.search.query import Query, Term

# The newest documents are looked through one by one: the words of a common query are in most of
# them, and reading all that the index knows of such words to keep the newest takes seconds.
FIRST_WINDOW = 2_000
# How much farther back the next look goes than the first one lets expect.
_MARGIN = 1.5


def candidates(
    cursor: Any, kind: str, query: Query, scopes: Sequence[str], *, only_title: bool, limit: int
) -> list[int]:
    """The ids of the newest documents that fit."""
    place = "t:" if only_title else ""
    words = " & ".join(f"({_match(term, place)})" for term in query.terms)
    granted = " | ".join(f"'{scope}'" for scope in scopes)
    wanted = f"'{kind}' & ({granted}) & {words}"
    cursor.execute("SELECT max(id) FROM search_searchdocument")
    before = (cursor.fetchone()[0] or 0) + 1
    since = max(before - FIRST_WINDOW, 0)
    found = _look(cursor, wanted, since, before, limit)
    if since == 0 or len(found) >= limit:
        return found
    seen, before = before - since, since
    with _index_alone(cursor):
        while before > 0 and len(found) < limit:
            # Nothing so far: it is rare, and one look through everything is cheap.
            per_hit = seen / len(found) if found else before
            since = max(before - int(per_hit * (limit - len(found)) * _MARGIN) - 1, 0)
            found += _look(cursor, wanted, since, before, limit - len(found))
            seen, before = seen + before - since, since
    return found


@contextmanager
def _index_alone(cursor: Any) -> Iterator[None]:
    """Documents are found by the index of words and that of ids, joined. The planner takes words
    of one text for independent, expects many hits and reads every document of a wide window."""
    with transaction.atomic():
        cursor.execute("SET LOCAL enable_indexscan = off")
        yield
        cursor.execute("SET LOCAL enable_indexscan = on")


def _look(cursor: Any, wanted: str, since: int, before: int, limit: int) -> list[int]:
    cursor.execute(_HITS, [wanted, since, before, limit])
    return [row[0] for row in cursor.fetchall()]


# Materialised: else a planner that expects many hits walks the whole window by id.
_HITS = (
    "WITH hits AS MATERIALIZED (SELECT id FROM search_searchdocument"
    " WHERE tokens @@ %s::tsquery AND id >= %s AND id < %s)"
    " SELECT id FROM hits ORDER BY id DESC LIMIT %s"
)


def _match(term: Term, place: str) -> str:
    exact = " <-> ".join(f"'{place}{word}'" for word in term.words)
    return f"({exact}) | '{place}{term.prefix}':*" if term.prefix else exact
