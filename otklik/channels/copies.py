"""Who else is on a letter, and letters that come as several copies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import QuerySet

from otklik.channels.contract import Address, InboundMessage
from otklik.channels.models import InboundRecord
from otklik.channels.preparing import MOST_KEPT
from otklik.channels.registry import find_channel
from otklik.channels.vouching import is_disowned, is_vouched_for
from otklik.core.access import SYSTEM, Actor, ActorKind, Origin
from otklik.core.db import write
from otklik.core.db.spelling import spelt_once
from otklik.core.jobs import task
from otklik.desk.accounts import own_addresses
from otklik.people.actions import find_or_create_identity
from otklik.tickets.actions import add_participant, confirm_participant
from otklik.tickets.models import Direction, Message, Participant, ParticipantRole, Thread

# These take part when the letter is in; the rest follow in small steps, so that a letter to
# hundreds holds up no other.
AT_ONCE = 10
# Further ones are named in the letter alone; the ticket says how many.
MAX_PARTICIPANTS = 200
STEP = 10


def keep_copies(actor: Actor, thread: Thread, message: InboundMessage, stored: Message) -> None:
    """To, Cc and Reply-To beside us take part. In the transaction of the intake.

    They are written to at once only when the letter proves that its sender wrote it: by DMARC, or
    by the reply token that was given to this very sender. Else an agent lets them in.
    """
    if message.identity_kind or not (message.to or message.cc or message.reply_to):
        return
    written = (*message.reply_to[:10], *message.to[:MOST_KEPT], *message.cc[:MOST_KEPT])
    everybody = _beside(message.sender.address, message.channel, written)
    is_confirmed = _is_proven(message, thread)
    _add(actor, thread, message.channel, everybody[:AT_ONCE], is_confirmed=is_confirmed)
    if len(everybody) > AT_ONCE:
        add_more_copies.enqueue(
            message_id=stored.pk, is_confirmed=is_confirmed, origin=actor.origin.value
        )


def name_the_visitor(message: InboundMessage) -> InboundMessage:
    """A form on a website writes from an address of ours and names the visitor in Reply-To: the
    visitor asks. What proves our own address proves nothing about theirs.

    A form answers nothing: who writes into a talk in another's name goes by their own."""
    if message.references or message.tokens or message.ticket_hint is not None:
        return message
    own = own_addresses(message.channel)
    if message.sender.address not in own or is_disowned(message.authentication):
        return message
    visitors = [one for one in message.reply_to if one.address not in own]
    if len(visitors) != 1:
        return message
    return replace(message, sender=visitors[0], reply_to=(), authentication={})


@task(name="channels.add_more_copies")
def add_more_copies(message_id: int, is_confirmed: bool, origin: str) -> None:
    """The rest of a long list, a few in each transaction. Safe to repeat."""
    stored = (
        Message.objects.select_related("body", "thread", "author").filter(pk=message_id).first()
    )
    if stored is None:
        return
    # Its sender may have been proven since.
    is_confirmed = is_confirmed or is_vouched_for(stored.body.authentication)
    actor = Actor(
        kind=ActorKind.CUSTOMER,
        id=stored.author_id,
        person_id=stored.author_id,
        name=stored.author.name if stored.author else "",
        is_let_in=True,
        origin=Origin(origin),
    )
    written = stored.body.addresses
    rows = [row for name in ("reply_to", "to", "cc") for row in written.get(name) or ()]
    sender = (written.get("from") or {}).get("address", "")
    everybody = _beside(sender, stored.channel, [Address(**row) for row in rows])
    for start in range(AT_ONCE, min(len(everybody), MAX_PARTICIPANTS), STEP):
        few = everybody[start : min(start + STEP, MAX_PARTICIPANTS)]
        with write():
            _add(actor, stored.thread, stored.channel, few, is_confirmed=is_confirmed)


def confirm_copies(stored: Message) -> None:
    """Let in whom a letter names, now that its sender is proven: the checks came after it. Safe to
    repeat; what a stranger wrote lets nobody in."""
    if stored.is_hidden or stored.direction != Direction.IN:
        return
    written = stored.body.addresses
    named = {row.get("address", "") for name in ("to", "cc") for row in written.get(name) or ()}
    for row in _unconfirmed(stored.thread_id, stored.channel) if named else ():
        if row.identity.value in named:
            confirm_participant(SYSTEM, row)


@spelt_once
def _unconfirmed(thread_id: int, channel: str) -> QuerySet[Participant]:
    rows = Participant.objects.filter(
        thread_id=thread_id,
        role=ParticipantRole.CC,
        is_confirmed=False,
        identity__kind=channel,
    )
    return rows.select_related("identity", "thread").order_by("id")[:MAX_PARTICIPANTS]


def is_list_copy(known: InboundRecord, message: InboundMessage) -> bool:
    """Whether a list sent the letter of ``known`` once more: same id, sender and date, the same
    words with its own footer around them."""
    if known.message_id is None or message.sent_at is None:
        return False
    stored = (
        Message.objects.select_related("body", "author_identity")
        .filter(pk=known.message_id, sent_at=message.sent_at)
        .first()
    )
    if stored is None or stored.author_identity is None:
        return False
    if stored.author_identity.value != message.sender.address:
        return False
    one, other = (" ".join(text.split()) for text in (stored.body.text, message.text))
    return bool(one and other) and (one in other or other in one)


def _add(
    actor: Actor, thread: Thread, channel: str, people: list[Address], *, is_confirmed: bool
) -> None:
    for one in people:
        identity = find_or_create_identity(channel, one.address, display=one.name)
        add_participant(actor, thread, identity, role=ParticipantRole.CC, is_confirmed=is_confirmed)


def _beside(sender: str, channel: str, people: Iterable[Address]) -> list[Address]:
    """Everybody but the sender and us, without repeats."""
    own = own_addresses(channel)
    found: dict[str, Address] = {}
    for one in people:
        if one.address != sender and one.address not in own:
            found.setdefault(one.address, one)
    return list(found.values())


def _is_proven(message: InboundMessage, thread: Thread) -> bool:
    if is_vouched_for(message.authentication):
        return True
    channel = find_channel(message.channel)
    number = thread.ticket.number
    return channel is not None and any(
        channel.is_token_for(token, number, message.sender.address) for token in message.tokens[:5]
    )
