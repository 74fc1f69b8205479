"""Which ticket a message belongs to, and whether its sender is let into it.

In order: any external id known on a ticket, a signed reply token, then ``[#123]`` in the subject,
the last only for somebody who takes part already. Knowing an id or token proves little: whoever
holds one without taking part is a stranger, seen by staff alone until an agent lets them in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from otklik.channels.contract import InboundMessage
from otklik.channels.registry import find_channel
from otklik.channels.vouching import is_disowned
from otklik.desk.models import Account
from otklik.people.models import Identity
from otklik.tickets.actions import hash_external_id
from otklik.tickets.homes import home_of, main_thread, threads_of
from otklik.tickets.models import Message, Participant, Thread, Ticket

MAX_REFERENCES = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A thread of a ticket; ``how`` it was found, for the record. What comes with the number of a
    merged ticket is said in that one's own thread, which is in another ticket now."""

    ticket: Ticket
    thread: Thread
    is_member: bool
    how: str


def find_place(account: Account, message: InboundMessage, sender: Identity) -> Place | None:
    is_forged = is_disowned(message.authentication)
    thread = _by_reference(message.references)
    if thread is not None:
        return _place(thread, sender, "external id", is_forged=is_forged)
    thread = _by_token(message, sender)
    if thread is not None:
        return _place(thread, sender, "token", is_forged=is_forged)
    if message.ticket_hint is not None:
        ticket = _find_ticket(message.ticket_hint)
        if ticket is not None:
            place = _place(
                main_thread(ticket),
                sender,
                "number in the subject",
                is_forged=is_forged,
            )
            if place.is_member:
                return place
    return None


def _by_reference(references: Iterable[str]) -> Thread | None:
    """The thread of the nearest reference we know."""
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
            return found[reference].thread
    return None


def _by_token(message: InboundMessage, sender: Identity) -> Thread | None:
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
        holders = _addresses(ticket)
        if any(channel.is_token_for(token, number, holder) for holder in [sender.value, *holders]):
            return main_thread(ticket)
    return None


def _find_ticket(number: int) -> Ticket | None:
    """Nobody writes into the ticket of a person who was erased: who comes now is somebody new."""
    rows = Ticket.objects.alive().filter(number=number, requester__erased_at=None)
    return rows.filter(merged_into__trashed_at__isnull=True).first()


def _addresses(ticket: Ticket) -> list[str]:
    rows = Participant.objects.filter(thread__in=threads_of(ticket.pk)).order_by("id")
    return list(rows.values_list("identity__value", flat=True)[:100])


def _place(thread: Thread, sender: Identity, how: str, *, is_forged: bool) -> Place:
    # Whose domain disowns the letter is nobody we know, whatever its From: line says.
    return Place(thread.ticket, thread, not is_forged and _is_member(thread, sender), how)


def _is_member(thread: Thread, sender: Identity) -> bool:
    """Confirmed in this thread, or another address of the requester that is proven to be theirs."""
    if Participant.objects.filter(thread=thread, identity=sender, is_confirmed=True).exists():
        return True
    home = home_of(thread)
    if sender.person_id != home.requester_id or not sender.is_verified:
        return False
    # That staff takes two people for one lets neither into the other's talk.
    asked_by = home.requester_identity
    return sender.proves_for == (asked_by.proves_for if asked_by else home.requester_id)
