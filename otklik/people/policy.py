"""Who may do what with people. Pure: values in, a yes or no out."""

from __future__ import annotations

from otklik.core.access import Actor, ActorKind
from otklik.people.models import Agent, Identity, Person, VerifiedHow
from otklik.people.permissions import (
    CHANGE,
    ERASE,
    EXPORT,
    LOOKS,
    MANAGE_AGENTS,
    MERGE,
    SET_UP,
    VOUCH,
)
from otklik.people.querysets import may_see_people

# What customers may change about themselves.
OWN_FIELDS = frozenset({"name", "language", "time_zone"})
# What agents may change about themselves without managing agents.
OWN_AGENT_FIELDS = frozenset({"name", "signature"})


def can_see_people(actor: Actor) -> bool:
    return may_see_people(actor)


def can_change_people(actor: Actor) -> bool:
    return actor.can(CHANGE)


def can_change_person(actor: Actor, person: Person, fields: frozenset[str]) -> bool:
    if can_change_people(actor):
        return True
    return actor.person_id == person.pk and fields <= OWN_FIELDS


def can_merge_people(actor: Actor) -> bool:
    return actor.can(MERGE) and can_change_people(actor)


def can_set_up_people(actor: Actor) -> bool:
    return actor.can(SET_UP)


def can_vouch(actor: Actor) -> bool:
    return actor.can(VOUCH)


def can_block_person(actor: Actor, person: Person) -> bool:
    """Nobody blocks themselves."""
    return can_change_people(actor) and actor.person_id != person.pk


def can_verify_identity(actor: Actor, identity: Identity, how: VerifiedHow) -> bool:
    """A person proves their own by a link, an administrator vouches, the rest is the desk's."""
    if identity.is_automated:
        return False
    if actor.kind is ActorKind.SYSTEM:
        return True
    if how is VerifiedHow.STAFF:
        return actor.can(VOUCH)
    return how is VerifiedHow.LINK and actor.person_id == identity.proves_for


def can_erase_people(actor: Actor) -> bool:
    return actor.can(ERASE)


def can_export_people(actor: Actor) -> bool:
    """For a person who can be told apart later: the desk itself exports by the command line."""
    return actor.can(EXPORT)


def can_see_looks(actor: Actor) -> bool:
    return actor.is_staff and actor.can(LOOKS)


def can_manage_agents(actor: Actor) -> bool:
    return actor.can(MANAGE_AGENTS)


def can_change_agent(actor: Actor, agent: Agent, fields: frozenset[str]) -> bool:
    if can_manage_agents(actor):
        return True
    return actor.person_id == agent.person_id and fields <= OWN_AGENT_FIELDS


def can_grant(actor: Actor, permissions: frozenset[str]) -> bool:
    """Nobody gives more than they have."""
    return actor.kind is ActorKind.SYSTEM or permissions <= actor.permissions
