"""Agents, teams, roles and tokens by REST."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Actor, Missing
from otklik.core.rest.audience import for_everybody
from otklik.core.rest.shapes import Id, Strict, actor_of, demand, find_named, get_row, given
from otklik.people import permissions, roles
from otklik.people.actions import (
    activate_agent,
    change_agent,
    change_role,
    change_team,
    create_role,
    create_team,
    deactivate_agent,
    remove_role,
)
from otklik.people.actions.tokens import create_token, revoke_token
from otklik.people.invitations import invite_again, invite_agent
from otklik.people.models import Agent, ApiToken, Role, Team, User

router = Router(tags=["staff"])

Name = Annotated[str, Field(min_length=1, max_length=200)]
Ids = Annotated[list[Id], Field(max_length=200)]


class AgentOut(Schema):
    id: int
    person: int
    name: str
    teams: list[int]
    is_active: bool
    email: str | None = Field(description="This and what follows: for who manages agents")
    roles: list[str] | None
    is_invited: bool | None = Field(description="Has not chosen a password yet")


class AgentIn(Strict):
    name: Name
    email: Annotated[str, Field(max_length=320)]
    roles: list[Annotated[str, Field(max_length=40)]] = Field([roles.AGENT], max_length=20)
    teams: Ids = []
    language: Annotated[str, Field(max_length=10)] = ""


class AgentChange(Strict):
    name: Name | None = None
    job_title: Annotated[str, Field(max_length=120)] | None = None
    signature: Annotated[str, Field(max_length=4000)] | None = None
    language: Annotated[str, Field(max_length=10)] | None = None
    roles: list[Annotated[str, Field(max_length=40)]] | None = Field(None, max_length=20)
    teams: Ids | None = None
    is_active: bool | None = None


class TeamOut(Schema):
    id: int
    name: str
    line: int
    is_active: bool
    agents: list[int]


class TeamIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    line: int = 1
    agents: Ids = []


class TeamChange(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    line: int | None = None
    is_active: bool | None = None
    agents: Ids | None = None


class RoleOut(Schema):
    code: str
    name: str
    permissions: list[str]
    is_builtin: bool


class RoleIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    permissions: list[Annotated[str, Field(max_length=80)]] = Field(min_length=1, max_length=200)


class TokenOut(Schema):
    id: int
    name: str
    scopes: list[str] | None
    created_at: datetime
    expires_at: datetime | None


class TokenMade(TokenOut):
    token: str = Field(description="Shown this once")


class TokenIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: list[Annotated[str, Field(max_length=80)]] | None = Field(None, max_length=200)
    expires_at: datetime | None = None


@router.get("/agents", response=list[AgentOut], summary="Agents")
def agents(request: HttpRequest) -> list[dict[str, Any]]:
    rows = _agents(request).order_by("person__sort_name", "id")[:1000]
    return _show_agents(actor_of(request), rows)


@router.post("/agents", response={201: AgentOut}, summary="Invite an agent by mail")
def invite(request: HttpRequest, data: AgentIn) -> Status[dict[str, Any]]:
    made = invite_agent(
        actor_of(request),
        name=data.name,
        email=data.email,
        roles_held=data.roles,
        teams=_teams(data.teams),
        language=data.language,
    )
    return Status(201, _show_agent(request, made.pk))


@router.get("/agents/{int:pk}", response=AgentOut, summary="One agent")
def agent(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _show_agent(request, pk)


@router.post("/agents/{int:pk}/invitation", response={204: None}, summary="Invite once more")
def invite_anew(request: HttpRequest, pk: int) -> Status[None]:
    """Who has not come yet gets another letter; the link of the earlier one stops working."""
    invite_again(actor_of(request), get_row(_agents(request), pk))
    return Status(204, None)


@router.patch("/agents/{int:pk}", response=AgentOut, summary="Change an agent")
def alter_agent(request: HttpRequest, pk: int, data: AgentChange) -> dict[str, Any]:
    actor, found = actor_of(request), get_row(_agents(request), pk)
    changes = given(data, "roles", "teams", "is_active")
    if changes or data.roles is not None or data.teams is not None:
        change_agent(
            actor,
            found,
            roles_held=data.roles,
            teams=None if data.teams is None else _teams(data.teams),
            **changes,
        )
    if data.is_active is not None:
        (activate_agent if data.is_active else deactivate_agent)(actor, found)
    return _show_agent(request, pk)


@router.get("/teams", response=list[TeamOut], summary="Teams")
def teams(request: HttpRequest) -> list[dict[str, Any]]:
    rows = Team.objects.visible_to(actor_of(request)).prefetch_related("memberships")
    return [_show_team(row) for row in rows[:1000]]


@router.post("/teams", response={201: TeamOut}, summary="Add a team")
def add_team(request: HttpRequest, data: TeamIn) -> Status[dict[str, Any]]:
    made = create_team(
        actor_of(request), name=data.name, line=data.line, agents=_members(data.agents)
    )
    return Status(201, _show_team(made))


@router.patch("/teams/{int:pk}", response=TeamOut, summary="Change a team")
def alter_team(request: HttpRequest, pk: int, data: TeamChange) -> dict[str, Any]:
    actor = actor_of(request)
    found = get_row(Team.objects.visible_to(actor), pk)
    members = None if data.agents is None else _members(data.agents)
    return _show_team(change_team(actor, found, agents=members, **given(data, "agents")))


@router.get("/roles", response=list[RoleOut], summary="Roles and what they permit")
def list_roles(request: HttpRequest) -> list[dict[str, Any]]:
    demand(request, permissions.MANAGE_AGENTS)
    return [_show_role(row) for row in Role.objects.all()]


@router.post("/roles", response={201: RoleOut}, summary="Make a role of one's own")
def add_role(request: HttpRequest, data: RoleIn) -> Status[dict[str, Any]]:
    made = create_role(actor_of(request), name=data.name, permissions=data.permissions)
    return Status(201, _show_role(made))


@router.put("/roles/{code}", response=RoleOut, summary="Change a role of one's own")
def alter_role(request: HttpRequest, code: str, data: RoleIn) -> dict[str, Any]:
    demand(request, permissions.MANAGE_AGENTS)
    found = _role(code)
    change_role(actor_of(request), found, name=data.name, permissions=data.permissions)
    return _show_role(_role(code))


@router.delete("/roles/{code}", response={204: None}, summary="Forget a role nobody holds")
def drop_role(request: HttpRequest, code: str) -> Status[None]:
    demand(request, permissions.MANAGE_AGENTS)
    remove_role(actor_of(request), _role(code))
    return Status(204, None)


@router.get("/tokens", response=list[TokenOut], summary="One's own tokens")
@for_everybody
def tokens(request: HttpRequest) -> Any:
    return ApiToken.objects.filter(user_id=actor_of(request).user_id or 0, revoked_at=None)[:200]


@router.post("/tokens", response={201: TokenMade}, summary="Make a token for oneself")
def add_token(request: HttpRequest, data: TokenIn) -> Status[dict[str, Any]]:
    """It can do no more than the token that makes it."""
    actor = actor_of(request)
    user = get_row(User.objects.all(), actor.user_id or 0)
    scopes = set(actor.permissions)
    if data.scopes is not None:
        scopes &= set(data.scopes)
    row, token = create_token(
        actor, user, name=data.name, scopes=scopes, expires_at=data.expires_at
    )
    shown = {name: getattr(row, name) for name in ("id", "name", "scopes")}
    shown |= {"created_at": row.created_at, "expires_at": row.expires_at, "token": token}
    return Status(201, shown)


@router.delete("/tokens/{int:pk}", response={204: None}, summary="Revoke a token")
@for_everybody
def drop_token(request: HttpRequest, pk: int) -> Status[None]:
    actor = actor_of(request)
    rows = ApiToken.objects.filter(user_id=actor.user_id or 0, revoked_at=None)
    revoke_token(actor, get_row(rows.select_related("user"), pk))
    return Status(204, None)


def _role(code: str) -> Role:
    found = Role.objects.filter(code=code[:40]).first()
    if found is None:
        raise Missing(_("There is no such thing, or it is not yours to see."))
    return found


def _show_role(row: Role) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": roles.role_name(row),
        "permissions": sorted(roles.permissions_of([row])),
        "is_builtin": row.is_builtin,
    }


def _agents(request: HttpRequest) -> Any:
    rows = Agent.objects.visible_to(actor_of(request))
    return rows.with_person().prefetch_related("memberships")


def _teams(ids: list[int]) -> list[Team]:
    found = [find_named(Team.objects.all(), pk, "teams") for pk in ids]
    return [team for team in found if team is not None]


def _members(ids: list[int]) -> list[Agent]:
    found = [find_named(Agent.objects.all(), pk, "agents") for pk in ids]
    return [agent for agent in found if agent is not None]


def _show_agent(request: HttpRequest, pk: int) -> dict[str, Any]:
    (shown,) = _show_agents(actor_of(request), [get_row(_agents(request), pk)])
    return shown


def _show_agents(actor: Actor, rows: Iterable[Agent]) -> list[dict[str, Any]]:
    agents = list(rows)
    users: dict[int | None, User] = {}
    if actor.can(permissions.MANAGE_AGENTS):
        found = User.objects.filter(person__in=[row.person_id for row in agents])
        users = {user.person_id: user for user in found.prefetch_related("roles")}
    return [_agent_as_seen(row, users.get(row.person_id)) for row in agents]


def _agent_as_seen(row: Agent, user: User | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "person": row.person_id,
        "name": row.person.name,
        "teams": [membership.team_id for membership in row.memberships.all()],
        "is_active": row.is_active,
        "email": user.email if user else None,
        "roles": [role.code for role in user.roles.all()] if user else None,
        "is_invited": row.is_active and not user.has_usable_password() if user else None,
    }


def _show_team(row: Team) -> dict[str, Any]:
    shown: dict[str, Any] = {name: getattr(row, name) for name in ("id", "name", "line")}
    members = [membership.agent_id for membership in row.memberships.all()]
    return shown | {"is_active": row.is_active, "agents": members}
