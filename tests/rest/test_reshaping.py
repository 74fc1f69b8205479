"""Merging, splitting and linking, by programs and by customers' tokens."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from otklik.people.models import User
from otklik.people.tests.factories import make_agent, make_customer
from otklik.tickets.tests.factories import customer_writes, make_ticket
from tests.rest.client import Program, program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_a_program_merges_splits_and_links_as_its_owner_may() -> None:
    cache.clear()
    olga, alexey = make_customer("Olga Nesterova"), make_customer("Alexey Gromov")
    stays, goes, his = make_ticket(olga), make_ticket(olga), make_ticket(alexey, text="Secret.")
    marina = program_of(make_agent("Marina"))
    here = f"/tickets/{stays.number}"

    merged = marina.post(f"{here}/merges", {"tickets": [goes.number]})
    assert (merged.status_code, merged.json()["ticket"]["message_count"]) == (200, 2)
    assert marina.get(f"/tickets/{goes.number}").json()["merged_into"] == stays.number
    refused = marina.post(f"/tickets/{goes.number}/links", {"ticket": stays.number})
    assert (refused.status_code, refused.json()["code"]) == (409, "merged")
    undone = marina.post(f"/operations/{merged.json()['operation']}/undo")
    assert undone.status_code == 200
    assert marina.get(f"/tickets/{goes.number}").json()["merged_into"] is None

    across = marina.post(f"{here}/merges", {"tickets": [his.number]})
    assert (across.status_code, across.json()["code"]) == (409, "other_customer")
    second = customer_writes(stays, "Another matter.")
    split = marina.post(f"{here}/splits", {"messages": [second.pk]})
    assert (split.status_code, split.json()["ticket"]["requester"]["id"]) == (201, olga.pk)
    linked = marina.post(f"{here}/links", {"ticket": his.number, "kind": "duplicate"})
    assert {one["kind"] for one in linked.json()["items"]} == {"split", "original"}
    gone = marina.send("DELETE", f"{here}/links/duplicate/{his.number}")
    assert gone.status_code == 204
    missing = marina.post(f"{here}/merges", {"tickets": [999_999]})
    assert missing.status_code == 404


def test_a_customers_token_shows_their_talk_of_a_merged_ticket_and_no_other() -> None:
    cache.clear()
    olga, alexey = make_customer("Olga Nesterova"), make_customer("Alexey Gromov")
    hers, his = make_ticket(olga, text="Mine."), make_ticket(alexey, text="Secret.")
    marina = program_of(make_agent("Marina"))
    body = {"tickets": [his.number], "across_customers": True}
    assert marina.post(f"/tickets/{hers.number}/merges", body).status_code == 200

    def program(person: object) -> Program:
        address = person.identities.get().value  # type: ignore[attr-defined]
        return Program(User.objects.create(email=address, person=person))

    one, two = program(olga), program(alexey)
    mine = one.get(f"/tickets/{hers.number}").json()
    assert (mine["snippet"], mine["message_count"]) == ("Mine.", 1)
    theirs = two.get(f"/tickets/{his.number}").json()
    assert (theirs["snippet"], theirs["merged_into"]) == ("Secret.", None)
    said = one.get(f"/tickets/{hers.number}/messages").json()["items"]
    assert [row["body_text"] for row in said] == ["Mine."]
    said = two.get(f"/tickets/{his.number}/messages").json()["items"]
    assert [row["body_text"] for row in said] == ["Secret."]
    secret = said[0]["id"]
    assert one.get(f"/messages/{secret}").status_code == 404
    assert two.get(f"/messages/{secret}").status_code == 200
    assert one.get(f"/tickets/{his.number}").status_code == 404
    assert two.get(f"/tickets/{hers.number}").status_code == 404
    assert one.get(f"/tickets/{hers.number}/links").status_code == 404
    assert one.post(f"/tickets/{hers.number}/merges", body).status_code in (403, 404)
    events = one.get(f"/tickets/{hers.number}/events")
    assert "absorbed" not in events.content.decode()
