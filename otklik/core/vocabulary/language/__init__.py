"""A query as text: `status:open team:me priority>=high updated<2d "printer"`, and back."""

from otklik.core.vocabulary.language.completing import Completion, complete, offer_values
from otklik.core.vocabulary.language.meaning import values_of
from otklik.core.vocabulary.language.names import Names
from otklik.core.vocabulary.language.problems import QueryProblem
from otklik.core.vocabulary.language.reading import MAX_QUERY, Query, read_query
from otklik.core.vocabulary.language.spelling import list_gone, spell_query, spell_values

__all__ = [
    "MAX_QUERY",
    "Completion",
    "Names",
    "Query",
    "QueryProblem",
    "complete",
    "list_gone",
    "offer_values",
    "read_query",
    "spell_query",
    "spell_values",
    "values_of",
]
