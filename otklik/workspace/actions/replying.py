"""What agents write to the outside."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.people.actions import find_or_create_identity
from otklik.people.models import Identity
from otklik.tickets.actions import add_participant, reply_to_ticket
from otklik.tickets.contract import MAX_RECIPIENTS, Recipients, Words, too_many_words
from otklik.tickets.models import Message, ParticipantRole, StatusKind, Ticket


@action
def send_reply(
    actor: Actor,
    ticket: Ticket,
    *,
    words: Words,
    to: Sequence[str],
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    status: str = "",
    seen_message_id: int | None = None,
    client_key: UUID | None = None,
) -> Message:
    """Reply to typed addresses; whoever is new in To or Cc takes part from now on.

    Raises Invalid for what is no address, and whatever `reply_to_ticket` raises.
    """
    found = {"to": _identities(actor, to), "cc": _identities(actor, cc)}
    hidden = _identities(actor, bcc)
    message = reply_to_ticket(
        actor,
        ticket,
        words=words,
        recipients=Recipients(to=found["to"], cc=found["cc"], bcc=hidden),
        status=status if status in StatusKind.values else "",
        seen_message_id=seen_message_id,
        client_key=client_key,
    )
    thread = message.thread
    known = set(thread.participants.values_list("identity_id", flat=True))
    for identity in [*found["to"], *found["cc"]]:
        if identity.pk not in known:
            add_participant(actor, thread, identity, role=ParticipantRole.CC, is_confirmed=True)
    return message


def _identities(actor: Actor, addresses: Sequence[str]) -> list[Identity]:
    typed = [address.strip() for address in addresses if address.strip()]
    if len(typed) > MAX_RECIPIENTS:
        raise Invalid(too_many_words())  # before every one of them is written down
    found = [find_or_create_identity("email", address, actor=actor) for address in typed]
    return list({identity.pk: identity for identity in found}.values())
