"""Tickets as search documents: subject, messages, people and names of files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from otklik.core import search
from otklik.core.events import ANY_ORIGIN, Phase, on
from otklik.core.events.models import EventRow
from otklik.core.fields.events import FieldValueChanged
from otklik.core.fields.queries import texts_of
from otklik.people.models import Identity
from otklik.tickets import events
from otklik.tickets.models import Attachment, Message, MessageBody, Ticket, TicketTag
from otklik.tickets.sending_events import SideMessageReceived, SideMessageSent

# Newest messages first until this many characters: a talk of 2,000 messages is one document.
MAX_BODY = 60_000
# Fields of which no document holds anything.
_UNSEEN = frozenset({"priority", "kind", "category", "language"})
_TEXTS_AT_ONCE = 5
_TICKETS_AT_ONCE = 50

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
    SideMessageReceived,
    SideMessageSent,
    events.TicketMerged,
    events.TicketAbsorbed,
    events.TicketUnmerged,
    events.TicketReleased,
    events.TicketSplitOff,
    events.MessagesMoved,
    FieldValueChanged,
)


def wire() -> None:
    for heard in _HEARD:
        on(heard, name="tickets.search", phase=Phase.NOTIFY, origins=ANY_ORIGIN, gathers=True)(
            refresh
        )
    search.register_source("ticket", all_documents)


def refresh(rows: Sequence[EventRow]) -> None:
    """Write their tickets' documents anew; hearing an event twice changes nothing."""
    index_anew({row.ticket_id for row in rows if row.ticket_id is not None and _is_found_by(row)})


def _is_found_by(row: EventRow) -> bool:
    """A document costs more to write than all else that follows from a new priority."""
    return not (isinstance(row.event, events.TicketChanged) and row.event.field in _UNSEEN)


def index_anew(ids: Collection[int]) -> None:
    if not ids:
        return
    found = find_documents(ids)
    search.index_many("ticket", found)
    for gone in set(ids) - set(found):
        search.remove("ticket", gone)


def find_documents(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The arguments of `search.index` for each of these tickets that there is. Values, not
    objects, and the same question for all: this is read after every message.

    Staff find everything, hidden and notes too; customers search their own tickets by subject on
    their own pages, not here.
    """
    tickets = Ticket.objects.standing().filter(pk__in=ids).values_list("pk", *_TICKET)
    found = {row[0]: row[1:] for row in tickets}
    merged = _merged_words(found)
    tags = _by_ticket(
        TicketTag.objects.filter(ticket__in=found, tag__removed_at=None), "ticket_id", "tag__name"
    )
    attached = Attachment.objects.filter(message__ticket__in=found)
    files = _by_ticket(attached, "message__ticket_id", "name")
    requesters = {row[5] for row in found.values()}
    addresses = _by_ticket(Identity.objects.filter(person__in=requesters), "person_id", "value")
    said = _find_texts(found)
    documents = {}
    for pk, row in found.items():
        number, subject, at, team_id, custom, requester_id, requester, organisation = row
        words = [str(number), requester, organisation or "", *tags.get(pk, ()), *merged[pk]]
        words += texts_of(custom, "ticket")
        words += [*addresses.get(requester_id, ())[:20], *files.get(pk, ())[:200]]
        documents[pk] = {
            "title": subject,
            "body": "\n".join([*words, *said.get(pk, ())]),
            "scopes": ["staff", *([f"team:{team_id}"] if team_id is not None else [])],
            "at": at,
        }
    return documents


def _merged_words(ids: Collection[int]) -> dict[int, list[str]]:
    """Numbers, subjects and people of what was merged into these: found by them still."""
    words: dict[int, list[str]] = {pk: [] for pk in ids}
    rows = Ticket.objects.filter(merged_into__in=ids).order_by("id")
    for pk, number, *more in rows.values_list(
        "merged_into", "number", "subject", "requester__name", "requester_identity__value"
    ):
        if pk is not None:
            words[pk] += [str(number), *filter(None, more)]
    return words


def _by_ticket(rows: QuerySet[Any], key: str, name: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for pk, value in rows.order_by("id").values_list(key, name):
        found.setdefault(pk, []).append(value)
    return found


def _find_texts(ids: Collection[int]) -> dict[int, list[str]]:
    """The newest texts of each, as many as fit; a few of every ticket at a time."""
    waiting: dict[int, list[int]] = {}
    rows = Message.objects.filter(ticket__in=ids).order_by("-id")
    for pk, ticket_id in rows.values_list("pk", "ticket_id"):
        waiting.setdefault(ticket_id, []).append(pk)
    texts: dict[int, list[str]] = {pk: [] for pk in waiting}
    room = dict.fromkeys(waiting, MAX_BODY)
    while waiting:
        asked = [pk for pks in waiting.values() for pk in pks[:_TEXTS_AT_ONCE]]
        bodies = MessageBody.objects.filter(message__in=asked).order_by("-message_id")
        for ticket_id, reply_text, text in bodies.values_list(
            "message__ticket_id", "reply_text", "text"
        ):
            shown = reply_text or text or ""
            if room[ticket_id] > 0:
                texts[ticket_id].append(shown[: room[ticket_id]])
                room[ticket_id] -= len(shown)
        left = {pk: pks[_TEXTS_AT_ONCE:] for pk, pks in waiting.items() if room[pk] > 0}
        waiting = {pk: pks for pk, pks in left.items() if pks}
    return texts


_TICKET = (
    *("number", "subject", "last_message_at", "team_id", "custom"),
    *("requester_id", "requester__name", "organisation__name"),
)


def all_documents() -> Iterator[tuple[int, dict[str, Any]]]:
    """In the order of their times: the newest are found without sorting all."""
    ordered = Ticket.objects.order_by("last_message_at", "pk").values_list("pk", flat=True)
    tickets = ordered.iterator()
    while some := list(islice(tickets, _TICKETS_AT_ONCE)):
        found = find_documents(some)
        yield from ((pk, found[pk]) for pk in some if pk in found)
