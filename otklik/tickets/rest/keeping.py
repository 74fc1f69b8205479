"""The words of a message by REST, and a reply that is not sent at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from otklik.core.access import Actor
from otklik.tickets.actions import take_uploads
from otklik.tickets.actions.waiting import To, send_or_wait
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients, Words
from otklik.tickets.models import Ticket, WaitingReply
from otklik.tickets.typed import Typed

if TYPE_CHECKING:
    from otklik.tickets.rest.messages import MessageIn


def keep_reply(
    actor: Actor,
    ticket: Ticket,
    people: Recipients,
    data: MessageIn,
    status: str,
    key: UUID | None,
) -> WaitingReply:
    """Raises what `send_or_wait` raises."""
    to, cc, bcc = ([one.value for one in getattr(people, name)] for name in ("to", "cc", "bcc"))
    kept = send_or_wait(
        actor,
        ticket,
        typed=Typed(data.html or data.text, bool(data.html), data.uploads),
        to=To(to, cc, bcc, account=data.account),
        status=status,
        undo_seconds=data.undo_seconds,
        send_at=data.send_at,
        seen_message_id=data.seen_message_id,
        goes_anyway=data.goes_anyway,
        client_key=key,
    )
    if isinstance(kept, WaitingReply):
        return kept
    # The same request again, after it has left: what waited says so.
    assert kept.client_key is not None
    rows = WaitingReply.objects.select_related("thread__ticket", "author")
    return rows.get(client_key=kept.client_key)


def words_in(actor: Actor, data: MessageIn) -> Words:
    """Raises Missing for a file that is no longer there."""
    words = written_by_hand(
        text=data.text,
        html=data.html,
        files=take_uploads(actor, data.uploads),
        by_staff=actor.is_staff,
    )
    people = [*words.references, *(("person", pk) for pk in data.mentions)]
    return replace(words, references=list(dict.fromkeys(people)))
