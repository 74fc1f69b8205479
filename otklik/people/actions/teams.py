"""Teams and who is in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people import policy, values
from otklik.people.actions.changing import copy_values, differing, locked
from otklik.people.events import TeamChanged, TeamCreated, TeamJoined, TeamLeft
from otklik.people.models import Agent, Membership, Team


def _line(value: Any) -> int:
    if value not in {1, 2, 3}:
        words = _("A support line is 1, 2 or 3.")
        raise Invalid(words, fields={"line": words})
    return int(value)


_CLEANERS: dict[str, values.Cleaner] = {
    "name": values.line("name", 100, is_required=True),
    "line": _line,
    "is_active": bool,
}


@action
def create_team(actor: Actor, *, name: str, line: int = 1, agents: Iterable[Agent] = ()) -> Team:
    _demand(actor)
    team = Team.objects.create(**values.clean_changes({"name": name, "line": line}, _CLEANERS))
    record(actor, TeamCreated(team_id=team.pk))
    for agent in agents:
        join_team(actor, team, agent)
    return team


@action
def change_team(
    actor: Actor, team: Team, *, agents: Iterable[Agent] | None = None, **changes: Any
) -> Team:
    """Change name, line, is_active, or who is in it. A team that is not active gets no tickets."""
    _demand(actor)
    cleaned = values.clean_changes(changes, _CLEANERS)
    current: Team = locked(team)
    wanted = differing(current, cleaned)
    if wanted:
        for name, value in wanted.items():
            setattr(current, name, value)
        current.save(update_fields=list(wanted))
        record(actor, TeamChanged(team.pk, tuple(sorted(wanted))))
    if agents is not None:
        members = {agent.pk: agent for agent in agents}
        present = {each.agent_id: each.agent for each in _members(team)}
        for agent_id in members.keys() - present.keys():
            join_team(actor, team, members[agent_id])
        for agent_id in present.keys() - members.keys():
            leave_team(actor, team, present[agent_id])
    copy_values(current, team, ["name", "sort_name", "line", "is_active"])
    return team


@action
def join_team(actor: Actor, team: Team, agent: Agent) -> None:
    _demand(actor)
    _membership, is_new = Membership.objects.get_or_create(team=team, agent=agent)
    if is_new:
        record(actor, TeamJoined(team.pk, agent.pk, agent.person_id))


@action
def leave_team(actor: Actor, team: Team, agent: Agent) -> None:
    _demand(actor)
    count, _rows = Membership.objects.filter(team=team, agent=agent).delete()
    if count:
        record(actor, TeamLeft(team.pk, agent.pk, agent.person_id))


def set_teams(actor: Actor, agent: Agent, teams: Iterable[Team]) -> bool:
    """Let the agent be in exactly these teams; whether something changed."""
    wanted = {team.pk: team for team in teams}
    rows = Membership.objects.filter(agent=agent).select_related("team")
    present = {row.team_id: row.team for row in rows}
    if wanted.keys() == present.keys():
        return False
    for team_id in wanted.keys() - present.keys():
        join_team(actor, wanted[team_id], agent)
    for team_id in present.keys() - wanted.keys():
        leave_team(actor, present[team_id], agent)
    return True


def _members(team: Team) -> Iterable[Membership]:
    return Membership.objects.filter(team=team).select_related("agent")


def _demand(actor: Actor) -> None:
    if not policy.can_manage_agents(actor):
        raise Forbidden(_("Only an administrator may manage teams."))
