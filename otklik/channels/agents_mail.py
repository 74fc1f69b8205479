"""Agents who answer by mail: in public when it is proven that they wrote it, else as a note.

A From: line proves nothing, and a reply in an agent's name would reach customers. So their domain
must vouch for the letter (DMARC passes, which means aligned), or a server we trust must say so.
Who takes part in the ticket as a customer of it is a customer there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog

from otklik.channels.contract import Automation, InboundMessage
from otklik.channels.threading import Place, Way
from otklik.channels.vouching import is_vouched_for
from otklik.core.access import ActionError, Actor, Origin
from otklik.core.db import write
from otklik.people.actors import actor_for_user
from otklik.people.models import Identity, User
from otklik.tickets.actions import add_note, hash_external_id, reply_to_ticket
from otklik.tickets.contract import Recipients, Words
from otklik.tickets.homes import current_ticket
from otklik.tickets.models import Message, Participant, StatusKind, Ticket
from otklik.tickets.queries.recipients import propose_recipients

logger = structlog.get_logger(__name__)

PROVEN, NOT_PROVEN = "proven", "not proven"


@dataclass(frozen=True, slots=True)
class AgentWords:
    message: Message
    how: str


def find_agent(identity: Identity) -> Actor | None:
    """The agent whose proven address this is, as the one who acts."""
    if identity.portal_person_id is not None:
        return None  # a customer's, whom somebody took for this agent
    users = User.objects.filter(person_id=identity.person_id, person__agent__is_active=True)
    user = users.select_related("person__agent").first()
    if user is None or not (identity.is_verified or identity.value == user.email):
        return None
    actor = actor_for_user(user)
    return actor if actor.is_staff else None


def write_as_agent(
    message: InboundMessage, words: Words, identity: Identity, place: Place | None, origin: Origin
) -> AgentWords | None:
    """What an agent answered by mail, written into its ticket; None when this is no such letter.

    Inside the caller's transaction. The public part of it is what is new in the letter: quotes and
    signatures stay behind.
    """
    if message.automation is not Automation.HUMAN or origin is not Origin.LIVE:
        return None
    if place is None and message.ticket_hint is None:
        return None
    actor = find_agent(identity)
    if actor is None:
        return None
    ticket = place.ticket if place is not None else _by_number(message)
    if ticket is None or ticket.status_kind == StatusKind.CLOSED or _is_customer(ticket, identity):
        return None
    if not Ticket.objects.visible_to(actor).filter(pk=ticket.pk).exists():
        return None
    proven = is_vouched_for(message.authentication)
    said = _said(message, words, proven)
    # What answers a third party, or a note, is nothing for the customer.
    if proven and (place is None or place.way is Way.TALK):
        try:
            with write():
                replied = _reply(actor, ticket, said, identity)
            return AgentWords(replied, "an agent's reply by mail")
        except ActionError as refusal:
            logger.info("agents_mail_kept_as_note", reason=type(refusal).__name__)
    note = add_note(actor, ticket, words=said)
    Message.objects.filter(pk=note.pk).update(
        channel=message.channel,
        external_id=message.external_id[:998],
        external_hash=hash_external_id(message.external_id[:998]),
        author_identity=identity,
    )
    how = "an agent's note by mail" if proven else "an agent's mail, not proven: a note"
    return AgentWords(note, how)


def _reply(actor: Actor, ticket: Ticket, words: Words, identity: Identity) -> Message:
    """Raises ActionError where this agent may not reply, or nobody would get it."""
    proposed = propose_recipients(ticket)
    to = [one for one in proposed.to if one.person_id != identity.person_id]
    cc = [one for one in proposed.cc if one.person_id != identity.person_id]
    recipients = Recipients(to=to or cc, cc=cc if to else [])
    return reply_to_ticket(actor, ticket, words=words, recipients=recipients)


def _said(message: InboundMessage, words: Words, proven: bool) -> Words:
    checks = {**words.authentication, "agent": PROVEN if proven else NOT_PROVEN}
    text = message.reply_text or message.text
    return replace(
        words,
        text=text,
        html="",
        reply_text=text,
        subject="",
        authentication=checks,
        reading=None,
    )


def _by_number(message: InboundMessage) -> Ticket | None:
    """The number in the subject is enough for an agent who is proven to be one."""
    if message.ticket_hint is None or not is_vouched_for(message.authentication):
        return None
    found = Ticket.objects.alive().filter(number=message.ticket_hint).first()
    return current_ticket(found) if found is not None else None


def _is_customer(ticket: Ticket, identity: Identity) -> bool:
    if ticket.requester_id == identity.person_id:
        return True
    rows = Participant.objects.filter(thread__ticket=ticket, identity=identity, is_confirmed=True)
    return rows.exclude(role="agent").exists()
