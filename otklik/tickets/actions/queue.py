"""Taking the next ticket of the queue."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden
from otklik.core.db import action
from otklik.core.operations.queries import find_last_operation
from otklik.people.models import Agent
from otklik.tickets import permissions
from otklik.tickets.actions.fields import assign_ticket
from otklik.tickets.doors import require
from otklik.tickets.models import Ticket
from otklik.tickets.queries.queue import list_queue, why_refused


@action
def take_next(actor: Actor, *, again_within: timedelta | None = None) -> Ticket | None:
    """The most urgent ticket this one may take is theirs; None when nothing waits for them.
    ``again_within``: what they took so short ago is meant again, for a form that was sent twice.

    Never the same to two: PostgreSQL passes by what another one is taking this moment, SQLite has
    one writer at a time. Raises Forbidden for who works no tickets, and with a rule's own words
    for who may take nothing just now.
    """
    require(actor, permissions.ASSIGN)
    mine = Agent.objects.filter(person_id=actor.person_id or 0, is_active=True)
    me = mine.select_for_update().first()  # who asks twice at once is answered one after the other
    if me is None:
        raise Forbidden(_("Only an agent can take tickets."))
    if again_within is not None and (taken := _just_taken(actor, me, again_within)) is not None:
        return taken
    if words := why_refused(actor):
        raise Forbidden(words)
    found = list_queue(actor).select_for_update(skip_locked=True, of=("self",)).first()
    return assign_ticket(actor, found, me, was=None) if found is not None else None


def _just_taken(actor: Actor, me: Agent, within: timedelta) -> Ticket | None:
    last = find_last_operation(actor)
    if last is None or last.name != "tickets.assign" or last.created_at < timezone.now() - within:
        return None
    ids = last.changes.filter(field="assignee_id").values("object_id")
    return Ticket.objects.visible_to(actor).filter(pk__in=ids, assignee=me).first()
