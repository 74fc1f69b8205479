"""From somebody who signed in to the one who acts."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from otklik.core.access import NOBODY, Actor, ActorKind
from otklik.core.db.spelling import spelt_once
from otklik.kit.addresses import domain_of
from otklik.people import roles
from otklik.people.models import Agent, Identity, Membership, OrganisationDomain, Person, Role, User


def actor_for_user(user: User) -> Actor:
    """An agent when the person is an active one, else a customer; NOBODY for an inactive user
    and a blocked person."""
    if not user.is_active or user.person.is_blocked:
        return NOBODY
    agent = find_active_agent(user.person)
    if agent is None:
        return actor_for_customer(user.person, user=user)
    return _agent(user, _roles_of(user.pk), frozenset(_teams_of(agent.pk)))


def actor_for_customer(person: Person, *, user: User | None = None) -> Actor:
    """The person as a customer, whatever else they are: what the portal and mailed links give.

    Roles that agents hold do not count here. NOBODY for a blocked person.
    """
    if person.is_blocked:
        return NOBODY
    scopes = {"public", f"person:{person.pk}"}
    if is_organisation_proven(person):
        scopes.add(f"org:{person.organisation_id}")
    return Actor(
        kind=ActorKind.CUSTOMER,
        id=person.pk,
        name=person.name,
        person_id=person.pk,
        user_id=user.pk if user else None,
        permissions=roles.builtin_permissions(roles.CUSTOMER),
        scopes=frozenset(scopes),
        language=(user.language if user else "") or person.language,
    )


def actors_of_agents(person_ids: Iterable[int]) -> dict[int, Actor]:
    """Each active agent among these persons as who they are when they sign in, by person; a few
    queries for any number."""
    ids = set(person_ids)
    if not ids:
        return {}
    users = User.objects.filter(
        person_id__in=ids, is_active=True, person__is_blocked=False, person__agent__is_active=True
    )
    found: dict[int, Actor] = {}
    teams: dict[int, set[int]] = {}
    rows = Membership.objects.filter(agent__person_id__in=ids, team__is_active=True)
    for person_id, team_id in rows.values_list("agent__person_id", "team_id"):
        teams.setdefault(person_id, set()).add(team_id)
    for user in users.select_related("person").prefetch_related("roles"):
        held = list(user.roles.all())
        of_teams = frozenset(teams.get(user.person_id, ()))
        found[user.person_id] = _agent(user, held, of_teams)
    return found


def find_active_agent(person: Person) -> Agent | None:
    """The person's agent row when it is active; no query when it was selected along."""
    cache = person._state.fields_cache
    if "agent" in cache:
        agent: Agent | None = cache["agent"]
    else:
        agent = Agent.objects.filter(person=person).first()
    return agent if agent is not None and agent.is_active else None


def is_organisation_proven(person: Person) -> bool:
    """Whether a proven e-mail address of theirs is at a domain of their organisation.

    An organisation that staff merely noted down opens nothing.
    """
    if person.organisation_id is None:
        return False
    domains = set(
        OrganisationDomain.objects.filter(organisation_id=person.organisation_id).values_list(
            "domain", flat=True
        )
    )
    if not domains:
        return False
    proven = Identity.objects.verified().proving_for(person.pk)
    values = proven.filter(kind="email").values_list("value", flat=True)
    return any(domain_of(value) in domains for value in values)


def _agent(user: User, held: Iterable[Role], team_ids: frozenset[int]) -> Actor:
    scopes = {"public", f"person:{user.person_id}", *(f"team:{team}" for team in team_ids)}
    if any(_gives_staff(role) for role in held):
        scopes.add("staff")
    return Actor(
        kind=ActorKind.AGENT,
        id=user.person_id,
        name=user.person.name or user.email,
        person_id=user.person_id,
        user_id=user.pk,
        permissions=roles.permissions_of(held),
        scopes=frozenset(scopes),
        team_ids=team_ids,
        language=user.language or user.person.language,
    )


@spelt_once
def _roles_of(user_id: int) -> QuerySet[Role]:
    return User(pk=user_id).roles.all()


@spelt_once
def _teams_of(agent_id: int) -> Iterable[int]:
    rows = Membership.objects.filter(agent=agent_id, team__is_active=True)
    return rows.values_list("team_id", flat=True)


def _gives_staff(role: Role) -> bool:
    builtin = roles.BUILTIN.get(role.code)
    return builtin.is_staff if builtin else role.is_staff
