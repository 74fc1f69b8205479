"""Own requests: pages of open and solved ones, the latest, and those that hold some words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Q, When
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.kit.stemming import stem, stems
from otklik.kit.text import tokenise
from otklik.portal.queries.words import status_mark_of, status_words
from otklik.tickets.homes import readable_by_customer, show_to_customer
from otklik.tickets.models import FINISHED, UNFINISHED, Ticket
from otklik.tickets.queries import Filters, get_page

PAGE = 20
MAX_HITS = 50
# A search reads this much of one's own, newest first: enough for years of asking.
MAX_SEARCHED = 500
MAX_MESSAGES = 2_000
MAX_CHARACTERS = 2_000
MAX_WORDS = 10


@dataclass(frozen=True, slots=True)
class RequestRow:
    """What one line of a list shows."""

    number: int
    subject: str
    url: str
    mark: SafeString
    words: str
    at: datetime
    snippet: str


@dataclass(frozen=True, slots=True)
class RequestList:
    rows: list[RequestRow]
    next: str = ""
    previous: str = ""


def get_requests(actor: Actor, *, is_solved: bool, cursor: str = "") -> RequestList:
    """One page, newest talk first. Raises Invalid for a damaged cursor."""
    kinds = tuple(str(kind) for kind in (FINISHED if is_solved else UNFINISHED))
    page = get_page(actor, Filters(list="any", status=kinds), cursor=cursor, size=PAGE)
    return RequestList(_rows(actor, page.tickets), page.next, page.previous)


def latest_requests(actor: Actor, limit: int = 5) -> list[RequestRow]:
    page = get_page(actor, Filters(list="any"), size=limit)
    return _rows(actor, page.tickets)


def find_requests(actor: Actor, query: str) -> list[RequestRow]:
    """Own requests that hold every word in subject or public messages, or have that number.

    Reads the newest of one's own and compares stems: the desk's search documents hold notes too,
    so they are not for customers.
    """
    wanted = [(word, stem(word)) for word in list(tokenise(query))[:MAX_WORDS]]
    if not wanted:
        return []
    mine = Ticket.objects.visible_to(actor).alive()
    mine = mine.exclude(merged_into__in=mine.values("pk")).select_related("status")
    tickets = {ticket.pk: ticket for ticket in mine.order_by("-last_message_at")[:MAX_SEARCHED]}
    texts = {ticket.pk: [f"{ticket.number} {ticket.subject}"] for ticket in tickets.values()}
    for ticket_id, text in _texts(actor, tickets):
        texts[ticket_id].append(text)
    found = [ticket for pk, ticket in tickets.items() if _holds(texts[pk], wanted)]
    return _rows(actor, found[:MAX_HITS])


def _texts(actor: Actor, tickets: Iterable[int]) -> Iterable[tuple[int, str]]:
    ids = list(tickets)
    found = Case(When(ticket_id__in=ids, then="ticket_id"), default="thread__came_from_id")
    rows = (
        readable_by_customer(actor)
        .filter(Q(ticket_id__in=ids) | Q(thread__came_from__in=ids))
        .annotate(found=found)
        .exclude(is_automatic=True)
        .order_by("-id")
        .annotate(beginning=Substr("body__reply_text", 1, MAX_CHARACTERS))
    )
    return rows.values_list("found", "beginning")[:MAX_MESSAGES]


def _holds(texts: list[str], wanted: list[tuple[str, str]]) -> bool:
    text = " ".join(texts)
    known = set(stems(text))
    return all(
        stemmed in known or any(word.startswith(begun) for word in known)
        for begun, stemmed in wanted
    )


def _rows(actor: Actor, tickets: list[Ticket]) -> list[RequestRow]:
    show_to_customer(actor, tickets)
    return [_row(ticket) for ticket in tickets]


def _row(ticket: Ticket) -> RequestRow:
    return RequestRow(
        number=ticket.number,
        subject=ticket.subject or _("No subject"),
        url=reverse("portal:request", args=[ticket.number]),
        mark=status_mark_of(ticket.status_kind),
        words=status_words(ticket.status_kind),
        at=ticket.last_message_at,
        snippet=ticket.snippet,
    )
