"""Addresses, roles, categories and tags by REST, each with the rights of its screen."""

from __future__ import annotations

import pytest

from otklik.people.tests.factories import make_administrator, make_agent, make_customer, make_team
from otklik.tickets.actions import tag_ticket
from otklik.tickets.tests.factories import make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_an_address_is_added_and_vouched_for_by_those_who_may() -> None:
    marina, dasha = program_of(make_agent("Marina")), program_of(make_administrator())
    olga = make_customer("Olga Nesterova")
    added = marina.post(f"/people/{olga.pk}/identities", {"address": "Olga@Second.example"})
    assert added.status_code == 201, added.content
    second = added.json()["identities"][-1]
    assert (second["address"], second["is_verified"]) == ("olga@second.example", False)
    for wrong in ("nowhere", ""):
        refused = marina.post(f"/people/{olga.pk}/identities", {"address": wrong})
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["address"])
    path = f"/people/{olga.pk}/identities/{second['id']}"
    assert marina.patch(path, {"is_vouched_for": True}).status_code == 403
    vouched = dasha.patch(path, {"is_vouched_for": True, "is_primary": True}).json()
    ids = [row["id"] for row in vouched["identities"]]
    assert ids == sorted(ids)
    found = {row["address"]: row for row in vouched["identities"]}["olga@second.example"]
    assert (found["is_verified"], found["is_primary"]) == (True, True)


def test_of_a_change_that_is_refused_in_part_nothing_is_kept() -> None:
    dasha = program_of(make_administrator())
    ilya, olga = make_agent("Ilya").person, make_customer("Olga Nesterova")
    body = {"name": "Another Name", "is_blocked": True}
    assert dasha.patch(f"/people/{ilya.pk}", body).status_code == 403  # an agent is not blocked
    assert dasha.get(f"/people/{ilya.pk}").json()["name"] == "Ilya"
    changed = dasha.patch(f"/people/{olga.pk}", body).json()
    assert (changed["name"], changed["is_blocked"]) == ("Another Name", True)


def test_roles_are_made_changed_and_forgotten_by_administrators_alone() -> None:
    marina, dasha = program_of(make_agent("Marina")), program_of(make_administrator())
    body = {"name": "Reader", "permissions": ["tickets.view"]}
    assert marina.post("/roles", body).status_code == 403
    role = dasha.post("/roles", body).json()
    changed = dasha.send("PUT", f"/roles/{role['code']}", {**body, "name": "Looker"}).json()
    assert (changed["name"], changed["permissions"]) == ("Looker", ["tickets.view"])
    assert dasha.send("PUT", "/roles/agent", body).status_code == 403
    assert dasha.send("DELETE", f"/roles/{role['code']}").status_code == 204


def test_agents_and_teams_say_what_their_screens_say_and_are_invited_again() -> None:
    service = make_team("Service")
    marina = make_agent("Marina", teams=[service])
    agent, dasha = program_of(marina), program_of(make_administrator())
    body = {"name": "Ilya", "email": "ilya@desk.example", "teams": [service.pk]}
    invited = dasha.post("/agents", body).json()
    told = [invited[name] for name in ("email", "roles", "is_invited")]
    assert told == ["ilya@desk.example", ["agent"], True]
    for path in (f"/agents/{invited['id']}", f"/agents/{marina.pk}"):
        assert (agent.get(path).json()["email"], agent.get(path).json()["roles"]) == (None, None)
    (team,) = agent.get("/teams").json()
    assert sorted(team["agents"]) == sorted([marina.pk, invited["id"]])
    alone = dasha.patch(f"/teams/{service.pk}", {"agents": [marina.pk]}).json()
    assert alone["agents"] == [marina.pk]
    again = f"/agents/{invited['id']}/invitation"
    assert agent.post(again).status_code == 403
    assert dasha.post(again).status_code == 204
    joined = dasha.post(f"/agents/{marina.pk}/invitation")
    assert (joined.status_code, joined.json()["code"]) == (422, "joined_already")


def test_categories_tags_and_words_for_statuses_are_an_administrators() -> None:
    marina, dasha = program_of(make_agent("Marina")), program_of(make_administrator())
    assert marina.post("/categories", {"name": "Machines"}).status_code == 403
    top = dasha.post("/categories", {"name": "Machines", "labels": {"ru": "Машины"}}).json()
    below = dasha.post("/categories", {"name": "Heating", "parent": top["id"]}).json()
    assert below["parent"] == top["id"]
    renamed = dasha.send("PUT", f"/categories/{below['id']}", {"name": "Heat"}).json()
    assert (renamed["name"], renamed["parent"]) == ("Heat", None)
    off = dasha.post("/categories", {"name": "Steam", "is_active": False}).json()
    assert off["is_active"] is False
    assert off["id"] not in [row["id"] for row in dasha.get("/categories").json()]
    assert off in dasha.get("/categories?inactive=true").json()
    status = dasha.get("/statuses").json()[0]
    said = dasha.patch(f"/statuses/{status['id']}", {"labels": {"ru": "Свежая"}}).json()
    assert said["labels"] == {"ru": "Свежая"}
    unknown = dasha.patch(f"/statuses/{status['id']}", {"labels": {"xx": "?"}})
    assert (unknown.status_code, list(unknown.json()["fields"])) == (422, ["labels"])
    assert dasha.get("/statuses").json()[0]["labels"] == {"ru": "Свежая"}
    from otklik.core.access import SYSTEM

    ticket = make_ticket(make_customer())
    tag = tag_ticket(SYSTEM, ticket, "visit")
    assert marina.send("DELETE", f"/tags/{tag.pk}").status_code == 403
    assert marina.post(f"/tags/{tag.pk}/merge", {"into": tag.pk}).status_code == 403
    assert dasha.post(f"/tags/{tag.pk}/merge", {"into": tag.pk}).status_code == 422
    assert dasha.patch(f"/tags/{tag.pk}", {"name": "Visits"}).json()["name"] == "Visits"
