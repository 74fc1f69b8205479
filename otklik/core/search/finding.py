"""Finding documents: rights and words in one query of the database, the order by our own scorer.

The two databases rank differently, so neither is asked to. They give the newest candidates that
fit, and those whose title fits; what is scored is the same on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models.functions import Substr

from otklik.core.search import postgresql, sqlite
from otklik.core.search.query import Query, parse_query
from otklik.core.search.scoring import score
from otklik.core.search.tokens import kind_token, scope_token

MOST_CANDIDATES = 1000
# Enough of a body to tell a document about something from one that mentions it.
SCORED_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Hit:
    object_id: int
    score: float


def find(kind: str, query: str | Query, *, scopes: Iterable[str], limit: int = 50) -> list[Hit]:
    """The best documents of ``kind`` that hold every term and one of the ``scopes``.

    Best first, newer before older among equals. Candidates are bounded: the newest thousand and
    the newest thousand whose title alone fits. Reads only.
    """
    from otklik.core.search.models import SearchDocument

    parsed = parse_query(query) if isinstance(query, str) else query
    granted = sorted({scope_token(scope) for scope in scopes})
    if not parsed.terms or not granted:
        return []
    ids = _candidates(kind_token(kind), parsed, granted)
    rows = (
        SearchDocument.objects.filter(pk__in=ids)
        .annotate(beginning=Substr("body", 1, SCORED_CHARACTERS))
        .values_list("object_id", "at", "title", "beginning")
    )
    ranked = sorted(
        (
            (score(parsed, title.split(), beginning.split()), at, object_id)
            for object_id, at, title, beginning in rows
        ),
        reverse=True,
    )
    return [Hit(object_id, points) for points, _at, object_id in ranked[:limit]]


def _candidates(kind: str, query: Query, scopes: Sequence[str]) -> set[int]:
    database = postgresql if connection.vendor == "postgresql" else sqlite
    found: set[int] = set()
    with connection.cursor() as cursor:
        for only_title in (False, True):
            sql, parameters = database.candidates(
                kind, query, scopes, only_title=only_title, limit=MOST_CANDIDATES
            )
            cursor.execute(sql, parameters)
            rows = [row[0] for row in cursor.fetchall()]
            found.update(rows)
            if len(rows) < MOST_CANDIDATES:
                break  # all there are: the titles among them too
    return found
