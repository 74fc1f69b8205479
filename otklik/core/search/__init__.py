"""Finding things by words: documents of stems and scope keys, the same on both databases."""

from otklik.core.search.documents import index, prepare_document, put_document, remove
from otklik.core.search.finding import Hit, find
from otklik.core.search.query import parse_query
from otklik.core.search.rebuilding import list_kinds, rebuild, register_source

__all__ = [
    "Hit",
    "find",
    "index",
    "list_kinds",
    "parse_query",
    "prepare_document",
    "put_document",
    "rebuild",
    "register_source",
    "remove",
]
