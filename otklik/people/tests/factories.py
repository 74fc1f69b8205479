"""The cast. Other rooms' tests import from here; everything goes through the write doors.

Marina is an agent, Ilya an agent of the second line, Dasha the administrator; Olga Nesterova and
Alexey Gromov are customers, Mallory is a stranger.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from otklik.core.access import SYSTEM, Actor
from otklik.people import roles
from otklik.people.actions import (
    create_agent,
    create_organisation,
    create_person,
    create_team,
    find_or_create_identity,
    verify_identity,
)
from otklik.people.actors import actor_for_customer, actor_for_user
from otklik.people.models import (
    Agent,
    Identity,
    Organisation,
    Person,
    Role,
    Team,
    User,
    VerifiedHow,
)

# Made once: argon2 is slow on purpose. Its clear text is PASSWORD.
PASSWORD = "the kettle is warm"
_hash = ""
_numbers = count(1)


def make_person(name: str = "", email: str = "", **details: Any) -> Person:
    """Somebody written down by staff; nothing about them is proven."""
    number = next(_numbers)
    return create_person(
        SYSTEM,
        name=name or f"Person {number}",
        email=email or f"person{number}@example.com",
        **details,
    )


def make_customer(
    name: str = "Olga Nesterova",
    email: str = "",
    *,
    organisation: Organisation | None = None,
    is_verified: bool = True,
    language: str = "",
) -> Person:
    """A customer whose address is proven by a link, unless told otherwise."""
    address = email or f"{name.split()[0].lower()}{next(_numbers)}@polden.example"
    person = create_person(
        SYSTEM, name=name, email=address, organisation=organisation, language=language
    )
    if is_verified:
        verify_identity(SYSTEM, person.identities.get(), VerifiedHow.LINK)
    return person


def make_identity(email: str = "", name: str = "Mallory", **details: object) -> Identity:
    """What intake leaves behind for a stranger's mail."""
    address = email or f"stranger{next(_numbers)}@elsewhere.example"
    return find_or_create_identity("email", address, name, **details)  # type: ignore[arg-type]


def make_agent(
    name: str = "Marina",
    email: str = "",
    *,
    roles_held: Iterable[str] = (roles.AGENT,),
    teams: Iterable[Team] = (),
    language: str = "en",
) -> Agent:
    """An agent who can sign in with PASSWORD."""
    sync_roles()
    return create_agent(
        SYSTEM,
        name=name,
        email=email or f"{name.split()[0].lower()}{next(_numbers)}@desk.example",
        roles_held=tuple(roles_held),
        teams=teams,
        language=language,
        password_hash=_password_hash(),
    )


def make_administrator(name: str = "Dasha", **details: object) -> Agent:
    return make_agent(name, roles_held=(roles.ADMINISTRATOR,), **details)  # type: ignore[arg-type]


def make_team(name: str = "Support", line: int = 1, agents: Iterable[Agent] = ()) -> Team:
    return create_team(SYSTEM, name=name, line=line, agents=agents)


def make_organisation(name: str = "Кофейня «Полдень»", domains: Iterable[str] = ()) -> Organisation:
    return create_organisation(SYSTEM, name=name, domains=domains)


def user_of(agent: Agent) -> User:
    return User.objects.get(person_id=agent.person_id)


def actor_of(who: Agent | Person) -> Actor:
    """The agent or customer, acting; read anew, so with the rights of this moment."""
    if isinstance(who, Agent):
        return actor_for_user(user_of(who))
    return actor_for_customer(Person.objects.get(pk=who.pk))


def sync_roles() -> None:
    if not Role.objects.filter(code=roles.AGENT).exists():
        roles.sync_builtin_roles()


def _password_hash() -> str:
    global _hash
    if not _hash:
        from django.contrib.auth.hashers import make_password

        _hash = make_password(PASSWORD)
    return _hash
