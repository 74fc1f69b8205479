"""Which ticket a message belongs to, and whether its sender is let into it.

In order: any external id known on a ticket, a signed reply token, then ``[#123]`` in the subject,
the last only for somebody who takes part already. Knowing an id or token proves little: whoever
holds one without taking part is a stranger, seen by staff alone until an agent lets them in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from otklik.channels.contract import InboundMessage
from otklik.channels.registry import find_channel
from otklik.channels.vouching import is_disowned
from otklik.desk.models import Account
from otklik.people.models import Identity
from otklik.tickets.actions import hash_external_id
from otklik.tickets.actions.side import is_side
from otklik.tickets.homes import home_of, main_thread, threads_of
from otklik.tickets.models import (
    Audience,
    Message,
    MessageKind,
    NoteGuest,
    Participant,
    Thread,
    Ticket,
)

MAX_REFERENCES = 50
MOST_APART = 20  # talks with third parties of one ticket that are looked through


class Way(StrEnum):
    """What a letter joins: the talk with the customer, one with a third party, the notes."""

    TALK = "talk"
    SIDE = "side"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Place:
    """A thread of a ticket; ``how`` it was found, for the record. What comes with the number of a
    merged ticket is said in that one's own thread, which is in another ticket now."""

    ticket: Ticket
    thread: Thread
    is_member: bool
    how: str
    way: Way = Way.TALK


def find_place(account: Account, message: InboundMessage, sender: Identity) -> Place | None:
    is_forged = is_disowned(message.authentication)
    known = _by_reference(message.references)
    if known is not None:
        way = _way_of(known)
        return _place(known.thread, sender, "external id", is_forged=is_forged, way=way)
    found = _by_token(message, sender)
    if found is not None:
        thread, way = found
        return _place(thread, sender, "token", is_forged=is_forged, way=way)
    if message.ticket_hint is not None:
        ticket = _find_ticket(message.ticket_hint)
        if ticket is not None:
            # Who takes part aside never comes into the customer's talk by a number alone.
            for thread, way in (*_apart(ticket), (main_thread(ticket), Way.TALK)):
                how = "number in the subject"
                place = _place(thread, sender, how, is_forged=is_forged, way=way)
                if place.is_member:
                    return place
    return None


def _way_of(known: Message) -> Way:
    if is_side(known.thread):
        return Way.SIDE
    # A note that we have mailed is one for guests; an agent's own letter kept as one is not.
    is_ours = known.kind == MessageKind.NOTE and known.author_identity_id is None
    return Way.NOTES if is_ours else Way.TALK


def _apart(ticket: Ticket) -> list[tuple[Thread, Way]]:
    """The talks the customer has no part in, wherever they are now: the newest with a third party
    first, then notes."""
    along = ("ticket__status", "came_from")
    rows = threads_of(ticket.pk).filter(is_main=False, audience=Audience.STAFF)
    sides = [(row, Way.SIDE) for row in rows.select_related(*along).order_by("-id")[:MOST_APART]]
    joined = NoteGuest.objects.filter(thread__in=threads_of(ticket.pk)).values("thread_id")
    notes = Thread.objects.filter(pk__in=joined).select_related(*along).order_by("id")
    return [*sides, *((row, Way.NOTES) for row in notes[:MOST_APART])]


def _by_reference(references: Iterable[str]) -> Message | None:
    """The nearest reference we know."""
    wanted = list(references)[:MAX_REFERENCES]
    if not wanted:
        return None
    hashes = {hash_external_id(reference): reference for reference in wanted}
    rows = Message.objects.filter(
        external_hash__in=hashes,
        ticket__trashed_at__isnull=True,
        ticket__requester__erased_at__isnull=True,
        thread__came_from__requester__erased_at__isnull=True,
    ).select_related("thread__ticket__status", "thread__came_from")
    found = {row.external_id: row for row in rows}
    for reference in wanted:
        if reference in found:
            return found[reference]
    return None


def _by_token(message: InboundMessage, sender: Identity) -> tuple[Thread, Way] | None:
    channel = find_channel(message.channel)
    if channel is None:
        return None
    for token in message.tokens[:5]:
        number = channel.read_token(token)
        if number is None:
            continue
        ticket = _find_ticket(number)
        if ticket is None:
            continue
        everybody = [sender.value, *_addresses(ticket)]
        for thread, way in _apart(ticket):
            holders = everybody + (_guests(thread) if way is Way.NOTES else [])
            signed = [holder_apart(holder, thread, way) for holder in holders]
            if any(channel.is_token_for(token, number, holder) for holder in signed):
                return thread, way
        if any(channel.is_token_for(token, number, holder) for holder in everybody):
            return main_thread(ticket), Way.TALK
    return None


def holder_apart(address: str, thread: Thread, way: Way) -> str:
    """For whom a reply token is signed that leads into a talk apart from the customer's: it opens
    that one and no other."""
    return f"{address}\n{way.value}:{thread.pk}"


def _find_ticket(number: int) -> Ticket | None:
    """Nobody writes into the ticket of a person who was erased: who comes now is somebody new."""
    rows = Ticket.objects.alive().filter(number=number, requester__erased_at=None)
    return rows.filter(merged_into__trashed_at__isnull=True).first()


def _addresses(ticket: Ticket) -> list[str]:
    rows = Participant.objects.filter(thread__in=threads_of(ticket.pk)).order_by("id")
    return list(rows.values_list("identity__value", flat=True)[:100])


def _guests(thread: Thread) -> list[str]:
    rows = NoteGuest.objects.filter(thread=thread).order_by("id")
    return list(rows.values_list("identity__value", flat=True)[:100])


def _place(thread: Thread, sender: Identity, how: str, *, is_forged: bool, way: Way) -> Place:
    # Whose domain disowns the letter is nobody we know, whatever its From: line says.
    is_member = not is_forged and _is_member(thread, sender, way)
    return Place(thread.ticket, thread, is_member, how, way)


def _is_member(thread: Thread, sender: Identity, way: Way) -> bool:
    """Confirmed in this thread, or another address of the requester that is proven to be theirs;
    of talks apart the requester is no member. A guest's part in the notes ends when it is revoked.
    """
    if way is Way.NOTES:
        guests = NoteGuest.objects.filter(thread=thread, identity=sender, revoked_at=None)
        return guests.exists()
    if Participant.objects.filter(thread=thread, identity=sender, is_confirmed=True).exists():
        return True
    home = home_of(thread)
    if way is not Way.TALK or sender.person_id != home.requester_id or not sender.is_verified:
        return False
    # That staff takes two people for one lets neither into the other's talk.
    asked_by = home.requester_identity
    return sender.proves_for == (asked_by.proves_for if asked_by else home.requester_id)
