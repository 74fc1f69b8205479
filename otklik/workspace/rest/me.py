"""The one whose token it is: what they see of themselves and change without an administrator."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Forbidden, Missing
from otklik.core.db import write
from otklik.core.rest.audience import for_everybody
from otklik.core.rest.shapes import Strict, actor_of, given
from otklik.people.actions import change_agent, change_preferences
from otklik.people.actions.own import change_own_password
from otklik.people.models import Agent, User

router = Router(tags=["me"])

_OF_AGENT = ("name", "signature")
Password = Annotated[str, Field(max_length=1024)]


class MeOut(Schema):
    person: int
    agent: int
    name: str
    email: str
    signature: str
    language: str
    time_zone: str
    theme: str = Field(description="light, dark; empty: as the system")
    density: str = Field(description="compact, roomy; empty: automatic")
    permissions: list[str] = Field(description="What this token may do")


class MeChange(Strict):
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    signature: Annotated[str, Field(max_length=4000)] | None = None
    language: Annotated[str, Field(max_length=10)] | None = None
    time_zone: Annotated[str, Field(max_length=64)] | None = None
    theme: Annotated[str, Field(max_length=8)] | None = None
    density: Annotated[str, Field(max_length=8)] | None = None


class PasswordChange(Strict):
    current: Password
    password: Password


@router.get("/me", response=MeOut, summary="Oneself")
def me(request: HttpRequest) -> dict[str, Any]:
    return _show(request)


@router.patch("/me", response=MeOut, summary="Change oneself")
def alter_me(request: HttpRequest, data: MeChange) -> dict[str, Any]:
    """With a token of all rights only: one made for a purpose leaves its owner alone."""
    if getattr(request, "is_token_narrowed", False):
        raise Forbidden(_("This takes a token with all rights of its owner."))
    actor, user = actor_of(request), _user(request)
    changes = given(data)
    of_agent = {name: changes.pop(name) for name in _OF_AGENT if name in changes}
    with write():
        if of_agent:
            change_agent(actor, _agent(user), **of_agent)
        if changes:
            change_preferences(actor, user, **changes)
    return _show(request)


@router.post("/me/password", response={204: None}, summary="Change one's own password")
@for_everybody
def alter_password(request: HttpRequest, data: PasswordChange) -> Status[None]:
    """Ends every session of this account; tokens stay."""
    change_own_password(
        actor_of(request), _user(request), current=data.current, password=data.password
    )
    return Status(204, None)


def _user(request: HttpRequest) -> User:
    found = User.objects.filter(pk=actor_of(request).user_id or 0).first()
    if found is None:
        raise Missing(_("There is no such thing, or it is not yours to see."))
    return found


def _agent(user: User) -> Agent:
    found: Agent | None = Agent.objects.with_person().filter(person_id=user.person_id).first()
    if found is None:
        raise Missing(_("There is no such thing, or it is not yours to see."))
    return found


def _show(request: HttpRequest) -> dict[str, Any]:
    user = _user(request)
    agent = _agent(user)
    return {
        "person": agent.person_id,
        "agent": agent.pk,
        "name": agent.person.name,
        "email": user.email,
        "signature": agent.signature,
        "language": user.language,
        "time_zone": user.time_zone,
        "theme": user.theme,
        "density": user.density,
        "permissions": sorted(actor_of(request).permissions),
    }
