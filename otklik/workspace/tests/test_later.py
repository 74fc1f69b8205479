"""Putting off, on screen and in REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from django.test import Client
from django.utils import timezone

from otklik.core.operations.models import Operation
from otklik.people.models import User
from otklik.tickets.models import Ticket
from otklik.tickets.tasks import wake_snoozed
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
