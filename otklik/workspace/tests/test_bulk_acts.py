"""A change of many on screen: begun, watched, stopped, taken back."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from otklik.people.tests.factories import user_of
from otklik.tickets.bulk.running import run_bulk
from otklik.tickets.models import BulkAct, Ticket
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]
FRAGMENT = {"headers": {"HX-Request": "true"}}


def test_a_whole_list_is_changed_in_the_background_with_its_progress_and_undone(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    for number in range(30):
        make_ticket(cast.alexey, f"Machine {number}")
    address = reverse("workspace:bulk")
    asked = at_desk.get(address, {"whole": "list=all"}, **FRAGMENT).content.decode()
    assert "What to change on 31 tickets?" in asked
    given = {"whole": "list=all", "priority": "30"}
    shown = at_desk.post(address, given, **FRAGMENT).content.decode()
    act = BulkAct.objects.get()
    assert f'data-live="bulk:{act.pk}"' in shown
    assert "0 / 31" in shown
    page = reverse("workspace:bulk_act", args=[act.pk])
    run_bulk(act_id=act.pk)
    shown = at_desk.get(page, **FRAGMENT).content.decode()
    assert "31 tickets changed" in shown
    assert "data-live" not in shown
    whole = at_desk.get(page).content.decode()
    assert re.search(r"<h1[^>]*>Changes of many</h1>", whole)
    assert page in at_desk.get(reverse("workspace:bulk_acts")).content.decode()
    ilya = Client()
    ilya.force_login(user_of(cast.ilya))
    assert ilya.get(page).status_code == 404
    assert ilya.post(reverse("workspace:bulk_undo", args=[act.pk])).status_code == 404
    # The bare undo of such an operation goes on in the background, too.
    assert act.operation is not None
    answer = at_desk.post(reverse("workspace:undo", args=[act.operation.pk]))
    undo = BulkAct.objects.get(undoes=act)
    assert answer.headers["Location"] == reverse("workspace:bulk_act", args=[undo.pk])
    run_bulk(act_id=undo.pk)
    assert not Ticket.objects.filter(priority=30).exists()
    assert "What was taken back" in at_desk.get(page).content.decode()


def test_a_list_that_makes_no_sense_and_a_stopped_act(
    cast: SimpleNamespace, at_desk: Client
) -> None:
    wrong = at_desk.get(reverse("workspace:bulk"), {"whole": "list=nonsense"})
    assert wrong.status_code == 422
    ids = [make_ticket(cast.alexey).pk for _number in range(25)]
    at_desk.post(reverse("workspace:bulk"), {"tickets": ids, "tag": "heating"})
    act = BulkAct.objects.get()
    at_desk.post(reverse("workspace:bulk_cancel", args=[act.pk]))
    run_bulk(act_id=act.pk)
    act.refresh_from_db()
    assert (act.state, act.done) == ("cancelled", 0)
    assert "Stopped" in at_desk.get(reverse("workspace:bulk_act", args=[act.pk])).content.decode()
