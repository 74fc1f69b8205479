"""Agents, teams, roles: rights come from roles, and the last administrator stays."""

from __future__ import annotations

import pytest
from django.db import connection

from otklik.core.access import NOBODY, SYSTEM, ActorKind, Forbidden, Invalid, register_permission
from otklik.core.db.planning import look_again
from otklik.core.events.dispatcher import dispatch_pending
from otklik.people import roles
from otklik.people.actions import (
    activate_agent,
    block_person,
    change_agent,
    change_team,
    create_agent,
    create_role,
    deactivate_agent,
    set_password,
)
from otklik.people.actions.tokens import create_token
from otklik.people.actors import actor_for_user
from otklik.people.models import Agent, Role, Team, User
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_team,
    user_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_an_agent_has_the_rights_of_the_roles_and_the_scopes_of_the_teams():
    first, second = make_team(), make_team("Second line", line=2)
    ilya = make_agent("Ilya", teams=[second])
    actor = actor_of(ilya)
    assert actor.kind is ActorKind.AGENT
    assert actor.can("tickets.reply")
    assert not actor.can("agents.manage")
    assert actor.scopes == {"public", "staff", f"team:{second.pk}", f"person:{ilya.person_id}"}
    assert first.pk not in actor.team_ids


def test_an_administrator_has_permissions_that_rooms_register_later():
    dasha = make_administrator()
    register_permission("people.tests.later", "Something a later room brought")
    assert actor_of(dasha).can("people.tests.later")
    assert not actor_of(make_agent()).can("people.tests.later")


def test_a_team_that_rests_gives_no_scope():
    team = make_team()
    marina = make_agent(teams=[team])
    change_team(actor_of(make_administrator()), team, is_active=False)
    assert actor_of(marina).team_ids == frozenset()


def test_only_an_administrator_takes_agents_on():
    dasha, marina = actor_of(make_administrator()), actor_of(make_agent())
    with pytest.raises(Forbidden):
        create_agent(marina, name="Mallory", email="mallory@desk.example")
    agent = create_agent(dasha, name="Ilya", email="Ilya@Desk.example")
    assert User.objects.get(person=agent.person).email == "ilya@desk.example"
    with pytest.raises(Invalid) as raised:
        create_agent(dasha, name="Ilya", email="ilya@desk.example")
    assert raised.value.code == "agent_exists"


def test_nobody_gives_more_rights_than_they_have():
    role = Role.objects.create(code="team_lead", permissions=["agents.manage"], is_staff=True)
    lead = make_agent("Lead", roles_held=[role.code])
    marina = make_agent()
    with pytest.raises(Forbidden):
        change_agent(actor_of(lead), marina, roles_held=[roles.ADMINISTRATOR])
    change_agent(actor_of(make_administrator()), marina, roles_held=[roles.ADMINISTRATOR])
    assert actor_of(marina).can("agents.manage")
    with pytest.raises(Forbidden):
        change_agent(actor_of(lead), marina, roles_held=[role.code])


def test_agents_change_their_signature_and_nobody_elses():
    marina, ilya = make_agent(), make_agent("Ilya")
    change_agent(actor_of(marina), marina, signature="Марина\nСлужба поддержки")
    assert Agent.objects.get(pk=marina.pk).signature.startswith("Марина")
    with pytest.raises(Forbidden):
        change_agent(actor_of(marina), ilya, signature="x")
    with pytest.raises(Forbidden):
        change_agent(actor_of(marina), marina, roles_held=[roles.ADMINISTRATOR])


def test_the_only_administrator_cannot_be_removed():
    dasha = make_administrator()
    for remove in (
        lambda: deactivate_agent(SYSTEM, dasha),
        lambda: change_agent(SYSTEM, dasha, roles_held=[roles.AGENT]),
    ):
        with pytest.raises(Invalid) as raised:
            remove()
        assert raised.value.code == "last_administrator"
    second = make_administrator("Egor")
    deactivate_agent(actor_of(second), dasha)
    assert not Agent.objects.get(pk=dasha.pk).is_active


