"""Putting off, on screen and in REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from django.test import Client
from django.utils import timezone

from otklik.core.operations.models import Operation
from otklik.people.models import User
from otklik.tickets.models import Follower, Reminder, Ticket
from otklik.tickets.tasks import remind, wake_snoozed
from tests.rest.client import Program, program_of

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def test_a_ticket_is_put_off_with_a_way_back_and_says_why_it_came_back(
    at_desk: Client, cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    url = f"/tickets/{cast.ticket.number}/snooze/"
    assert "Tomorrow morning" in at_desk.get(url).content.decode()
    assert "<html" not in at_desk.get(url, **FRAGMENT).content.decode()
    olga = customer_client("olga")
    assert olga.get(url).status_code == 404
    assert olga.post(url, {"until": "hour"}).status_code == 404
    answer = at_desk.post(url, {"until": "hour"}, **FRAGMENT)
    assert answer.status_code == 200
    assert f"/operations/{Operation.objects.latest('pk').pk}/undo/" in answer.headers["HX-Trigger"]
    assert "snoozed until" in answer.content.decode()
    assert cast.ticket.subject not in at_desk.get("/tickets/?list=all").content.decode()
    assert cast.ticket.subject in at_desk.get("/tickets/?list=snoozed").content.decode()
    late = at_desk.post(url, {"until": "own", "at": "2001-01-01T10:00"}, **FRAGMENT)
    assert late.status_code == 422
    assert late.headers["HX-Retarget"] == "#dialog"
    assert "2001-01-01T10:00" in late.content.decode()
    assert at_desk.post(url, {"until": "own", "at": "soon"}, **FRAGMENT).status_code == 422
    assert at_desk.post(url, {"until": "yesterday"}).status_code == 422
    soon = timezone.now() - timedelta(seconds=1)
    Ticket.objects.filter(pk=cast.ticket.pk).update(snoozed_until=soon)
    wake_snoozed()
    page = at_desk.get(f"/tickets/{cast.ticket.number}/").content.decode()
    assert "its time has come" in page
    assert "is back" in at_desk.get("/tickets/?list=all").content.decode()


def test_programs_put_off_with_the_rights_of_their_owner(
    cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    customer_client("olga")
    marina, olga = program_of(cast.marina), Program(User.objects.get(person=cast.olga))
    path = f"/tickets/{cast.ticket.number}/snooze"
    done = marina.send("PUT", path, {"until_answer": True}).json()
    assert (done["is_snoozed"], done["snoozed_until"]) == (True, None)
    assert marina.send("PUT", path, {"preset": "tomorrow"}).json()["snoozed_until"]
    assert marina.send("PUT", path, {}).status_code == 422
    assert olga.send("PUT", path, {"until_answer": True}).status_code in (403, 404)
    assert [row["number"] for row in marina.get("/tickets?list=snoozed").json()["items"]] == [
        cast.ticket.number
    ]
    assert olga.get(f"/tickets/{cast.ticket.number}").json()["is_snoozed"] is False
    assert marina.send("DELETE", path).json()["is_snoozed"] is False


def test_reminders_pins_and_followers_on_screen(at_desk: Client, cast: SimpleNamespace) -> None:
    url = f"/tickets/{cast.ticket.number}"
    assert "Tomorrow morning" in at_desk.get(f"{url}/reminders/", **FRAGMENT).content.decode()
    late = {"until": "own", "at": "2001-01-01T10:00", "note": "Call <b>Olga</b>"}
    assert at_desk.post(f"{url}/reminders/", late, **FRAGMENT).status_code == 422
    set_it = at_desk.post(f"{url}/reminders/", late | {"until": "hour"}, **FRAGMENT)
    assert "Call &lt;b&gt;Olga" in set_it.content.decode()
    Reminder.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    remind()
    due = at_desk.get("/reminders/").content.decode()
    assert "Call &lt;b&gt;Olga" in due
    assert '<span class="nav-count">1</span>' in due
    path = f"/reminders/{Reminder.objects.get().pk}/"
    assert at_desk.post(path, {"value": "nonsense"}).status_code == 302
    assert (
        at_desk.post(path, {"value": "seen", "next": "list"}).headers["Location"] == "/reminders/"
    )
    assert "Nothing to be reminded of" in at_desk.get("/reminders/").content.decode()

    message = cast.ticket.messages.get()
    pinned = at_desk.post(f"{url}/pins/{message.pk}/", {"value": "on"}, **FRAGMENT)
    assert f'id="pin-{message.pk}"' in pinned.content.decode()
    assert at_desk.post(f"{url}/pins/{message.pk + 99}/", {"value": "on"}).status_code == 404
    unpinned = at_desk.post(f"{url}/pins/{message.pk}/", {"value": "off"}, **FRAGMENT)
    assert f'id="pin-{message.pk}"' not in unpinned.content.decode()

    added = at_desk.post(f"{url}/followers/", {"agent": cast.ilya.pk}, **FRAGMENT)
    assert "had Ilya Vetrov follow the ticket" in added.content.decode()
    at_desk.post(f"{url}/followers/", {"person": cast.ilya.person_id, "value": "off"})
    assert not Follower.objects.exists()


def test_programs_remind_pin_and_add_followers(cast: SimpleNamespace) -> None:
    marina, ilya = program_of(cast.marina), program_of(cast.ilya)
    path = f"/tickets/{cast.ticket.number}"
    at = (timezone.now() + timedelta(days=1)).isoformat()
    made = marina.post(f"{path}/reminders", {"at": at, "note": "Call Olga"}).json()
    assert [row["id"] for row in marina.get("/reminders").json()] == [made["id"]]
    assert ilya.get("/reminders").json() == []
    assert ilya.send("DELETE", f"/reminders/{made['id']}").status_code == 404
    names = [row["name"] for row in ilya.get(f"{path}/events").json()["items"]]
    assert "ticket.reminder_set" not in names
    again = marina.patch(f"/reminders/{made['id']}", {"note": "Write to Olga"}).json()
    assert again["note"] == "Write to Olga"
    assert marina.send("PUT", f"/reminders/{made['id']}/seen").status_code == 204
    assert marina.send("DELETE", f"/reminders/{made['id']}").status_code == 204
    message = cast.ticket.messages.get().pk
    assert marina.send("PUT", f"/messages/{message}/pin").status_code == 204
    assert marina.get(f"/messages/{message}").json()["is_pinned"] is True
    assert marina.send("DELETE", f"/messages/{message}/pin").status_code == 204
    follower = {"person": cast.ilya.person_id}
    assert marina.post(f"{path}/followers", follower).status_code == 204
    assert [row["id"] for row in ilya.get(f"{path}/followers").json()] == [cast.ilya.person_id]
    gone = marina.send("DELETE", f"{path}/followers/{cast.ilya.person_id}")
    assert gone.status_code == 204
