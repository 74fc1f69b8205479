"""Checklists on the ticket, in the settings, among one's own, and in REST."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.core.access import SYSTEM
from otklik.core.realtime.topics import Wish
from otklik.people.tests.factories import actor_of, make_administrator, user_of
from otklik.tickets.actions.checklist_templates import save_template
from otklik.tickets.actions.checklists import add_checklist, remove_checklist, tick_item
from otklik.tickets.models import Checklist, ChecklistItem, ChecklistTemplate, Ticket
from otklik.tickets.queries import Filters
from otklik.tickets.rest.shapes import show_ticket
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.queries.navigation import count_lists
from otklik.workspace.queries.rows import list_rows
from otklik.workspace.queries.shared_rows import draw_rows
from tests.rest.client import program_of

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def dasha(db: None) -> Client:
    client = Client()
    client.force_login(user_of(make_administrator()))
    return client


def test_items_are_ticked_moved_and_given_on_the_ticket(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    url = f"/tickets/{cast.ticket.number}"
    assert at_desk.post(f"{url}/checklists/", {"items": " \n"}, **FRAGMENT).status_code == 422
    added = at_desk.post(f"{url}/checklists/", {"items": "Call <b>\nOrder"}, **FRAGMENT)
    assert "Call &lt;b&gt;" in added.content.decode()
    assert "0/2" in added.content.decode()
    checklist = Checklist.objects.get()
    call, order = ChecklistItem.objects.all()
    ticked = at_desk.post(f"{url}/items/{call.pk}/", {"value": "done"}, **FRAGMENT)
    assert "1/2" in ticked.content.decode()
    assert "undo" in ticked.headers["HX-Trigger"]
    save = {"value": "save", "text": "Order it", "owner": cast.marina.pk, "due": "2030-01-02T10:00"}
    assert at_desk.post(f"{url}/items/{order.pk}/", save, **FRAGMENT).status_code == 200
    senseless = save | {"due": "soon"}
    assert at_desk.post(f"{url}/items/{order.pk}/", senseless, **FRAGMENT).status_code == 422
    mine = at_desk.get("/checklist-items/").content.decode()
    assert "Order it" in mine
    assert "Call" not in mine
    at_desk.post(f"{url}/items/{order.pk}/", {"value": "up"})
    at_desk.post(f"{url}/checklists/{checklist.pk}/", {"value": "add", "text": "Bill"})
    assert [item.text for item in ChecklistItem.objects.all()] == ["Order it", "Call <b>", "Bill"]
    at_desk.post(f"{url}/checklists/{checklist.pk}/", {"value": "required"})
    refused = at_desk.post(f"{url}/status/", {"value": "solved"}, **FRAGMENT)
    assert refused.status_code == 422
    assert "Not done yet: Order it; Bill" in refused.content.decode()
    assert "Solve anyway" not in refused.content.decode()
    at_desk.post(f"{url}/items/{order.pk}/", {"value": "remove"})
    at_desk.post(f"{url}/checklists/{checklist.pk}/", {"value": "remove"})
    solved = at_desk.post(f"{url}/status/", {"value": "solved"}, **FRAGMENT)
    assert solved.status_code == 200


def test_who_may_solves_despite_an_open_item(dasha: Client, cast: SimpleNamespace) -> None:
    url = f"/tickets/{cast.ticket.number}"
    pay = save_template(SYSTEM, None, name="Paying", items=[{"text": "Pay"}], is_required=True)
    assert "Paying" in dasha.get(f"{url}/").content.decode()
    dasha.post(f"{url}/checklists/", {"template": pay.pk})
    refused = dasha.post(f"{url}/status/", {"value": "solved"}, **FRAGMENT)
    assert "Solve anyway" in refused.content.decode()
    # Without script a page of its own asks, and its form does it.
    asked = dasha.post(f"{url}/status/", {"value": "solved"})
    assert asked.status_code == 422
    assert "Not done yet: Pay" in asked.content.decode()
    assert '<input type="hidden" name="checklists" value="1">' in asked.content.decode()
    anyway = dasha.post(f"{url}/status/", {"value": "solved", "checklists": "1"}, **FRAGMENT)
    assert anyway.status_code == 200
    assert "though 1 item of its checklist was not done: “Pay”" in anyway.content.decode()


def test_templates_are_written_a_line_for_an_item(
    dasha: Client, at_desk: Client, cast: SimpleNamespace
) -> None:
    assert at_desk.get("/settings/checklists/").status_code == 403
    assert "No checklists yet" in dasha.get("/settings/checklists/").content.decode()
    form = {"name": "Going out", "items": "Call | assignee | 2h\nOrder | Service\nBill"}
    for wrong in ("Call | Nobody at all", "Call | assignee | soon"):
        assert dasha.post("/settings/checklists/new/", form | {"items": wrong}).status_code == 422
    assert dasha.post("/settings/checklists/new/", form).status_code == 302
    made = ChecklistTemplate.objects.get()
    assert [(each["owner"], each["due_minutes"]) for each in made.items] == [
        ("assignee", 120),
        (f"team:{cast.service.pk}", None),
        ("", None),
    ]
    page = dasha.get(f"/settings/checklists/{made.pk}/").content.decode()
    assert "Call | assignee | 2h" in page
    assert dasha.post(f"/settings/checklists/{made.pk}/", form | {"version": 7}).status_code == 409
    assert dasha.post(f"/settings/checklists/{made.pk}/removal/").status_code == 302
    assert "No checklists yet" in dasha.get("/settings/checklists/").content.decode()


def test_programs_work_through_checklists(cast: SimpleNamespace) -> None:
    dasha, marina = program_of(make_administrator()), program_of(cast.marina)
    body = {"name": "Going out", "items": [{"text": "Call"}], "is_required": True}
    assert marina.post("/checklist-templates", body).status_code == 403
    made = dasha.post("/checklist-templates", body).json()
    path = f"/tickets/{cast.ticket.number}"
    shown = marina.post(f"{path}/checklists", {"template": made["id"]}).json()
    item = shown[0]["items"][0]["id"]
    mine = {"owner": cast.marina.person_id}
    assert marina.patch(f"/checklist-items/{item}", mine).json()["owner"]["name"]
    assert [row["id"] for row in marina.get("/checklist-items").json()] == [item]
    assert marina.patch(path, {"status": "solved"}).status_code == 422
    despite = {"status": "solved", "despite_checklists": True}
    assert marina.patch(path, despite).status_code == 403
    assert marina.patch(f"/checklist-items/{item}", {"is_done": True}).json()["done_at"]
    assert marina.patch(path, {"status": "solved"}).status_code == 200
    checklist = shown[0]["id"]
    second = marina.post(f"/checklists/{checklist}/items", {"text": "Bill"})
    assert second.status_code == 201
    assert marina.send("DELETE", f"/checklist-items/{second.json()['id']}").status_code == 204
    assert marina.patch(f"/checklists/{checklist}", {"is_required": False}).status_code == 204
    assert marina.send("DELETE", f"/checklists/{checklist}").status_code == 204
    assert dasha.send("DELETE", f"/checklist-templates/{made['id']}").status_code == 204


def test_a_row_says_how_far_its_checklists_are_while_something_is_open(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    other = make_ticket(cast.olga, "Nothing to tick off")
    for ticket in (cast.ticket, other):
        add_checklist(SYSTEM, ticket, items=["Call", "Order"])
    gone = add_checklist(SYSTEM, cast.ticket, items=["Not to be done"])
    remove_checklist(SYSTEM, gone)
    for item in ChecklistItem.objects.filter(checklist__ticket=other):
        tick_item(SYSTEM, item)
    page = at_desk.get("/tickets/?list=all").content.decode()
    assert page.count('class="row-checks"') == 1
    assert "Checklist: 0 of 2 done" in page
    assert "0/2" in at_desk.get("/tickets/?list=all&layout=table").content.decode()
    # A page that has the row as it was gets it anew when something is ticked off.
    drawn = re.search(rf'id="row-{cast.ticket.pk}"[^>]*data-drawn="(\w+)"', page)
    assert drawn is not None
    call = ChecklistItem.objects.filter(checklist__ticket=cast.ticket, text="Call").get()
    tick_item(cast.actor, call)
    wish = Wish(
        actor=cast.actor,
        address="list=all",
        language="en",
        zone="UTC",
        has={str(cast.ticket.pk): drawn[1]},
        told_at=time.monotonic(),
    )
    assert "Checklist: 1 of 2 done" in (draw_rows(wish) or "")
    with CaptureQueriesContext(connection) as asked:
        list_rows(cast.actor, Filters(list="all"))
        count_lists(cast.actor)
    assert len(asked) <= 6
    # Boards and calendars say the same, in one query for all of them, whatever is ticked next.
    due = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    Ticket.objects.filter(pk__in=(cast.ticket.pk, other.pk)).update(next_due_at=due)
    day = due.date().isoformat()
    layouts = ("board", "people", f"month&at={day}", f"month&span=day&at={day}")
    for layout in layouts:
        shown = at_desk.get(f"/tickets/?list=all&layout={layout}", **FRAGMENT).content.decode()
        assert shown.count("Checklist: 1 of 2 done") == shown.count('class="row-checks"') == 1
    # By REST staff are told the same, the customer nothing of it.
    marina, olga = program_of(cast.marina), actor_of(cast.olga)
    rows = {row["number"]: row["checklists"] for row in marina.get("/tickets").json()["items"]}
    assert rows == {cast.ticket.number: {"done": 1, "total": 2}, other.number: None}
    days = marina.get("/calendar", since=day, days=1).json()["items"]
    assert {one["ticket"]: one["checklists"] for one in days} == rows
    one = marina.get(f"/tickets/{cast.ticket.number}").json()
    assert one["checklists"] == {"done": 1, "total": 2}
    assert not ChecklistItem.objects.visible_to(olga).exists()
    told = show_ticket(
        Ticket.objects.with_people().get(pk=cast.ticket.pk), [], for_staff=False, progress=(1, 2)
    )
    assert told["checklists"] is None
