"""The button "Give me the next", by script and by a plain form."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from otklik.core.operations.models import Operation
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.web import queue

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def test_the_next_ticket_opens_with_a_way_back_and_none_left_is_said_kindly(
    at_desk: Client,
    cast: SimpleNamespace,
    customer_client: Callable[[str], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "_TWICE", timedelta(minutes=5))
    long_ago = timezone.now() - timedelta(minutes=6)
    assert 'id="take-next"' in at_desk.get("/tickets/?list=all").content.decode()
    taken = at_desk.post("/tickets/next/", **FRAGMENT)
    told = json.loads(taken.headers["HX-Trigger"])
    assert f"/tickets/{cast.ticket.number}/" in taken.headers["HX-Location"]
    assert Ticket.objects.get().assignee_id == cast.marina.pk
    nothing = at_desk.post("/tickets/next/", **FRAGMENT)
    assert "Nobody waits for you now" in nothing.headers["HX-Trigger"]
    assert "HX-Location" not in nothing.headers
    at_desk.post(told["toast"]["undo"], **FRAGMENT)
    assert Ticket.objects.get().assignee_id is None
    plain = at_desk.post("/tickets/next/")
    assert plain.headers["Location"].startswith(f"/tickets/{cast.ticket.number}/")
    # A form that is sent twice takes one ticket; later nothing is left.
    make_ticket(cast.olga, "The mill is loud", team=cast.ticket.team)
    again = at_desk.post("/tickets/next/")
    assert again.headers["Location"] == plain.headers["Location"]
    assert Ticket.objects.filter(assignee=cast.marina).count() == 1
    Operation.objects.update(created_at=long_ago)
    assert at_desk.post("/tickets/next/").headers["Location"] != plain.headers["Location"]
    Operation.objects.update(created_at=long_ago)
    assert at_desk.post("/tickets/next/").headers["Location"] == "/tickets/"
    assert customer_client("olga").post("/tickets/next/").status_code == 404