def test_somebody_let_go_is_nobody_until_taken_on_again():
    dasha, marina = make_administrator(), make_agent()
    user = user_of(marina)
    before = user.get_session_auth_hash()
    deactivate_agent(actor_of(dasha), marina)
    assert actor_for_user(User.objects.get(pk=user.pk)) == NOBODY
    activate_agent(actor_of(dasha), marina)
    again = User.objects.get(pk=user.pk)
    assert actor_for_user(again).kind is ActorKind.AGENT
    assert again.get_session_auth_hash() != before


def test_a_role_of_an_agent_gives_nothing_to_a_customer():
    olga = make_customer()
    user = User.objects.create(email="olga@polden.example", person=olga)
    user.roles.set(Role.objects.filter(code=roles.ADMINISTRATOR))
    actor = actor_for_user(user)
    assert actor.kind is ActorKind.CUSTOMER
    assert not actor.is_staff
    assert not actor.permissions


def test_customers_see_no_agents_or_teams():
    make_team(agents=[make_agent()])
    olga = actor_of(make_customer())
    assert not Agent.objects.visible_to(olga).exists()
    assert not Team.objects.visible_to(olga).exists()
    assert Agent.objects.visible_to(actor_of(make_administrator())).exists()


def test_a_password_of_ones_own_must_be_a_good_one():
    marina = make_agent()
    user = user_of(marina)
    with pytest.raises(Invalid):
        set_password(actor_of(marina), user, "12345678901")
    with pytest.raises(Forbidden):
        set_password(actor_of(make_agent("Ilya")), user, "a long enough phrase")
    set_password(actor_of(marina), user, "a long enough phrase")
    assert User.objects.get(pk=user.pk).check_password("a long enough phrase")


def test_building_an_actor_takes_three_queries(django_assert_max_num_queries):
    marina = make_agent(teams=[make_team()])
    user_id = user_of(marina).pk
    from otklik.people.backends import EmailBackend

    with django_assert_max_num_queries(3, connection=connection):
        user = EmailBackend().get_user(user_id)
        assert user is not None
        actor_for_user(user)


def test_nobody_shuts_out_those_who_have_more_rights():
    dasha, marina = make_administrator("Dasha"), make_agent("Marina")
    make_administrator("Second")
    with pytest.raises(Forbidden):
        block_person(actor_of(marina), dasha.person)
    with pytest.raises(Forbidden):
        block_person(actor_of(dasha), marina.person)
    lead = create_role(actor_of(dasha), name="Lead", permissions=["agents.manage"])
    ilya = make_agent("Ilya", roles_held=(roles.AGENT, lead.code))
    with pytest.raises(Forbidden):
        deactivate_agent(actor_of(ilya), dasha)
    deactivate_agent(actor_of(ilya), marina)
    assert not Agent.objects.get(pk=marina.pk).is_active
    assert Agent.objects.get(pk=dasha.pk).is_active
    block_person(actor_of(dasha), marina.person)


def test_nobody_makes_a_key_that_opens_more_than_they_may():
    dasha = make_administrator("Dasha")
    lead = create_role(actor_of(dasha), name="Lead", permissions=["agents.manage"])
    ilya = make_agent("Ilya", roles_held=(roles.AGENT, lead.code))
    marina = make_agent("Marina")
    with pytest.raises(Forbidden):
        create_token(actor_of(ilya), user_of(dasha), name="theirs")
    with pytest.raises(Forbidden):
        set_password(actor_of(ilya), user_of(dasha), "the kettle is cold by now")
    create_token(actor_of(ilya), user_of(marina), name="for a colleague")
    set_password(actor_of(ilya), user_of(marina), "the kettle is cold by now")
    create_token(actor_of(dasha), user_of(ilya), name="from above")


def test_a_new_agent_is_seen_by_the_planner_before_their_first_page():
    before = Agent.objects.count()
    if connection.vendor == "postgresql":  # nobody else looks until the test ends
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE people_agent IN SHARE UPDATE EXCLUSIVE MODE")
    look_again(Agent)  # what it reckons with outlives a test's rollback
    ilya = make_agent("Ilya")
    if connection.vendor == "postgresql":
        assert _rows_as_planned() == before
    dispatch_pending()
    assert Agent.objects.get(pk=ilya.pk).is_active
    if connection.vendor == "postgresql":
        assert _rows_as_planned() == before + 1


def _rows_as_planned() -> int:
    """How many agents PostgreSQL reckons with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'people_agent'::regclass")
        return int(cursor.fetchone()[0])
