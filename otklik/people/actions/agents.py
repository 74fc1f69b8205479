"""Agents: taking them on, changing them, letting them go. The last administrator stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.realtime import doubt_rights
from otklik.people import policy, roles, values
from otklik.people.actions.changing import copy_values, differing, locked
from otklik.people.actions.identities import find_or_create_identity
from otklik.people.actions.teams import set_teams
from otklik.people.events import (
    AgentActivated,
    AgentChanged,
    AgentDeactivated,
    AgentInvited,
    PersonChanged,
)
from otklik.people.models import Agent, Person, Role, SignInLink, Team, User

_AGENT_CLEANERS: dict[str, values.Cleaner] = {"signature": values.text("signature", 4000)}
_PERSON_CLEANERS: dict[str, values.Cleaner] = {
    "name": values.line("name", 200, is_required=True),
    "language": values.language,
    "time_zone": values.time_zone,
    "job_title": values.line("job_title", 120),
}


@action
def create_agent(
    actor: Actor,
    *,
    name: str,
    email: str,
    roles_held: Sequence[str] = (roles.AGENT,),
    teams: Iterable[Team] = (),
    language: str = "",
    password_hash: str = "",
) -> Agent:
    """A person, their address, user and agent row.

    ``password_hash`` comes from `hash_password`, made before this transaction; without one nobody
    can sign in yet. Raises Forbidden, and Invalid for no address or an agent's address.
    """
    held = _roles(actor, roles_held)
    address = values.email(email)
    cleaned = values.clean_changes({"name": name, "language": language}, _PERSON_CLEANERS)
    identity = find_or_create_identity("email", address, cleaned["name"], actor=actor)
    person = identity.person
    if Agent.objects.filter(person=person).exists():
        words = _("An agent with this address exists already.")
        raise Invalid(words, code="agent_exists", fields={"email": words})
    if person.name != cleaned["name"] or (language and person.language != language):
        person.name, person.language = cleaned["name"], language or person.language
        person.version += 1
        person.save(update_fields=["name", "language", "version"])
        record(actor, PersonChanged(person.pk, ("name",)))
    user = User.objects.filter(person=person).first() or User(email=address, person=person)
    if password_hash:
        user.password = password_hash
    elif not user.password:
        user.set_unusable_password()
    user.is_active = True
    user.save()
    user.roles.set(held)
    agent = Agent.objects.create(person=person)
    record(actor, AgentInvited(person.pk, agent.pk))
    set_teams(actor, agent, teams)
    return agent


@action
def change_agent(
    actor: Actor,
    agent: Agent,
    *,
    roles_held: Sequence[str] | None = None,
    teams: Iterable[Team] | None = None,
    **changes: Any,
) -> Agent:
    """Change name, job_title, language, time_zone, signature, roles or teams.

    Agents change their own name and signature. Raises Forbidden and Invalid.
    """
    asked = frozenset(changes) | ({"roles"} if roles_held is not None else set())
    asked |= {"teams"} if teams is not None else set()
    if not policy.can_change_agent(actor, agent, asked):
        raise Forbidden(_("Only an administrator may change agents."))
    of_agent = values.clean_changes(
        {key: value for key, value in changes.items() if key in _AGENT_CLEANERS}, _AGENT_CLEANERS
    )
    of_person = values.clean_changes(
        {key: value for key, value in changes.items() if key not in _AGENT_CLEANERS},
        _PERSON_CLEANERS,
    )
    current: Agent = locked(agent)
    person: Person = locked(agent.person)
    changed = set(differing(current, of_agent)) | set(differing(person, of_person))
    for name, value in of_agent.items():
        setattr(current, name, value)
    current.save(update_fields=list(of_agent))
    if differing(person, of_person):
        for name, value in of_person.items():
            setattr(person, name, value)
        person.version += 1
        person.save(update_fields=[*of_person, "version"])
        record(actor, PersonChanged(person.pk, tuple(sorted(of_person))))
    if roles_held is not None and _set_roles(actor, current, roles_held):
        changed.add("roles")
    if teams is not None and set_teams(actor, current, teams):
        changed.add("teams")
    if changed & {"roles", "teams"}:
        doubt_rights(person.pk)
    if changed:
        record(actor, AgentChanged(person.pk, agent.pk, tuple(sorted(changed))))
    copy_values(current, agent, of_agent)
    copy_values(person, agent.person, [*of_person, "sort_name", "version"])
    return agent


@action
def deactivate_agent(actor: Actor, agent: Agent) -> None:
    """End every session and let nobody sign in. Tickets keep their assignee; teams are kept."""
    _demand_manage(actor)
    current: Agent = locked(agent)
    if current.is_active:
        user: User = User.objects.select_for_update().get(person_id=agent.person_id)
        if not policy.can_grant(actor, roles.permissions_of(user.roles.all())):
            raise Forbidden(_("You may not change somebody who has more rights than you."))
        _demand_another_administrator(user)
        current.is_active = False
        current.save(update_fields=["is_active"])
        user.is_active = False
        user.session_epoch += 1
        user.save(update_fields=["is_active", "session_epoch"])
        SignInLink.objects.filter(user=user, used_at=None).update(used_at=timezone.now())
        doubt_rights(agent.person_id)
        record(actor, AgentDeactivated(agent.person_id, agent.pk))
    agent.is_active = False


@action
def activate_agent(actor: Actor, agent: Agent) -> None:
    _demand_manage(actor)
    current: Agent = locked(agent)
    user = User.objects.prefetch_related("roles").get(person_id=agent.person_id)
    if not policy.can_grant(actor, roles.permissions_of(user.roles.all())):
        raise Forbidden(_("You may not give more rights than you have."))
    if not current.is_active:
        current.is_active = True
        current.save(update_fields=["is_active"])
        user.is_active = True
        user.save(update_fields=["is_active"])
        record(actor, AgentActivated(agent.person_id, agent.pk))
    agent.is_active = True


def _set_roles(actor: Actor, agent: Agent, codes: Sequence[str]) -> bool:
    held = _roles(actor, codes)
    user: User = User.objects.select_for_update().get(person_id=agent.person_id)
    present = {role.code: role for role in user.roles.all()}
    if set(present) == {role.code for role in held}:
        return False
    if not policy.can_grant(actor, roles.permissions_of(present.values())):
        raise Forbidden(_("You may not change somebody who has more rights than you."))
    if roles.ADMINISTRATOR in present and roles.ADMINISTRATOR not in codes:
        _demand_another_administrator(user)
    user.roles.set(held)
    return True


def _roles(actor: Actor, codes: Sequence[str]) -> list[Role]:
    """The rows of these roles. Raises Forbidden when they give more than the actor has."""
    _demand_manage(actor)
    found = list(Role.objects.filter(code__in=codes))
    if len(found) != len(set(codes)) or not found:
        words = _("Choose at least one role that exists.")
        raise Invalid(words, fields={"roles": words})
    if not policy.can_grant(actor, roles.permissions_of(found)):
        raise Forbidden(_("You may not give more rights than you have."))
    return found


def _demand_another_administrator(user: User) -> None:
    # Holding the role's row makes two administrators who remove each other take turns.
    role = Role.objects.select_for_update().get(code=roles.ADMINISTRATOR)
    holders = User.objects.filter(roles=role, is_active=True, person__agent__is_active=True)
    if holders.filter(pk=user.pk).exists() and not holders.exclude(pk=user.pk).exists():
        raise Invalid(
            _("This is the only administrator. Make somebody else one first."),
            code="last_administrator",
        )


def _demand_manage(actor: Actor) -> None:
    if not policy.can_manage_agents(actor):
        raise Forbidden(_("Only an administrator may manage agents."))
