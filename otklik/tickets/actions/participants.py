"""Who takes part in a thread, and who an agent lets in."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.desk.accounts import own_addresses
from otklik.people.actions import find_or_create_identity
from otklik.people.models import Identity
from otklik.tickets import permissions
from otklik.tickets.columns import rebuild_columns, write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import ParticipantAdded, ParticipantConfirmed, ParticipantRemoved
from otklik.tickets.models import Message, Participant, ParticipantRole, Thread, Ticket


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
def invite_participant(actor: Actor, ticket: Ticket, address: str) -> Participant:
    """An agent names somebody who takes part from now on, by e-mail address.

    Raises Forbidden, and Invalid for no address and for one of this desk.
    """
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.REPLY)
    identity = find_or_create_identity("email", address.strip(), actor=actor)
    demand_elsewhere([identity], "address")
    thread = ticket.threads.get(is_main=True)
    known = Participant.objects.filter(thread=thread, identity=identity).first()
    if known is not None:
        return confirm_participant(actor, known)
    return add_participant(actor, thread, identity, role=ParticipantRole.CC, is_confirmed=True)


def demand_elsewhere(identities: Iterable[Identity], field: str) -> None:
    """Raises Invalid for an address of this desk: what is sent there comes back as a new letter."""
    own = own_addresses()
    for identity in identities:
        if identity.kind == "email" and identity.value in own:
            words = _("%(address)s is an address of this desk.") % {"address": identity.value}
            raise Invalid(words, code="own_address", fields={field: words})


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
    """Stop writing to somebody. Raises Invalid for the requester, who stays."""
    ticket = lock_ticket(actor, participant.thread.ticket_id)
    require(actor, permissions.REPLY)
    if participant.role == ParticipantRole.REQUESTER:
        raise Invalid(_("Whoever asked stays in their own ticket."))
    identity = participant.identity
    participant.delete()
    write_columns(ticket)
    record(
        actor,
        ParticipantRemoved(
            ticket_id=ticket.pk, person_id=identity.person_id, identity_id=identity.pk
        ),
    )
