"""Scripts, by programs."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from otklik.people.tests.factories import make_agent, make_customer
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_a_program_writes_a_script_and_goes_through_it() -> None:
    cache.clear()
    ticket = make_ticket(make_customer())
    marina, ilya = program_of(make_agent("Marina")), program_of(make_agent("Ilya"))
    steps = [
        {"key": "a", "question": "Closed?", "kind": "yes_no"},
        {"key": "b", "question": "Subject?", "goes": "subject"},
    ]
    made = marina.post("/scripts", {"name": "Call", "steps": steps})
    assert made.status_code == 201
    script = made.json()["id"]
    assert ilya.get(f"/scripts/{script}").status_code == 404
    runs = f"/tickets/{ticket.number}/script-runs"
    run = marina.post(runs, {"script": script}).json()
    assert run["question"]["options"] == ["Yes", "No"]
    here = f"{runs}/{run['id']}"
    assert marina.post(f"{here}/end", {}).status_code == 422
    assert marina.post(f"{here}/answers", {"value": "Perhaps"}).status_code == 422
    marina.post(f"{here}/answers", {"value": "No"})
    assert marina.send("DELETE", f"{here}/answers").json()["answers"] == []
    marina.post(f"{here}/answers", {"value": "No"})
    crossing = marina.post(f"{here}/answers", {"value": "Pump", "version": 1})
    assert crossing.status_code == 409
    assert ilya.post(f"{here}/answers", {"value": "Pump"}).json()["question"] is None
    ended = marina.post(f"{here}/end", {})
    assert (ended.status_code, ended.json()["text"]) == (200, "Closed?\nNo\n\nSubject?\nPump")
    assert Ticket.objects.get().subject == "Pump"
    assert marina.get(runs).json() == []
    assert marina.patch(f"/scripts/{script}", {"hint": "By phone"}).json()["hint"] == "By phone"
    assert marina.send("DELETE", f"/scripts/{script}").status_code == 204
