"""Messages become a ticket of their own, and go back when that is undone."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.db.rows import insert
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.core.operations.models import Operation
from otklik.people.models import Identity, Person
from otklik.tickets import permissions
from otklik.tickets.actions.merging import tell_moved
from otklik.tickets.columns import apply_columns
from otklik.tickets.doors import default_status, lock_ticket, next_number, require
from otklik.tickets.events import MessagesMoved, TicketSplitOff
from otklik.tickets.homes import home_of
from otklik.tickets.models import (
    Audience,
    Direction,
    Message,
    MessageKind,
    Participant,
    ParticipantRole,
    StatusKind,
    Thread,
    Ticket,
    TicketLink,
)

MOST = 100  # messages moved in one go


@action
def split_ticket(
    actor: Actor, ticket: Ticket, messages: Sequence[int], *, subject: str = ""
) -> tuple[Ticket, Operation]:
    """Move messages (ids) with their files, delivery states and external ids to a new ticket.

    Whoever wrote the first of them asked for it; when no customer did, the requester of the talk
    it was said in. Further answers to the moved letters come there. One public message stays at
    least. Raises Forbidden, Invalid and Missing.
    """
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.CHANGE)
    moved = _chosen(ticket, messages)
    operation = join(actor, "tickets.split")
    acting = actor.within(operation.pk)
    person, identity = _asker(moved)
    new = _open_like(ticket, person, identity, subject, moved[0])
    thread = _thread_like(new, moved[0].thread, identity)
    journal(operation, new, f"split:{ticket.pk}", False, True)
    for message in moved:
        journal(operation, message, "thread_id", message.thread_id, thread.pk)
    ids = [message.pk for message in moved]
    Message.objects.filter(pk__in=ids).update(thread=thread, ticket=new)
    TicketLink.objects.create(ticket=new, other=ticket, kind="split")
    tell_moved([ticket.pk, new.pk])
    record(
        acting,
        TicketSplitOff(
            ticket_id=new.pk,
            source_id=ticket.pk,
            brand_id=new.brand_id,
            person_id=person.pk,
            messages=len(ids),
        ),
    )
    record(acting, MessagesMoved(ticket_id=ticket.pk, other_id=new.pk, messages=len(ids)))
    operation.summary |= {"source": ticket.number, "ticket": new.number, "messages": len(ids)}
    operation.save(update_fields=["summary"])
    return Ticket.objects.get(pk=new.pk), operation


def _chosen(ticket: Ticket, ids: Sequence[int]) -> list[Message]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        words = _("Choose what to move.")
        raise Invalid(words, fields={"messages": words})
    if len(wanted) > MOST:
        words = _("At most %(count)d messages are moved at once.") % {"count": MOST}
        raise Invalid(words, fields={"messages": words})
    rows = Message.objects.filter(ticket=ticket)
    along = ("thread__ticket", "thread__came_from", "author", "author_identity__person", "body")
    found = list(rows.filter(pk__in=wanted).select_related(*along).order_by("id"))
    if len(found) != len(wanted):
        words = _("Some of these messages are not in this ticket any more.")
        raise Invalid(words, fields={"messages": words})
    if any(one.thread.audience == Audience.STAFF for one in found):
        # A new ticket's talk is open to its requester: what was said to a third party is not.
        words = _("What is said with a third party stays in its ticket.")
        raise Invalid(words, fields={"messages": words})
    if not rows.filter(kind=MessageKind.PUBLIC).exclude(pk__in=wanted).exists():
        words = _("One message stays, or nothing is left of the ticket.")
        raise Invalid(words, fields={"messages": words})
    return found


def _asker(moved: Sequence[Message]) -> tuple[Person, Identity | None]:
    for message in moved:
        is_theirs = message.direction == Direction.IN and not message.is_hidden
        if is_theirs and message.author is not None and message.author_identity is not None:
            return message.author, message.author_identity
    home = home_of(moved[0].thread)
    return home.requester, home.requester_identity


def _open_like(
    ticket: Ticket, person: Person, identity: Identity | None, subject: str, first: Message
) -> Ticket:
    """A ticket of the same place and people, in work as the other is. Nobody is written to: the
    customer's letter was acknowledged when it came."""
    told = " ".join(subject.split()) or first.body.subject or ticket.subject
    new = Ticket(
        number=next_number(),
        subject=told[:300],
        status=default_status(StatusKind.OPEN) if ticket.is_finished else ticket.status,
        kind=ticket.kind,
        priority=ticket.priority,
        brand_id=ticket.brand_id,
        team_id=ticket.team_id,
        assignee_id=ticket.assignee_id,
        requester=person,
        requester_identity=identity,
        organisation_id=person.organisation_id,
        category_id=ticket.category_id,
        language=ticket.language,
        account_id=first.thread.account_id,
        origin=ticket.origin,
        created_at=first.created_at,
        last_message_at=first.created_at,
    )
    apply_columns(new, None, None)
    insert(new)
    return new


def _thread_like(new: Ticket, old: Thread, identity: Identity | None) -> Thread:
    """The same channel and, for the same person's matter, the same people; for somebody else's
    only they."""
    thread = Thread(
        ticket=new,
        account_id=old.account_id,
        channel=old.channel,
        audience=Audience.MEMBERS,
        subject=new.subject,
    )
    insert(thread)
    same = home_of(old).requester_id == new.requester_id
    for row in Participant.objects.filter(thread=old).order_by("pk"):
        is_requester = identity is not None and row.identity_id == identity.pk
        if same or is_requester:
            role = ParticipantRole.REQUESTER if is_requester else row.role
            Participant.objects.create(
                thread=thread,
                identity_id=row.identity_id,
                role=role,
                is_confirmed=row.is_confirmed,
            )
    return thread
