"""Work, by programs: the next ticket, taken once."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from otklik.people.tests.factories import make_agent, make_customer, make_team
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_a_program_takes_the_next_one_once_and_only_what_its_agent_may() -> None:
    cache.clear()
    service, sales = make_team("Service"), make_team("Sales")
    olga = make_customer()
    first, second = make_ticket(olga, team=service), make_ticket(olga, team=service)
    ilya = program_of(make_agent("Ilya", teams=[service]))
    stranger = program_of(make_agent("Pavel", teams=[sales]))
    assert ilya.get("/queue").json() == {"waiting": 2, "refusal": ""}
    taken = ilya.post("/queue/next", key="once")
    assert (taken.status_code, taken.json()["number"]) == (200, first.number)
    assert ilya.post("/queue/next", key="once").json()["number"] == first.number
    assert stranger.post("/queue/next").status_code == 204
    assert ilya.post("/queue/next").json()["number"] == second.number
    assert ilya.post("/queue/next").status_code == 204
