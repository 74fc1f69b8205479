"""Who takes part in a thread, and who an agent lets in."""

from __future__ import annotations

from otklik.core.access import Actor
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people.models import Identity
from otklik.tickets import permissions
from otklik.tickets.columns import rebuild_columns, write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import ParticipantAdded, ParticipantConfirmed, ParticipantRemoved
from otklik.tickets.models import Message, Participant, ParticipantRole, Thread


@action
def add_participant(
    actor: Actor, thread: Thread, identity: Identity, *, role: str, is_confirmed: bool = False
) -> Participant:
    """Note down that somebody takes part. Known ones stay as they are."""
    row, created = Participant.objects.get_or_create(
        thread=thread, identity=identity, defaults={"role": role, "is_confirmed": is_confirmed}
    )
    if created:
        record(
            actor,
            ParticipantAdded(
                ticket_id=thread.ticket_id,
                person_id=identity.person_id,
                identity_id=identity.pk,
                role=role,
            ),
        )
    return row


@action
def confirm_participant(actor: Actor, participant: Participant) -> Participant:
    """Let somebody in: what they wrote is shown as theirs, and replies may go to them."""
    ticket = lock_ticket(actor, participant.thread.ticket_id)
    require(actor, permissions.REPLY)
    hidden = Message.objects.filter(
        thread_id=participant.thread_id, author_identity_id=participant.identity_id, is_hidden=True
    )
    # A member too may have letters held back: those their own domain disowned.
    if not hidden.update(is_hidden=False) and participant.is_confirmed:
        return participant
    participant.is_confirmed = True
    if participant.role == ParticipantRole.STRANGER:
        participant.role = ParticipantRole.CC
    participant.save(update_fields=["is_confirmed", "role"])
    rebuild_columns([ticket.pk])
    record(
        actor,
        ParticipantConfirmed(
            ticket_id=ticket.pk,
            person_id=participant.identity.person_id,
            identity_id=participant.identity_id,
        ),
    )
    return participant


@action
def remove_participant(actor: Actor, participant: Participant) -> None:
    """Stop writing to somebody. The requester stays."""
    ticket = lock_ticket(actor, participant.thread.ticket_id)
    require(actor, permissions.REPLY)
    if participant.role == ParticipantRole.REQUESTER:
        return
    identity = participant.identity
    participant.delete()
    write_columns(ticket)
    record(
        actor,
        ParticipantRemoved(
            ticket_id=ticket.pk, person_id=identity.person_id, identity_id=identity.pk
        ),
    )
