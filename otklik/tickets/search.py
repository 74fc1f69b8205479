"""Tickets as search documents: subject, messages, people and names of files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from otklik.core import search
from otklik.core.events import ANY_ORIGIN, Phase, on
from otklik.core.events.models import EventRow
from otklik.people.models import Identity
from otklik.tickets import events
from otklik.tickets.models import Attachment, Message, Ticket

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
    ticket = Ticket.objects.with_people().filter(pk=row.ticket_id or 0).first()
    if ticket is None:
        search.remove("ticket", int(row.ticket_id or 0))
        return
    search.index("ticket", ticket.pk, **document_of(ticket))


def document_of(ticket: Ticket) -> dict[str, Any]:
    """The arguments of `search.index`. Staff find everything, hidden and notes too; customers
    search their own tickets by subject on their own pages, not here."""
    words = [f"{ticket.number}"]
    words += [tag.name for tag in ticket.tags.all()]
    words += [ticket.requester.name]
    words += list(
        Identity.objects.filter(person_id=ticket.requester_id).values_list("value", flat=True)[:20]
    )
    if ticket.organisation is not None:
        words.append(ticket.organisation.name)
    words += list(
        Attachment.objects.filter(message__ticket=ticket).values_list("name", flat=True)[:200]
    )
    length = 0
    rows = Message.objects.filter(ticket=ticket).select_related("body").order_by("-id")
    for message in rows.iterator(chunk_size=50):
        text = message.body.reply_text or message.body.text
        words.append(text[: MAX_BODY - length])
        length += len(text)
        if length >= MAX_BODY:
            break
    scopes = ["staff"]
    if ticket.team_id is not None:
        scopes.append(f"team:{ticket.team_id}")
    return {
        "title": ticket.subject,
        "body": "\n".join(words),
        "scopes": scopes,
        "at": ticket.last_message_at,
    }


def all_documents() -> Iterator[tuple[int, dict[str, Any]]]:
    for ticket in Ticket.objects.with_people().order_by("pk").iterator(chunk_size=200):
        yield ticket.pk, document_of(ticket)
