"""Who else is in a ticket, for programs: with the same rights, gone by itself."""

from __future__ import annotations

import pytest

from otklik.core.realtime import presence
from otklik.people.tests.factories import make_agent, make_customer
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_a_program_says_that_its_agent_is_there_and_colleagues_see_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presence.here, "_places", {})
    olga = make_customer()
    ticket = make_ticket(olga)
    marina, ilya = program_of(make_agent("Marina")), program_of(make_agent("Ilya"))
    path = f"/tickets/{ticket.number}/presence"
    assert marina.send("PUT", path, {"doing": "reply"}).status_code == 204
    assert marina.get(path).json() == []
    seen = ilya.get(path).json()
    assert [(one["name"], one["doing"]) for one in seen] == [("Marina", "reply")]
    assert ilya.send("PUT", path, {"doing": "sleeping"}).status_code == 422
    # Her text is shown while she writes it, and to staff alone.
    person = seen[0]["person"]
    assert ilya.get(f"{path}/{person}/text").json() == {"html": "", "kept_at": None}
    marina.send("PUT", f"/tickets/{ticket.number}/draft", {"html": "<p>At four</p>"})
    assert ilya.get(f"{path}/{person}/text").json()["html"] == "<p>At four</p>"
    assert marina.send("DELETE", path).status_code == 204
    assert ilya.get(f"{path}/{person}/text").status_code == 404
    assert ilya.get(path).json() == []
    assert ilya.get("/tickets/999999/presence").status_code == 404
    # Talking with the same customer in another ticket is told, and to whom it may matter.
    other = make_ticket(olga, "Invoice")
    assert ilya.get(f"/tickets/{ticket.number}/collision").json() == {"elsewhere": []}
    marina.send("PUT", f"/tickets/{other.number}/presence", {"doing": "reply"})
    (told,) = ilya.get(f"/tickets/{ticket.number}/collision").json()["elsewhere"]
    assert (told["ticket"], told["name"], told["is_writing"]) == (other.number, "Marina", True)
    assert marina.get(f"/tickets/{ticket.number}/collision").json() == {"elsewhere": []}
