"""Candidates by a GIN index over a `tsvector` of our own tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from otklik.core.search.query import Query, Term

# Documents looked through first; each further look goes back four times as far. The words of a
# common query are in most documents, and reading all of them to keep the newest takes seconds.
FIRST_WINDOW = 4_000
WIDER = 4


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
    found: list[int] = []
    window = FIRST_WINDOW
    while before > 0 and len(found) < limit:
        since = max(before - window, 0)
        cursor.execute(_HITS, [wanted, since, before, limit - len(found)])
        found += [row[0] for row in cursor.fetchall()]
        before, window = since, window * WIDER
    return found


# Materialised: else a planner that expects many hits walks the whole window by id.
_HITS = (
    "WITH hits AS MATERIALIZED (SELECT id FROM search_searchdocument"
    " WHERE tokens @@ %s::tsquery AND id >= %s AND id < %s)"
    " SELECT id FROM hits ORDER BY id DESC LIMIT %s"
)


def _match(term: Term, place: str) -> str:
    exact = " <-> ".join(f"'{place}{word}'" for word in term.words)
    return f"({exact}) | '{place}{term.prefix}':*" if term.prefix else exact
