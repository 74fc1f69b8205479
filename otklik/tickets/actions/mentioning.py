"""Colleagues named in a message: they hear of it and follow the ticket."""

from __future__ import annotations

from datetime import datetime

from otklik.core.access import Actor
from otklik.core.events.record import record
from otklik.people.actors import actors_of_agents
from otklik.people.models import Membership
from otklik.tickets.actions.following import MOST_FOLLOWERS
from otklik.tickets.contract import Words
from otklik.tickets.events import PeopleMentioned, TicketFollowed
from otklik.tickets.models import Follower, Message, Ticket
from otklik.tickets.querysets import sees_all

MOST_MENTIONED = 100  # of one message, teams' members counted


def tell_mentioned(
    actor: Actor, ticket: Ticket, message: Message, words: Words, *, at: datetime | None = None
) -> list[int]:
    """Record whom the words name. Inside the caller's transaction; the ids of who was told.

    Only active agents who may see the ticket count. They follow from now on, those named by name
    first, members of a named team while there is room for followers.
    """
    named = [number for kind, number in words.references if kind == "person"]
    teams = [number for kind, number in words.references if kind == "team"]
    if not named and not teams:
        return []
    members = (
        list(
            Membership.objects.filter(team_id__in=teams, team__is_active=True)
            .order_by("agent_id")
            .values_list("agent__person_id", flat=True)[:MOST_MENTIONED]
        )
        if teams
        else []
    )
    asked = [pk for pk in dict.fromkeys([*named, *members]) if pk != actor.person_id]
    told = readers_of(ticket, asked[:MOST_MENTIONED])
    if not told:
        return []
    by_name = [pk for pk in told if pk in named]
    known = set(Follower.objects.filter(ticket=ticket).values_list("person_id", flat=True))
    room = max(0, MOST_FOLLOWERS - len(known) - len(set(by_name) - known))
    of_teams = [pk for pk in told if pk not in by_name and pk not in known][:room]
    for person_id in [*(pk for pk in by_name if pk not in known), *of_teams]:
        Follower.objects.get_or_create(ticket=ticket, person_id=person_id)
        record(actor, TicketFollowed(ticket_id=ticket.pk, person_id=person_id), occurred_at=at)
    mentioned = PeopleMentioned(
        ticket_id=ticket.pk,
        message_id=message.pk,
        person_ids=tuple(told),
        team_ids=tuple(dict.fromkeys(teams)),
    )
    record(actor, mentioned, occurred_at=at)
    return told


def readers_of(ticket: Ticket, person_ids: list[int]) -> list[int]:
    """Those of some agents who may see the ticket, in the same order."""
    actors = actors_of_agents(person_ids)
    found = []
    for pk in person_ids:
        actor = actors.get(pk)
        if actor is None:
            continue
        if sees_all(actor) or Ticket.objects.visible_to(actor).filter(pk=ticket.pk).exists():
            found.append(pk)
    return found
