"""Candidates by FTS5. Its table is filled by triggers of the first migration."""

from __future__ import annotations

from typing import Any

from otklik.core.search.candidates import LONGEST_TITLE, Candidate, Wanted, joined
from otklik.core.search.query import Term
from otklik.core.search.scoring import Scorer


def find_candidates(cursor: Any, wanted: Wanted, _scorer: Scorer) -> list[Candidate]:
    """Titles are looked through first where they may be enough."""
    titled: list[Candidate] = []
    if wanted.is_one_word:
        titled = _look(cursor, wanted, "title")
        if len(titled) >= wanted.enough:
            return titled
    newest = _look(cursor, wanted, "title body")
    if len(newest) < wanted.most:
        return newest  # all there are: the titles among them too
    if not wanted.is_one_word:
        titled = _look(cursor, wanted, "title")
    return joined(newest, titled)


def _look(cursor: Any, wanted: Wanted, columns: str) -> list[Candidate]:
    words = " AND ".join(f"({_match(term)})" for term in wanted.query.terms)
    granted = " OR ".join(_quoted(scope) for scope in wanted.scopes)
    keys = f"{{keys}} : {_quoted(wanted.kind)} AND {{keys}} : ({granted})"
    cursor.execute(_HITS, [LONGEST_TITLE, f"{keys} AND {{{columns}}} : ({words})", wanted.most])
    found: list[Candidate] = cursor.fetchall()
    return found


# The words' rows come first, in their order; each leads to its document. A time behind a plus is
# handed over as it is stored.
_HITS = (
    "SELECT +d.at, d.object_id, d.id, substr(d.title, 1, %s) FROM search_words"
    " CROSS JOIN search_searchdocument AS d ON d.id = search_words.rowid"
    " WHERE search_words MATCH %s ORDER BY search_words.rowid DESC LIMIT %s"
)


def _match(term: Term) -> str:
    exact = _quoted(" ".join(term.words))
    return f"{exact} OR {_quoted(term.prefix)} *" if term.prefix else exact


def _quoted(text: str) -> str:
    # Words are letters and digits, keys have a colon: nothing in them ends the quotes.
    return f'"{text}"'
