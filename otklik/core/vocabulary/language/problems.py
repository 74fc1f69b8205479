"""What makes no sense in a query, where, and what was meant perhaps."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from django.utils.translation import gettext as _

from otklik.core.access import Invalid

FIELD = "query"


class QueryProblem(Invalid):
    """``start`` and ``end`` are where in the text; ``suggestion`` what could stand there, or ""."""

    def __init__(self, words: str, start: int, end: int, suggestion: str = "") -> None:
        self.words, self.start, self.end, self.suggestion = words, start, end, suggestion
        if suggestion:
            words = _("%(problem)s Perhaps “%(suggestion)s”?") % {
                "problem": words,
                "suggestion": suggestion,
            }
        super().__init__(words, code="query", fields={FIELD: words})


def closest(text: str, known: Iterable[str]) -> str:
    """The known word most like one that is not known; "" when none is."""
    found = get_close_matches(text[:60], list(known)[:500], n=1, cutoff=0.6)
    return found[0] if found else ""
