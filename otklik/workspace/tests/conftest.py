"""The cast at the desk: Marina works, Olga asks, Alexey sees nothing of hers."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from otklik.people.actors import actor_for_user
from otklik.people.models import User
from otklik.people.tests.factories import (
    make_agent,
    make_customer,
    make_organisation,
    make_team,
    user_of,
)
from otklik.tickets.actions.habits import change_habit
from otklik.tickets.tests.factories import make_ticket


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    service = make_team("Service", line=2)
    marina = make_agent("Marina Kostina", teams=[service])
    ilya = make_agent("Ilya Vetrov", teams=[service])
    coffee = make_organisation()
    olga = make_customer("Olga Nesterova", organisation=coffee)
    alexey = make_customer("Alexey Gromov")
    ticket = make_ticket(olga)
    for agent in (marina, ilya):  # what waits has tests of its own
        change_habit(actor_for_user(user_of(agent)), undo_seconds=0)
    return SimpleNamespace(
        service=service,
        marina=marina,
        ilya=ilya,
        olga=olga,
        alexey=alexey,
        ticket=ticket,
        actor=actor_for_user(user_of(marina)),
    )


@pytest.fixture
def at_desk(cast: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(user_of(cast.marina))
    return client


@pytest.fixture
def customer_client(cast: SimpleNamespace) -> Callable[[str], Client]:
    def make(name: str) -> Client:
        person = getattr(cast, name)
        address = person.identities.get().value
        user = User.objects.create(email=address, person=person)
        client = Client()
        client.force_login(user)
        return client

    return make
