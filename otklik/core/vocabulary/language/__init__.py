"""A query as text: `status:open team:me priority>=high updated<2d "printer"`, and back."""

from otklik.core.vocabulary.language.completing import Completion, complete
from otklik.core.vocabulary.language.problems import QueryProblem
from otklik.core.vocabulary.language.reading import MAX_QUERY, Query, read_query
from otklik.core.vocabulary.language.spelling import list_gone, spell_query

__all__ = [
    "MAX_QUERY",
    "Completion",
    "Query",
    "QueryProblem",
    "complete",
    "list_gone",
    "read_query",
    "spell_query",
]
