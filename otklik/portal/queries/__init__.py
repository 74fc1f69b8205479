"""What the portal's pages show, ready to be printed."""

from otklik.portal.queries.lists import RequestRow, find_requests, get_requests, latest_requests
from otklik.portal.queries.talk import RequestPage, get_request_page
from otklik.portal.queries.words import Step, status_mark_of, status_words

__all__ = [
    "RequestPage",
    "RequestRow",
    "Step",
    "find_requests",
    "get_request_page",
    "get_requests",
    "latest_requests",
    "status_mark_of",
    "status_words",
]
