"""Acts on many tickets, by programs."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from otklik.core.access import SYSTEM
from otklik.people.tests.factories import make_agent, make_customer
from otklik.tickets.actions import trash_ticket
from otklik.tickets.bulk.running import run_bulk
from otklik.tickets.models import BulkAct, Ticket
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_a_program_changes_many_reads_what_could_not_and_takes_it_back() -> None:
    cache.clear()
    olga = make_customer()
    rows = [make_ticket(olga) for _number in range(12)]
    trash_ticket(SYSTEM, rows[0])
    marina, ilya = program_of(make_agent("Marina")), program_of(make_agent("Ilya"))
    names = {one["name"] for one in marina.get("/effects").json()}
    assert {"ticket.set_status", "ticket.reply", "ticket.untag"} <= names
    body = {
        "tickets": [row.number for row in rows],
        "steps": [{"effect": "ticket.set_status", "params": {"status": "solved"}}],
    }
    begun = marina.post("/bulk-acts", body, key="once")
    assert (begun.status_code, begun.json()["state"]) == (202, "waiting")
    again = marina.post("/bulk-acts", body, key="once")
    assert again.json()["id"] == begun.json()["id"]
    assert BulkAct.objects.count() == 1
    here = f"/bulk-acts/{begun.json()['id']}"
    run_bulk(act_id=begun.json()["id"])
    now = marina.get(here).json()
    assert (now["state"], now["changed"], now["failed"]) == ("done", 11, 1)
    failed = marina.get(f"{here}/items").json()["items"]
    assert [row["ticket"] for row in failed] == [rows[0].number]
    assert ilya.get(here).status_code == ilya.post(f"{here}/undo").status_code == 404
    undo = marina.post(f"{here}/undo")
    assert undo.status_code == 202
    run_bulk(act_id=undo.json()["id"])
    assert Ticket.objects.filter(status_kind="solved").count() == 0
    assert marina.post(f"/bulk-acts/{undo.json()['id']}/cancellation").json()["state"] == "done"
    wrong = marina.post("/bulk-acts", {**body, "tickets": [999_999]})
    assert wrong.status_code == 404
    nonsense = {"query": "list=all", "steps": [{"effect": "ticket.nonsense"}]}
    assert marina.post("/bulk-acts", nonsense).status_code == 422
    assert len(marina.get("/bulk-acts").json()["items"]) == 2
