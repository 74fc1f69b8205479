"""What one is told of and how one chooses, by REST, with the rights of the screens."""

from __future__ import annotations

import pytest

from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.notify.models import Device, Notification
from otklik.people.tests.factories import make_administrator, make_agent, make_customer
from otklik.tickets.actions import assign_ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

_PHONE = {
    "endpoint": "https://push.example.net/one",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6"
    "SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


def test_one_reads_what_one_is_told_and_nobody_elses() -> None:
    agent = make_agent("Marina")
    marina, ilya = program_of(agent), program_of(make_agent("Ilya"))
    ticket = make_ticket(make_customer("Olga Nesterova"), "Cold water")
    assign_ticket(SYSTEM, ticket, agent)
    customer_writes(ticket, "Any news?")
    dispatch_pending()
    page = marina.get("/me/notifications", unread=True).json()
    assert [(each["topic"], each["who"], each["title"]) for each in page["items"]] == [
        ("ticket.answered", "Olga Nesterova", "Cold water"),
        ("ticket.assigned", "", "Cold water"),
    ]
    assert page["items"][0]["excerpt"] == "Any news?"
    assert ilya.get("/me/notifications").json()["items"] == []
    newest = page["items"][0]["id"]
    assert ilya.post("/me/notifications/reading", {"ids": [newest]}).json() == {"unread": 0}
    assert marina.get("/me/notifications/count").json() == {"unread": 2}
    assert marina.post("/me/notifications/seeing", {"up_to": newest}).status_code == 204
    assert marina.post("/me/notifications/reading", {"ids": [newest]}).json() == {"unread": 1}
    thing = {"thing": f"ticket:{ticket.pk}"}
    assert marina.post("/me/notifications/reading", thing).json() == {"unread": 0}
    for wrong in ({}, {"ids": [1], "up_to": 2}, {"thing": "ticket:x"}):
        assert marina.post("/me/notifications/reading", wrong).status_code == 422
    assert len(marina.get("/me/notifications").json()["items"]) == 2


def test_one_chooses_for_oneself_and_an_administrator_for_those_who_did_not() -> None:
    agent = make_agent("Marina")
    marina, dasha = program_of(agent), program_of(make_administrator())
    path = "/me/notifications/topics"
    found = {each["code"]: each for each in marina.get(path).json()}
    assert found["ticket.assigned"]["mail"] == "now"
    changed = marina.patch(f"{path}/ticket.assigned", {"mail": "off", "in_quiet_hours": True})
    assert changed.json() == {
        **found["ticket.assigned"],
        "mail": "off",
        "in_quiet_hours": True,
        "is_own": True,
    }
    assert marina.patch(f"{path}/ticket.assigned", {"mail": "never"}).status_code == 422
    assert marina.patch(f"{path}/no.topic", {"mail": "off"}).status_code == 404
    assert marina.get("/notifications/defaults").status_code == 403
    said = dasha.patch("/notifications/defaults/ticket.assigned", {"screen": False, "push": False})
    assert (said.json()["screen"], said.json()["mail"]) == (False, "now")
    assert marina.send("DELETE", f"{path}/ticket.assigned").status_code == 204
    after = {each["code"]: each for each in marina.get(path).json()}["ticket.assigned"]
    assert (after["screen"], after["mail"], after["is_own"]) == (False, "now", False)
    ticket = make_ticket(make_customer())
    assign_ticket(SYSTEM, ticket, agent)
    dispatch_pending()
    row = Notification.objects.get(person_id=agent.person_id)
    assert (row.is_shown, row.mail, row.mail_at is not None) == (False, "now", True)
    assert marina.get("/me/notifications").json()["items"] == []


def test_hours_and_devices_are_ones_own() -> None:
    marina, ilya = program_of(make_agent("Marina")), program_of(make_agent("Ilya"))
    night = {"quiet_from": 1320, "quiet_until": 420, "digest": "times", "digest_times": [900, 540]}
    put = marina.send("PUT", "/me/notifications/hours", night).json()
    assert (put["quiet_from"], put["digest_times"]) == (1320, [540, 900])
    for wrong in ({"quiet_from": 1320}, {"quiet_from": 1440}, {"digest": "weekly"}):
        assert marina.send("PUT", "/me/notifications/hours", wrong).status_code == 422
    assert ilya.get("/me/notifications/hours").json()["quiet_from"] is None
    key = marina.post("/me/notifications/push-key").json()["key"]
    assert ilya.post("/me/notifications/push-key").json()["key"] == key
    made = marina.post("/me/notifications/devices", {**_PHONE, "name": "Phone"}).json()
    assert (made["name"], made["host"]) == ("Phone", "push.example.net")
    assert "push.example.net/one" not in Device.objects.get().sealed
    path = f"/me/notifications/devices/{made['id']}"
    assert ilya.patch(path, {"name": "Mine"}).status_code == 404
    assert marina.patch(path, {"name": "Pocket"}).json()["name"] == "Pocket"
    # The same browser, signed in as somebody else, is theirs from now on.
    taken = ilya.post("/me/notifications/devices", _PHONE).json()
    assert (taken["id"], marina.get("/me/notifications/devices").json()) == (made["id"], [])
    for wrong in ({"endpoint": "http://push.example.net/x"}, {"auth": "eA"}, {"p256dh": "AAAA"}):
        refused = marina.post("/me/notifications/devices", {**_PHONE, **wrong})
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["endpoint"])
    assert ilya.post("/me/notifications/test").json() == {"devices": 1}
    assert ilya.send("DELETE", path).status_code == 204
    assert ilya.get("/me/notifications/devices").json() == []
