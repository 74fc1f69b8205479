"""Inviting agents: they choose their password by a link that proves the address is theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import write
from otklik.people import policy, roles
from otklik.people.actions.agents import create_agent
from otklik.people.letters import InvitationLetter
from otklik.people.models import Agent, Team, User


def invite_agent(
    actor: Actor,
    *,
    name: str,
    email: str,
    roles_held: Sequence[str] = (roles.AGENT,),
    teams: Iterable[Team] = (),
    language: str = "",
) -> Agent:
    """An agent who gets a letter with a link to choose a password, valid for a week.

    Raises Forbidden, and Invalid for no address or an agent's address.
    """
    letter = InvitationLetter(actor.name, language)
    with write():
        agent = create_agent(
            actor, name=name, email=email, roles_held=roles_held, teams=teams, language=language
        )
        letter.send(User.objects.get(person_id=agent.person_id))
    return agent


def invite_again(actor: Actor, agent: Agent) -> None:
    """Send another invitation; the earlier link stops working.

    Raises Forbidden, and Invalid for somebody who has a password already or is not active.
    """
    if not policy.can_manage_agents(actor):
        raise Forbidden(_("Only an administrator may manage agents."))
    user = User.objects.get(person_id=agent.person_id)
    if user.has_usable_password() or not agent.is_active:
        raise Invalid(_("This agent can sign in already."), code="joined_already")
    letter = InvitationLetter(actor.name, user.language or agent.person.language)
    with write():
        letter.send(user)
