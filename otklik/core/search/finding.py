"""Finding documents: rights and words in one query of the database, the order by our own scorer.

The two databases rank differently, so neither is asked to. They give the newest candidates that
fit, and those whose title fits; what is scored is the same on both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from otklik.core.search import postgresql, sqlite
from otklik.core.search.query import Query, parse_query
from otklik.core.search.scoring import Scorer
from otklik.core.search.tokens import kind_token, scope_token

MOST_CANDIDATES = 600
# Of these, the best by title and newness, bodies are weighed too: reading all their bodies takes
# longer than all the rest of a search.
MOST_WEIGHED = 120
# Enough of a body to tell a document about something from one that mentions it.
SCORED_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Hit:
    object_id: int
    score: float


def find(
    kind: str,
    query: str | Query,
    *,
    scopes: Iterable[str],
    limit: int = 50,
    candidates: int | None = None,
) -> list[Hit]:
    """The best documents of ``kind`` that hold every term and one of the ``scopes``.

    Best first, newer before older among equals. ``candidates`` of the newest are
    looked at (``MOST_CANDIDATES``), and as many of the newest whose title alone fits. Reads only.
    """
    parsed = parse_query(query) if isinstance(query, str) else query
    granted = sorted({scope_token(scope) for scope in scopes})
    if not parsed.terms or not granted:
        return []
    # As the database gives them: their times are compared here, never read.
    with connection.cursor() as cursor:
        ids = _candidates(cursor, kind_token(kind), parsed, granted, candidates or MOST_CANDIDATES)
        scorer = Scorer(parsed)
        by_title = sorted(
            ((scorer.score_title(row[3]), *row) for row in _read(cursor, "title", ids)),
            reverse=True,
        )
        bodies = {
            row[2]: scorer.score_body(row[3])
            for row in _read(cursor, "body", [row[3] for row in by_title[:MOST_WEIGHED]])
        }
    ranked = sorted(
        (
            (round(points + bodies.get(pk, 0.0), 4), at, object_id)
            for points, at, object_id, pk, _title in by_title
        ),
        reverse=True,
    )
    return [Hit(object_id, points) for points, _at, object_id in ranked[:limit]]


def _candidates(cursor: Any, kind: str, query: Query, scopes: Sequence[str], most: int) -> set[int]:
    candidates = postgresql.candidates if connection.vendor == "postgresql" else sqlite.candidates
    found: set[int] = set()
    for only_title in (False, True):
        ids = candidates(cursor, kind, query, scopes, only_title=only_title, limit=most)
        found.update(ids)
        if len(ids) < most:
            break  # all there are: the titles among them too
    return found


def _read(cursor: Any, column: str, ids: Collection[int]) -> list[tuple[Any, int, int, str]]:
    """Time, object, id and the beginning of a column of each."""
    if not ids:
        return []
    marks = ", ".join(["%s"] * len(ids))
    cursor.execute(
        f"SELECT at, object_id, id, substr({column}, 1, %s)"  # noqa: S608 - two names and marks
        f" FROM search_searchdocument WHERE id IN ({marks})",
        [SCORED_CHARACTERS, *ids],
    )
    rows: list[tuple[Any, int, int, str]] = cursor.fetchall()
    return rows
