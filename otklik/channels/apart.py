"""Letters that join a talk apart from the customer's: with a third party, or the notes."""

from __future__ import annotations

from otklik.channels.contract import InboundMessage
from otklik.channels.threading import Place, Way
from otklik.core.access import Actor, Origin
from otklik.people.models import Identity
from otklik.tickets.actions import add_participant
from otklik.tickets.actions.guests import receive_guest_note
from otklik.tickets.actions.side import receive_side_message
from otklik.tickets.contract import Words
from otklik.tickets.models import Message, ParticipantRole


def receive_apart(
    actor: Actor, place: Place, message: InboundMessage, words: Words, identity: Identity
) -> Message:
    """Keep it where only staff reads. Whom it names in To and Cc takes no part: the customer may
    be among them. Inside the caller's transaction."""
    if place.way is Way.NOTES:
        return receive_guest_note(
            actor,
            place.thread,
            words=words,
            identity=identity,
            is_guest=place.is_member,
            channel=message.channel,
            external_id=message.external_id,
            automation=message.automation.value,
            sent_at=message.sent_at,
        )
    if not place.is_member:
        add_participant(actor, place.thread, identity, role=ParticipantRole.STRANGER)
    return receive_side_message(
        actor,
        place.thread,
        words=words,
        author=identity.person,
        identity=identity,
        channel=message.channel,
        external_id=message.external_id,
        automation=message.automation.value,
        is_hidden=not place.is_member,
        sent_at=message.sent_at,
        occurred_at=message.sent_at if actor.origin is Origin.IMPORT else None,
    )
