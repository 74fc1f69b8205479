"""Spam, blocked senders and addresses in trouble by REST, each with the rights of its screen."""

from __future__ import annotations

import pytest

from otklik.core.access import SYSTEM
from otklik.core.db.briefly import forget
from otklik.people.actions import note_trouble
from otklik.people.models import Trouble
from otklik.people.tests.factories import make_administrator, make_agent, make_customer
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_a_ticket_is_called_spam_and_no_spam() -> None:
    marina = program_of(make_agent("Marina"))
    ticket = make_ticket(make_customer("Olga Nesterova"))
    path = f"/tickets/{ticket.number}/spam"
    assert marina.send("PUT", path).json()["is_spam"] is True
    assert [row["number"] for row in marina.get("/tickets?list=spam").json()["items"]] == [
        ticket.number
    ]
    assert marina.get("/tickets?list=any").json()["items"] == []
    assert marina.send("DELETE", path).json()["is_spam"] is False
    changed = marina.post(
        "/tickets/changes", {"tickets": [ticket.number], "change": {"is_spam": True}}
    )
    assert changed.json()["changed"] == 1
    reader = program_of(make_agent("Reader"), scopes=["tickets.view"])
    assert reader.send("DELETE", path).status_code == 403


def test_senders_are_blocked_and_unblocked_by_administrators_alone() -> None:
    marina, dasha = program_of(make_agent("Marina")), program_of(make_administrator())
    given = {"pattern": "casino.example", "note": "floods us"}
    assert marina.post("/blocked-senders", given).status_code == 403
    assert marina.get("/blocked-senders").status_code == 403
    row = dasha.post("/blocked-senders", given).json()
    assert row["pattern"] == "casino.example"
    wrong = dasha.post("/blocked-senders", {"pattern": "not a domain"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["pattern"])
    assert [one["id"] for one in dasha.get("/blocked-senders").json()["items"]] == [row["id"]]
    assert dasha.send("DELETE", f"/blocked-senders/{row['id']}").status_code == 204
    assert dasha.get("/blocked-senders").json()["items"] == []
    forget()


def test_what_is_asked_about_senders_is_an_administrators() -> None:
    marina, dasha = program_of(make_agent("Marina")), program_of(make_administrator())
    assert marina.get("/screening").status_code == 403
    told = dasha.get("/screening").json()
    assert told["settings"]["words"] is True
    assert (told["spam_letters"], told["is_judging"]) == (0, False)
    changed = dasha.patch("/screening", {"settings": {"dns_lists": ["zen.lists.example"]}})
    assert changed.json()["settings"]["dns_lists"] == ["zen.lists.example"]
    for wrong in ({"dns_lists": ["no name"]}, {"nothing": True}, {"words": ["a.b"]}):
        assert dasha.patch("/screening", {"settings": wrong}).status_code == 422
    assert marina.patch("/screening", {"settings": {"words": False}}).status_code == 403


def test_an_address_that_letters_do_not_reach_says_so_and_is_forgiven() -> None:
    marina = program_of(make_agent("Marina"))
    olga = make_customer("Olga Nesterova")
    identity = olga.identities.get()
    note_trouble(SYSTEM, identity, Trouble.HARD, "550 5.1.1 User unknown")
    shown = marina.get(f"/people/{olga.pk}").json()["identities"][0]
    assert (shown["trouble"], shown["trouble_detail"]) == ("hard", "550 5.1.1 User unknown")
    path = f"/people/{olga.pk}/identities/{identity.pk}"
    again = marina.patch(path, {"is_reachable": True}).json()["identities"][0]
    assert (again["trouble"], again["trouble_at"]) == ("", None)
