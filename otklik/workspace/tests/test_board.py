"""The board: columns of cards, moved by hand, by keys and by a menu; who was first wins."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.core.access import SYSTEM
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.queries import find_last_operation
from otklik.tickets.actions import assign_ticket, change_status
from otklik.tickets.models import Status, Ticket
from otklik.tickets.queries import Filters, walking
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.queries import board

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def status(code: str) -> Status:
    return Status.objects.get(code=code)


@pytest.mark.data
def test_columns_hold_the_newest_cards_and_say_how_many(
    at_desk: Client, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "CARDS", 3)
    for number in range(4):
        make_ticket(cast.olga, f"Ticket {number}")
    assign_ticket(SYSTEM, cast.ticket, cast.marina)
    filters = Filters(list="all")
    with CaptureQueriesContext(connection) as queries:
        columns = board.get_board(cast.actor, filters, "board", "list=all")
    assert len(queries) <= 6
    by_label = {column.label: column for column in columns.columns}
    assert [card.subject for card in by_label["New"].cards] == ["Ticket 3", "Ticket 2", "Ticket 1"]
    assert by_label["New"].count == "5"
    assert by_label["New"].is_cut
    people = board.get_board(cast.actor, filters, "people", "list=all")
    found = {column.label: column.count for column in people.columns}
    assert (found["Nobody"], found["Marina Kostina"], found["Ilya Vetrov"]) == ("4", "1", "0")
    none = board.get_board(cast.actor, Filters(list="all", q="xyzzy"), "board", "")
    assert len(none.columns) >= 5
    # Where only the newest were looked at, every number may be more, and the board says so.
    monkeypatch.setattr(walking, "COUNT_CANDIDATES", 2)
    cut = board.get_board(cast.actor, Filters(list="all"), "board", "")
    assert {column.label: column.count for column in cut.columns}["New"] == "2+"
    assert cut.looked_at == 2
    page = at_desk.get("/tickets/?list=all&layout=board").content.decode()
    assert "The newest 2 tickets were looked at." in page


@pytest.mark.data
def test_a_card_moves_by_its_action_and_crossing_moves_are_told(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    new, held, solved = status("new"), status("on_hold"), status("solved")
    url = f"/tickets/{cast.ticket.number}/board/?list=all&layout=board"
    done = at_desk.post(url, {"to": held.pk, "was": new.pk}, **FRAGMENT)
    assert done.status_code == 200
    assert 'id="board"' in done.content.decode()
    assert "undo" in done.headers["HX-Trigger"]
    crossing = at_desk.post(url, {"to": solved.pk, "was": new.pk}, **FRAGMENT)
    assert crossing.status_code == 409
    assert "Waiting for others" in crossing.headers["HX-Trigger"]
    assert Ticket.objects.get(pk=cast.ticket.pk).status_id == held.pk
    undo_operation(cast.actor, find_last_operation(cast.actor))
    assert Ticket.objects.get(pk=cast.ticket.pk).status_id == new.pk
    people = f"/tickets/{cast.ticket.number}/board/?list=all&layout=people"
    at_desk.post(people, {"to": cast.ilya.pk, "was": "0"}, **FRAGMENT)
    late = at_desk.post(people, {"to": cast.marina.pk, "was": "0"}, **FRAGMENT)
    assert late.status_code == 409
    assert "Ilya" in late.headers["HX-Trigger"]
    assert at_desk.get(people).status_code == 200
    assert at_desk.get(url, **FRAGMENT).status_code == 200
    plain = at_desk.post(url, {"to": solved.pk, "was": new.pk})
    assert plain.headers["Location"] == "/tickets/?list=all&layout=board"
    assert at_desk.post(url, {"to": "nonsense"}, **FRAGMENT).status_code == 422
    assert at_desk.get("/tickets/?list=all&layout=board").status_code == 200
    assert at_desk.get("/tickets/?list=all&layout=people&q=status:x").status_code == 422


@pytest.mark.screen
@pytest.mark.django_db(transaction=True)
def test_marina_drags_a_card_and_moves_one_by_keys(
    chromium: Browser, live_server: LiveServer, cast: SimpleNamespace, at_desk: Client
) -> None:
    other = make_ticket(cast.alexey, "The till prints nothing")
    change_status(SYSTEM, other, "open")
    context = chromium.new_context(viewport={"width": 1600, "height": 900}, locale="en-GB")
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in at_desk.cookies.items()
        ]
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{live_server.url}/tickets/?list=all&layout=board")
    new, opened, pending = (status(code) for code in ("new", "open", "pending"))
    card = page.locator(f"#card-{cast.ticket.pk}")
    card.drag_to(page.locator(f"#column-{opened.pk}"))
    expect(page.locator(f"#column-{opened.pk} #card-{cast.ticket.pk}")).to_be_visible()
    assert Ticket.objects.get(pk=cast.ticket.pk).status_id == opened.pk
    page.locator(f"#card-{other.pk} .board-link").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(f"#column-{pending.pk} #card-{other.pk}")).to_be_visible()
    expect(page.locator(f"#card-{other.pk} .board-link")).to_be_focused()
    page.locator(f"#card-{other.pk} .board-move").click()
    page.locator(f'.board-places button[value="{new.pk}"]').click()
    expect(page.locator(f"#column-{new.pk} #card-{other.pk}")).to_be_visible()
    context.close()
