"""Finding things by words: documents of stems and scope keys, the same on both databases."""

from otklik.core.search.documents import index, index_many, remove
from otklik.core.search.finding import MOST_CANDIDATES, Hit, find
from otklik.core.search.query import parse_query
from otklik.core.search.rebuilding import list_kinds, rebuild, register_source

__all__ = [
    "MOST_CANDIDATES",
    "Hit",
    "find",
    "index",
    "index_many",
    "list_kinds",
    "parse_query",
    "rebuild",
    "register_source",
    "remove",
]
