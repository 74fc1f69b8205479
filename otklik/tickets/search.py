"""Tickets as search documents: subject, messages, people and names of files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from otklik.core import search
from otklik.core.events import ANY_ORIGIN, Phase, on
from otklik.core.events.models import EventRow
from otklik.people.models import Identity
from otklik.tickets import events
from otklik.tickets.models import Attachment, Message, Ticket, TicketTag

# Newest messages first until this many characters: a talk of 2,000 messages is one document.
MAX_BODY = 60_000

_HEARD = (
    events.TicketOpened,
    events.MessageReceived,
    events.TicketReplied,
    events.NoteAdded,
    events.TicketChanged,
    events.TicketTransferred,
    events.TicketTagged,
    events.TicketUntagged,
    events.TicketTrashed,
    events.TicketRestored,
    events.ParticipantConfirmed,
)


def wire() -> None:
    for heard in _HEARD:
        on(heard, name="tickets.search", phase=Phase.NOTIFY, origins=ANY_ORIGIN)(refresh)
    search.register_source("ticket", all_documents)


def refresh(row: EventRow) -> None:
    """Write one ticket's document anew; hearing an event twice changes nothing."""
    index_anew(row.ticket_id or 0)


def index_anew(ticket_id: int) -> None:
    found = find_document(ticket_id)
    if found is None:
        search.remove("ticket", ticket_id)
    else:
        search.index("ticket", ticket_id, **found)


def find_document(ticket_id: int) -> dict[str, Any] | None:
    """The arguments of `search.index`; None when there is no such ticket. Values, not objects:
    this is read after every message.

    Staff find everything, hidden and notes too; customers search their own tickets by subject on
    their own pages, not here.
    """
    found = Ticket.objects.filter(pk=ticket_id).values_list(*_TICKET).first()
    if found is None:
        return None
    number, subject, at, team_id, requester_id, requester, organisation = found
    tags = TicketTag.objects.filter(ticket=ticket_id).order_by("id")
    addresses = Identity.objects.filter(person_id=requester_id).order_by("id")
    files = Attachment.objects.filter(message__ticket=ticket_id).order_by("id")
    words = [str(number), requester, organisation or ""]
    words += tags.values_list("tag__name", flat=True)
    words += addresses.values_list("value", flat=True)[:20]
    words += files.values_list("name", flat=True)[:200]
    length = 0
    said = Message.objects.filter(ticket=ticket_id).order_by("-id")
    for reply_text, text in said.values_list("body__reply_text", "body__text").iterator(50):
        shown = reply_text or text or ""
        words.append(shown[: MAX_BODY - length])
        length += len(shown)
        if length >= MAX_BODY:
            break
    return {
        "title": subject,
        "body": "\n".join(words),
        "scopes": ["staff", *([f"team:{team_id}"] if team_id is not None else [])],
        "at": at,
    }


_TICKET = (
    *("number", "subject", "last_message_at", "team_id"),
    *("requester_id", "requester__name", "organisation__name"),
)


def all_documents() -> Iterator[tuple[int, dict[str, Any]]]:
    """In the order of their times: the newest are found without sorting all."""
    ordered = Ticket.objects.order_by("last_message_at", "pk").values_list("pk", flat=True)
    for pk in ordered.iterator():
        document = find_document(pk)
        if document is not None:
            yield pk, document
