"""Finding documents: rights and words in one query of the database, the order by our own scorer.

The two databases rank differently, so neither is asked to. They give the newest candidates that
fit, and those whose title fits; what is scored is the same on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from otklik.core.search import postgresql, sqlite
from otklik.core.search.candidates import Wanted
from otklik.core.search.query import Query, parse_query
from otklik.core.search.scoring import Scorer
from otklik.core.search.tokens import kind_token, scope_token

MOST_CANDIDATES = 600
# Of these, the best by title and newness, bodies are weighed too: reading all their bodies takes
# longer than all the rest of a search.
MOST_WEIGHED = 120
# Enough of a body to tell a document about something from one that mentions it.
SCORED_CHARACTERS = 4000


class Hit(NamedTuple):
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
    scorer = Scorer(parsed)
    most = candidates or MOST_CANDIDATES
    wanted = Wanted(kind_token(kind), granted, parsed, most, enough=limit)
    with connection.cursor() as cursor:
        found = _FIND[connection.vendor](cursor, wanted, scorer)
        ranked = sorted(
            [(scorer.score_title(title), at, object_id, pk) for at, object_id, pk, title in found],
            reverse=True,
        )
        bodies = _read_bodies(cursor, [row[3] for row in ranked[:MOST_WEIGHED]])
    ranked[:MOST_WEIGHED] = [
        (round(points + scorer.score_body(bodies.get(pk, "")), 4), at, object_id, pk)
        for points, at, object_id, pk in ranked[:MOST_WEIGHED]
    ]
    ranked.sort(reverse=True)
    return [Hit(object_id, points) for points, _at, object_id, _pk in ranked[:limit]]


_FIND = {"postgresql": postgresql.find_candidates, "sqlite": sqlite.find_candidates}


def _read_bodies(cursor: Any, ids: Sequence[int]) -> dict[int, str]:
    """The beginnings of these documents' bodies."""
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    cursor.execute(
        "SELECT id, substr(body, 1, %s) FROM search_searchdocument"  # noqa: S608 - marks alone
        f" WHERE id IN ({marks})",
        [SCORED_CHARACTERS, *ids],
    )
    return dict(cursor.fetchall())
