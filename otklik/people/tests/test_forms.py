"""What is typed on a screen reaches the action."""

from __future__ import annotations

import pytest

from otklik.core.access import SYSTEM
from otklik.people.actions import change_agent, change_organisation, change_person, change_team
from otklik.people.forms import AgentForm, OrganisationForm, PersonForm, TeamForm
from otklik.people.tests.factories import (
    make_agent,
    make_organisation,
    make_person,
    make_team,
    user_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_a_person_and_an_organisation_are_changed_by_their_forms():
    olga, polden = make_person("Olga"), make_organisation(domains=["polden.example"])
    shown = PersonForm(actor=SYSTEM, person=olga)
    assert "email" not in shown.fields
    form = PersonForm(
        {"name": "Ольга", "organisation": polden.pk, "version": 1}, actor=SYSTEM, person=olga
    )
    assert form.is_valid(), form.errors
    change_person(SYSTEM, olga, **form.changes())
    assert (olga.name, olga.organisation) == ("Ольга", polden)
    typed = {"name": "Закат", "domains": "polden.example\nzakat.example", "version": 1}
    other = OrganisationForm(typed, actor=SYSTEM, organisation=polden)
    assert other.is_valid(), other.errors
    change_organisation(SYSTEM, polden, **other.changes())
    assert polden.domains.count() == 2


def test_an_agent_a_team_and_preferences_are_changed_by_their_forms():
    team, marina = make_team(), make_agent()
    form = AgentForm(
        {"name": "Марина", "roles_held": ["administrator"], "teams": [team.pk]},
        actor=SYSTEM,
        agent=marina,
    )
    assert form.is_valid(), form.errors
    change_agent(SYSTEM, marina, **form.changes())
    assert [role.code for role in user_of(marina).roles.all()] == ["administrator"]
    assert "customer" not in dict(form.fields["roles_held"].choices)  # type: ignore[attr-defined]
    other = TeamForm({"name": "Вторая линия", "line": "2"}, actor=SYSTEM, team=team)
    assert other.is_valid(), other.errors
    change_team(SYSTEM, team, **other.changes())
    assert (team.line, team.agents.count()) == (2, 0)
