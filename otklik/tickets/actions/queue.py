"""Taking the next ticket of the queue."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden
from otklik.core.db import action
from otklik.people.models import Agent
from otklik.tickets import permissions
from otklik.tickets.actions.fields import assign_ticket
from otklik.tickets.doors import require
from otklik.tickets.models import Ticket
from otklik.tickets.queries.queue import list_queue, why_refused


@action
def take_next(actor: Actor) -> Ticket | None:
    """The most urgent ticket this one may take is theirs; None when nothing waits for them.

    Never the same to two: PostgreSQL passes by what another one is taking this moment, SQLite has
    one writer at a time. Raises Forbidden for who works no tickets, and with a rule's own words
    for who may take nothing just now.
    """
    require(actor, permissions.ASSIGN)
    me = Agent.objects.filter(person_id=actor.person_id or 0, is_active=True).first()
    if me is None:
        raise Forbidden(_("Only an agent can take tickets."))
    if words := why_refused(actor):
        raise Forbidden(words)
    found = list_queue(actor).select_for_update(skip_locked=True, of=("self",)).first()
    return assign_ticket(actor, found, me, was=None) if found is not None else None
