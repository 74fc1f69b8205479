"""Replies to typed addresses."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.people.actions import find_or_create_identity
from otklik.people.models import Identity
from otklik.tickets.actions.participants import add_participant
from otklik.tickets.actions.writing import reply_to_ticket
from otklik.tickets.contract import MAX_RECIPIENTS, Recipients, Words, too_many_words
from otklik.tickets.doors import lock_ticket
from otklik.tickets.models import Message, ParticipantRole, Status, Ticket
from otklik.tickets.solving import ASKING, Despite


@action
def send_reply(
    actor: Actor,
    ticket: Ticket,
    *,
    words: Words,
    to: Sequence[str],
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    status: Status | str = "",
    despite: Despite = ASKING,
    seen_message_id: int | None = None,
    client_key: UUID | None = None,
    account: int | None = None,
) -> Message:
    """Reply to typed addresses; whoever is new in To or Cc takes part from now on.

    ``account`` is the id of the mailbox it goes through, by default the talk's own.

    Raises Invalid for what is no address, and whatever `reply_to_ticket` raises.
    """
    ticket = lock_ticket(actor, ticket)  # before anybody is written down, and merged ones refused
    found = {"to": identities_for(actor, to), "cc": identities_for(actor, cc)}
    hidden = identities_for(actor, bcc)
    thread = ticket.threads.get(is_main=True)
    message = reply_to_ticket(
        actor,
        ticket,
        words=words,
        recipients=Recipients(to=found["to"], cc=found["cc"], bcc=hidden),
        status=status,
        despite=despite,
        seen_message_id=seen_message_id,
        client_key=client_key,
        account_id=account,
    )
    known = set(thread.participants.values_list("identity_id", flat=True))
    for identity in [*found["to"], *found["cc"]]:
        if identity.pk not in known:
            add_participant(actor, thread, identity, role=ParticipantRole.CC, is_confirmed=True)
    return message


def identities_for(actor: Actor, addresses: Sequence[str]) -> list[Identity]:
    """The people of typed addresses, new ones written down. Raises Invalid."""
    typed = [address.strip() for address in addresses if address.strip()]
    if len(typed) > MAX_RECIPIENTS:
        raise Invalid(too_many_words())  # before every one of them is written down
    found = [find_or_create_identity("email", address, actor=actor) for address in typed]
    return list({identity.pk: identity for identity in found}.values())
