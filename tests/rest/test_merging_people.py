"""Merging two people by REST, with the rights of its screen."""

from __future__ import annotations

import pytest

from otklik.people.tests.factories import make_administrator, make_agent, make_customer, user_of
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import Program, program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_two_are_merged_found_by_either_id_and_taken_apart() -> None:
    agent = make_agent("Marina")
    marina, dasha = program_of(agent), program_of(make_administrator())
    narrow = Program(user_of(agent), scopes=["people.view", "people.change"])
    olga = make_customer("Olga Nesterova", "olga.n@gmail.com")
    other = make_customer("Olga", "olgan@gmail.com")
    ticket = make_ticket(other)
    twins = marina.get(f"/people/{olga.pk}/twins").json()
    assert [(row["person"], row["reason"]) for row in twins] == [(other.pk, "address")]

    apart = f"/people/{other.pk}/twins/{olga.pk}/dismissal"
    assert narrow.send("PUT", apart).status_code == 403
    assert [marina.send("PUT", apart).status_code for _twice in (1, 2)] == [204, 204]
    assert marina.get(f"/people/{olga.pk}/twins").json() == []
    assert marina.send("DELETE", apart).status_code == 204
    assert len(marina.get(f"/people/{olga.pk}/twins").json()) == 1
    path = f"/people/{olga.pk}/merges"
    assert narrow.post(path, {"person": other.pk}).status_code == 403
    assert marina.post(path, {"person": 10**12}).status_code == 422
    made = marina.post(path, {"person": other.pk})
    assert (made.status_code, made.json()["state"]) == (201, "merged"), made.content
    assert marina.get(f"/people/{other.pk}").json()["id"] == olga.pk
    assert marina.get(f"/tickets/{ticket.number}").json()["requester"]["id"] == olga.pk
    assert other.pk not in [row["id"] for row in marina.get("/people").json()["items"]]
    row = f"{path}/{made.json()['id']}"
    assert marina.send("PUT", f"{row}/shared-requests").status_code == 403
    assert dasha.send("PUT", f"{row}/shared-requests").status_code == 200
    again = marina.post(path, {"person": other.pk})
    assert (again.status_code, again.json()["code"]) == (409, "merged")
    assert marina.send("DELETE", row).json()["state"] == "parting"
    assert marina.get(f"/people/{other.pk}").json()["id"] == other.pk
    assert [each["id"] for each in marina.get(path).json()] == [made.json()["id"]]


def test_notes_consent_and_all_talk_of_a_customer() -> None:
    marina, dasha = program_of(make_agent("Marina")), program_of(make_administrator())
    olga, agent = make_customer("Olga Nesterova"), make_agent("Anna")
    ticket = make_ticket(olga, text="The pump is loud")
    note = marina.post(f"/people/{olga.pk}/notes", {"text": "Likes tea", "is_pinned": True})
    assert note.status_code == 201, note.content
    path = f"/customer-notes/{note.json()['id']}"
    assert marina.patch(path, {"text": "Likes coffee", "version": 1}).json()["version"] == 2
    assert marina.patch(path, {"text": "Likes water", "version": 1}).status_code == 409
    assert marina.send("DELETE", path).status_code == 204
    assert marina.get(f"/people/{olga.pk}/notes").json()["items"] == []
    assert marina.post("/consent-kinds", {"name": "News"}).status_code == 403
    kind = dasha.post("/consent-kinds", {"name": "News", "code": "news"}).json()
    said = {"kind": "news", "is_given": True, "how": "phone", "evidence": "Call of Monday"}
    assert marina.post(f"/people/{olga.pk}/consents", said).status_code == 201
    assert marina.post(f"/people/{olga.pk}/consents", said | {"kind": "x"}).status_code == 422
    (row,) = marina.get(f"/people/{olga.pk}/consents").json()["items"]
    assert (row["kind"], row["is_given"], row["is_current"]) == ("news", True, True)
    closed = dasha.patch(f"/consent-kinds/{kind['id']}", {"is_active": False}).json()
    assert closed["is_active"] is False
    changed = marina.patch(f"/people/{olga.pk}", {"account_manager": agent.pk, "is_vip": True})
    assert (changed.json()["account_manager"], changed.json()["is_vip"]) == (agent.pk, True)
    cleared = marina.patch(f"/people/{olga.pk}", {"account_manager": None}).json()
    assert cleared["account_manager"] is None
    talk = marina.get(f"/people/{olga.pk}/messages", q="loud").json()
    assert [row["ticket"] for row in talk["items"]] == [ticket.number]
    assert marina.get(f"/people/{olga.pk}/messages", what="note").json()["items"] == []
    assert marina.get(f"/people/{olga.pk}/messages", cursor="nonsense").status_code == 422


def test_segments_are_set_up_by_administrators_and_read_by_agents() -> None:
    marina, dasha = program_of(make_agent("Marina")), program_of(make_administrator())
    olga = make_customer("Olga Nesterova", language="ru")
    body = {"name": "Russian", "query": "language:ru"}
    assert marina.post("/segments", body).status_code == 403
    assert dasha.post("/segments", body | {"query": "language:klingon"}).status_code == 422
    made = dasha.post("/segments", body).json()
    assert made["query"].startswith("language:")
    path = f"/segments/{made['id']}"
    assert [row["id"] for row in marina.get(f"{path}/members").json()["items"]] == [olga.pk]
    assert marina.get(f"{path}/count").json() == {"count": 1, "is_more": False, "is_cut": False}
    assert [row["id"] for row in marina.get(f"/people/{olga.pk}/segments").json()] == [made["id"]]
    assert dasha.patch(path, {"name": "Mine", "version": 9}).status_code == 409
    assert dasha.send("DELETE", path).status_code == 204


def test_the_conditions_of_people_are_told_and_completed() -> None:
    marina = program_of(make_agent("Marina"))
    names = [row["name"] for row in marina.get("/query/conditions", of="person").json()]
    assert "person.vip" in names
    assert not [name for name in names if name.startswith("ticket.")]
    offered = marina.get("/query/completions", of="person", text="vi").json()
    assert "vip:" in [row["text"] for row in offered]
    read = marina.post("/query", {"text": "вип:да", "of": "person"}).json()
    assert read["text"] == "vip:yes"
    narrow = Program(user_of(make_agent("Ilya")), scopes=["tickets.view"])
    assert narrow.get("/query/conditions", of="person").status_code == 403
    assert narrow.get("/query/conditions").status_code == 200
