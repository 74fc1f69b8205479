"""Macros, by programs."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from otklik.people.tests.factories import make_agent, make_customer
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_a_program_writes_foresees_and_runs_macros_of_its_owner() -> None:
    cache.clear()
    ticket = make_ticket(make_customer())
    marina, ilya = program_of(make_agent("Marina")), program_of(make_agent("Ilya"))
    body = {
        "name": "Urgent",
        "steps": [{"effect": "ticket.set_priority", "params": {"priority": 40}}],
    }
    made = marina.post("/macros", body)
    assert (made.status_code, made.json()["steps"][0]["words"]) == (201, "Set priority: Urgent")
    here = f"/macros/{made.json()['id']}"
    assert ilya.get(here).status_code == 404
    on_ticket = f"/tickets/{ticket.number}{here}"
    foreseen = marina.get(on_ticket).json()
    assert [(one["old"], one["new"]) for one in foreseen] == [("Normal", "Urgent")]
    run = marina.post(on_ticket)
    assert run.status_code == 200
    assert Ticket.objects.get().priority == 40
    assert marina.post(f"/operations/{run.json()['operation']}/undo").status_code == 200
    assert Ticket.objects.get().priority == 20
    begun = marina.post(f"{here}/bulk-acts", {"tickets": [ticket.number]})
    assert (begun.status_code, begun.json()["title"]) == (202, "Urgent")
    assert marina.patch(here, {"hint": "Now"}).json()["hint"] == "Now"
    crossing = marina.patch(here, {"name": "Later", "version": 1})
    assert crossing.status_code == 409
    wrong = marina.post("/macros", {**body, "steps": [{"effect": "ticket.nonsense"}]})
    assert wrong.status_code == 422
    shared = marina.post("/macros", {**body, "scope": "shared"})
    assert shared.status_code == 403
    assert marina.send("DELETE", here).status_code == 204
    assert marina.get("/macros").json()["items"] == []
