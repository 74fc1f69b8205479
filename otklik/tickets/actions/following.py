"""Followers hear of a ticket without working it."""

from __future__ import annotations

from otklik.core.access import Actor
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people.models import Person
from otklik.tickets.doors import lock_ticket
from otklik.tickets.events import TicketFollowed, TicketUnfollowed
from otklik.tickets.models import Follower, Ticket


@action
def follow_ticket(actor: Actor, ticket: Ticket, person: Person) -> None:
    ticket = lock_ticket(actor, ticket)
    _row, created = Follower.objects.get_or_create(ticket=ticket, person=person)
    if created:
        record(actor, TicketFollowed(ticket_id=ticket.pk, person_id=person.pk))


@action
def unfollow_ticket(actor: Actor, ticket: Ticket, person: Person) -> None:
    ticket = lock_ticket(actor, ticket)
    gone, _rows = Follower.objects.filter(ticket=ticket, person=person).delete()
    if gone:
        record(actor, TicketUnfollowed(ticket_id=ticket.pk, person_id=person.pk))
