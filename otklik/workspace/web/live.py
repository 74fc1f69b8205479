"""The pieces of open tickets, drawn over the socket: those of several pages at a time.

Each page's are drawn for it alone, with its rights, its marks and its language. What they show is
read for all of them together, and none of it goes through a request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware

from otklik.core.access import ActionError
from otklik.core.db.together import Ahead, asking_ahead
from otklik.core.realtime import register_drawing
from otklik.core.realtime.topics import Wish
from otklik.people.looks import TICKET_PAGE, note_look
from otklik.tickets.live import TOPIC
from otklik.tickets.queries import single, timeline
from otklik.workspace.queries import beside, event_words, person_card, said_words, ticket_page
from otklik.workspace.queries.reader import as_read_by
from otklik.workspace.web.ticket import show_parts

logger = structlog.get_logger(__name__)

_PAGE = re.compile(r"/tickets/([1-9]\d{0,17})/(?:\?|\Z)")
_PIECES = ("ticket-head", "timeline", "properties")  # in the order in which they share questions


def wire() -> None:
    register_drawing(TOPIC, draw_tickets)


def draw_tickets(wishes: Sequence[Wish]) -> Iterator[str | None]:
    """The pieces that each page names (the keys of ``has``), as its own address would answer; None
    for what only that can: merged and foreign tickets, pages of anything else.

    ``address`` is the page's, as `HX-Current-URL` says it.
    """
    with asking_ahead() as ahead:
        _ask_ahead(ahead, wishes)
        yield from map(_drawn, wishes)


def _drawn(wish: Wish) -> str | None:
    number = _number(wish)
    pieces = [name for name in _PIECES if name in wish.has]
    if number is None or not pieces or len(pieces) != len(wish.has):
        return None
    with as_read_by(wish) as is_read:
        request = _request(wish) if is_read else None
        if request is None:
            return None
        try:
            found = ticket_page.get_ticket(wish.actor, number)
            if str(found.pk) != wish.ident or found.merged_into_id is not None:
                return None
            note_look(wish.actor, found.requester_id, TICKET_PAGE, found.pk)
            return show_parts(request, wish.actor, found, pieces)
        except ActionError:
            return None
        except Exception as error:  # one that fails is no reason for the others to wait
            logger.warning("socket_not_drawn", exc_info=error)
            return None


def _request(wish: Wish) -> HttpRequest | None:
    """As the page would ask for its pieces. None: it has no token for the forms in them."""
    request: Any = wish.request()
    request.method = "GET"
    request.actor = wish.actor
    request.GET = QueryDict()
    request.path = request.path_info = wish.address.partition("?")[0]
    request.META |= {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": wish.address}
    CsrfViewMiddleware(_nothing).process_request(request)
    is_known = "CSRF_COOKIE" in request.META and "CSRF_COOKIE_NEEDS_UPDATE" not in request.META
    return request if is_known else None


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _number(wish: Wish) -> int | None:
    page = _PAGE.match(wish.address)
    return int(page[1]) if page else None


def _ask_ahead(ahead: Ahead, wishes: Sequence[Wish]) -> None:
    """What drawing will ask, of all tickets at once. It asks by itself for what is not here."""
    asked = [(wish.actor, number) for wish in wishes if (number := _number(wish)) is not None]
    tickets = single.ask_ahead(ahead, [number for _actor, number in asked])
    pairs = [
        (actor, ticket)
        for (actor, _number), ticket in zip(asked, tickets, strict=True)
        if ticket is not None and actor.is_staff
    ]
    keys = [(ticket.pk, actor.person_id or 0) for actor, ticket in pairs]
    there = beside.ask_ahead(ahead, keys)
    talks = timeline.ask_ahead(ahead, [pk for pk, _person in keys])
    event_words.ask_ahead(ahead, [told for _said, told in talks])
    said = [(pk, rows) for (pk, _person), (rows, _told) in zip(keys, talks, strict=True)]
    said_words.ask_ahead(ahead, said)
    ticket_page.ask_ahead(ahead, keys, there)
    person_card.ask_ahead(ahead, pairs)
