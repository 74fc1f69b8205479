"""Candidates by a GIN index over a `tsvector` of our own tokens."""

from __future__ import annotations

from collections.abc import Sequence

from otklik.core.search.query import Query, Term


def candidates(
    kind: str, query: Query, scopes: Sequence[str], *, only_title: bool, limit: int
) -> tuple[str, list[str | int]]:
    """SQL and parameters for the ids of the newest documents that fit."""
    place = "t:" if only_title else ""
    words = " & ".join(f"({_match(term, place)})" for term in query.terms)
    granted = " | ".join(f"'{scope}'" for scope in scopes)
    # Materialised: else a planner that expects many hits walks the whole table by id.
    sql = (
        "WITH hits AS MATERIALIZED"
        " (SELECT id FROM search_searchdocument WHERE tokens @@ %s::tsquery)"
        " SELECT id FROM hits ORDER BY id DESC LIMIT %s"
    )
    return sql, [f"'{kind}' & ({granted}) & {words}", limit]


def _match(term: Term, place: str) -> str:
    exact = " <-> ".join(f"'{place}{word}'" for word in term.words)
    return f"({exact}) | '{place}{term.prefix}':*" if term.prefix else exact
