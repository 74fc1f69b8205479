"""Read models: what screens and REST show."""

from otklik.tickets.queries.lists import (
    LISTS,
    MAX_COUNT,
    PAGE,
    SORTS,
    Filters,
    Page,
    Sort,
    count_bounded,
    count_lists,
    default_sort,
    get_page,
    list_tickets,
    read_filters,
)
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
    "default_sort",
    "get_page",
    "get_timeline",
    "list_messages",
    "list_participants",
    "list_tickets",
    "propose_recipients",
    "read_filters",
]
