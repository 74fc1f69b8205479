"""Candidates by FTS5. Its table is filled by triggers of the first migration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from otklik.core.search.query import Query, Term


def candidates(
    cursor: Any, kind: str, query: Query, scopes: Sequence[str], *, only_title: bool, limit: int
) -> list[int]:
    """The ids of the newest documents that fit."""
    columns = "title" if only_title else "title body"
    words = " AND ".join(f"({_match(term)})" for term in query.terms)
    granted = " OR ".join(_quoted(scope) for scope in scopes)
    match = f"{{keys}} : {_quoted(kind)} AND {{keys}} : ({granted}) AND {{{columns}}} : ({words})"
    sql = "SELECT rowid FROM search_words WHERE search_words MATCH %s ORDER BY rowid DESC LIMIT %s"
    cursor.execute(sql, [match, limit])
    return [row[0] for row in cursor.fetchall()]


def _match(term: Term) -> str:
    exact = _quoted(" ".join(term.words))
    return f"{exact} OR {_quoted(term.prefix)} *" if term.prefix else exact


def _quoted(text: str) -> str:
    # Words are letters and digits, keys have a colon: nothing in them ends the quotes.
    return f'"{text}"'
