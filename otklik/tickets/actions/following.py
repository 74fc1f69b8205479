"""Followers hear of a ticket without working it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people.actors import actor_for_user
from otklik.people.models import Agent, Person, User
from otklik.tickets import permissions
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import TicketFollowed, TicketUnfollowed
from otklik.tickets.models import Follower, Ticket

MOST_FOLLOWERS = 50


@action
def follow_ticket(actor: Actor, ticket: Ticket, person: Person) -> None:
    """For oneself, or for a colleague who may see it. Raises Forbidden, Missing, Invalid."""
    ticket = lock_ticket(actor, ticket)
    if person.pk != actor.person_id:
        require(actor, permissions.NOTE)
        _require_sees(ticket, person)
    if Follower.objects.filter(ticket=ticket).count() >= MOST_FOLLOWERS:
        raise Invalid(_("So many follow this ticket that nobody else can."))
    _row, created = Follower.objects.get_or_create(ticket=ticket, person=person)
    if created:
        record(actor, TicketFollowed(ticket_id=ticket.pk, person_id=person.pk))


@action
def unfollow_ticket(actor: Actor, ticket: Ticket, person: Person) -> None:
    ticket = lock_ticket(actor, ticket)
    if person.pk != actor.person_id:
        require(actor, permissions.NOTE)
    gone, _rows = Follower.objects.filter(ticket=ticket, person=person).delete()
    if gone:
        record(actor, TicketUnfollowed(ticket_id=ticket.pk, person_id=person.pk))


def _require_sees(ticket: Ticket, person: Person) -> None:
    """Who may not open it would only hear that it is there."""
    words = _("%(name)s may not see this ticket.") % {"name": person.name}
    agent = Agent.objects.filter(person=person, is_active=True).first()
    user = User.objects.filter(person=person).select_related("person").first()
    if agent is None or user is None:
        raise Invalid(words, fields={"person": words})
    if not Ticket.objects.visible_to(actor_for_user(user)).filter(pk=ticket.pk).exists():
        raise Invalid(words, fields={"person": words})
