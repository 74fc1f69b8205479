"""Read models: what screens and REST show."""

from otklik.tickets.queries.filters import LISTS, SORTS, Filters, Sort, query_of, read_filters
from otklik.tickets.queries.lists import (
    MAX_COUNT,
    PAGE,
    Page,
    count_bounded,
    count_lists,
    count_query,
    default_sort,
    get_page,
)
from otklik.tickets.queries.narrowing import list_tickets
from otklik.tickets.queries.recipients import Proposal, list_participants, propose_recipients
from otklik.tickets.queries.timeline import Entry, Timeline, get_timeline, list_messages

__all__ = [
    "LISTS",
    "MAX_COUNT",
    "PAGE",
    "SORTS",
    "Entry",
    "Filters",
    "Page",
    "Proposal",
    "Sort",
    "Timeline",
    "count_bounded",
    "count_lists",
    "count_query",
    "default_sort",
    "get_page",
    "get_timeline",
    "list_messages",
    "list_participants",
    "list_tickets",
    "propose_recipients",
    "query_of",
    "read_filters",
]
