"""Candidates by a GIN index over a `tsvector` of our own tokens.

There are two ways to the newest documents with some words. Walking back from the newest one and
reading each is best for words that most have; it takes ten milliseconds for a thousand. The index
is best for all others, but it gives every document that has the words, in no order.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import connection

from otklik.core.db.planning import planned_anew
from otklik.core.search.candidates import LONGEST_TITLE, Candidate, Wanted, joined
from otklik.core.search.query import Term
from otklik.core.search.scoring import Scorer

# So many documents are walked through at most.
FIRST_WINDOW = 2_000
# How much farther back the next look goes than what was found lets expect.
_MARGIN = 1.5
_BELIEVED = (
    10.0  # seconds; of where the newest documents begin, which only says where to look first
)


def find_candidates(cursor: Any, wanted: Wanted, scorer: Scorer) -> list[Candidate]:
    """What the newest have in their titles tells how far back those with a title are."""
    newest = _newest(cursor, wanted)
    if len(newest) < wanted.most:
        return newest  # all there are: the titles among them too
    titled = [row for row in newest if scorer.is_in_title(row[3])]
    last = newest[-1][2]
    seen = newest[0][2] - last + 1
    more = _older(cursor, wanted, "t:", last, seen, found=len(titled))
    return joined(newest, more)


def _newest(cursor: Any, wanted: Wanted) -> list[Candidate]:
    since = _where_newest_begin(cursor)
    found = _look(cursor, wanted, "", since, None, wanted.most)
    if len(found) < wanted.most:
        found += _older(cursor, wanted, "", since, FIRST_WINDOW, found=len(found))
    return found


def _older(
    cursor: Any, wanted: Wanted, place: str, before: int, seen: int, *, found: int
) -> list[Candidate]:
    """Those before a row, where ``found`` among ``seen`` rows after it fit."""
    older: list[Candidate] = []
    while before > 0 and found < wanted.most:
        # Nothing so far: it is rare, and one look through everything is cheap.
        per_hit = seen / found if found else before
        since = max(before - int(per_hit * (wanted.most - found) * _MARGIN) - 1, 0)
        hits = _look(cursor, wanted, place, since, before, wanted.most - found)
        older += hits
        found += len(hits)
        seen, before = seen + before - since, since
    return older


_begin: tuple[float, int] = (0.0, 0)


def _where_newest_begin(cursor: Any) -> int:
    global _begin
    now = time.monotonic()
    if _begin[0] < now:
        cursor.execute("SELECT max(id) FROM search_searchdocument")
        newest = cursor.fetchone()[0] or 0
        _begin = (now + _BELIEVED, max(newest + 1 - FIRST_WINDOW, 0))
    return _begin[1]


def _look(
    cursor: Any, wanted: Wanted, place: str, since: int, before: int | None, limit: int
) -> list[Candidate]:
    """So many of the newest rows from ``since`` to ``before``; in titles alone with a ``place``."""
    words = " & ".join(f"({_match(term, place)})" for term in wanted.query.terms)
    granted = " | ".join(f"'{scope}'" for scope in wanted.scopes)
    sought = f"'{wanted.kind}' & ({granted}) & {words}"
    values = [LONGEST_TITLE, sought, since, before or _LAST, limit]
    statement: str = connection.ops.compose_sql(_HITS, values)  # type: ignore[attr-defined]
    is_far = before is not None and before - since > FIRST_WINDOW
    # Which way is the better one depends on how common the words are.
    with planned_anew():
        cursor.execute(_BY_INDEX % statement if is_far else statement)
    if is_far:
        cursor.nextset()
        cursor.nextset()
    found: list[Candidate] = cursor.fetchall()
    return found


_LAST = (1 << 63) - 1
_HITS = (
    "SELECT extract(epoch FROM at)::float8, object_id, id, substr(title, 1, %s)"
    " FROM search_searchdocument WHERE tokens @@ %s::tsquery AND id >= %s AND id < %s"
    " ORDER BY id DESC LIMIT %s"
)
# The planner takes words of one text for independent and does not know what reading a text costs:
# from far back it would walk. In one go; alone, the statements are a transaction of their own.
_BY_INDEX = (
    "SET LOCAL enable_indexscan = off; SET LOCAL enable_seqscan = off; %s;"
    " SET LOCAL enable_indexscan = on; SET LOCAL enable_seqscan = on"
)


def _match(term: Term, place: str) -> str:
    exact = " <-> ".join(f"'{place}{word}'" for word in term.words)
    return f"({exact}) | '{place}{term.prefix}':*" if term.prefix else exact
