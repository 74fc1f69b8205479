"""On screen and by programs: what is not done is asked about in words, with one press to go on."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.core.access import SYSTEM
from otklik.core.events.models import EventRow
from otklik.people.tests.factories import actor_of, make_administrator, user_of
from otklik.tickets.actions import link_tickets, reopen_ticket
from otklik.tickets.actions.checklists import add_checklist
from otklik.tickets.actions.habits import change_habit
from otklik.tickets.models import Message, Status, Ticket
from otklik.tickets.tests.factories import identity_of, make_ticket
from otklik.workspace.actions import create_macro
from otklik.workspace.models import Macro
from tests.rest.client import program_of

FRAGMENT = {"headers": {"HX-Request": "true"}}
STEPS = [
    {"effect": "ticket.set_status", "params": {"status": "solved"}},
    {"effect": "ticket.tag", "params": {"tag": "done"}},
]


@pytest.fixture
def whole(cast: SimpleNamespace) -> Ticket:
    """With one part that is open."""
    link_tickets(SYSTEM, make_ticket(cast.alexey, "A part"), cast.ticket, "child")
    ticket: Ticket = cast.ticket
    return ticket


def anew(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def sent(ticket: Ticket) -> int:
    return Message.objects.filter(ticket=ticket, direction="out").count()


def form(ticket: Ticket, **more: str) -> dict[str, str]:
    return {
        "kind": "public",
        "html": "It is mended.",
        "to": identity_of(ticket.requester).value,
        "status": "solved",
        **more,
    }


@pytest.mark.data
def test_a_reply_that_would_solve_asks_first_and_keeps_its_words(
    at_desk: Client,
    cast: SimpleNamespace,
    whole: Ticket,
    customer_client: Callable[[str], Client],
) -> None:
    url = f"/tickets/{whole.number}/messages/"
    asked = at_desk.post(url, form(whole, later="tomorrow"), **FRAGMENT)
    assert (asked.status_code, asked.headers["HX-Retarget"]) == (422, "#composer-notice")
    despite, unchanged = (parse_qs(asked.context[name]) for name in ("despite", "unchanged"))
    assert despite == {"status": ["solved"], "later": ["tomorrow"], "parts": ["1"]}
    assert unchanged == {"status": ["same"], "later": ["tomorrow"]}
    add_checklist(SYSTEM, whole, name="Paying", items=["Pay"], is_required=True)
    kept = at_desk.post(url, form(whole, again="status=solved&parts=1"), **FRAGMENT)
    assert kept.status_code == 422
    assert kept.context["question"] is None  # not for Marina to pass over
    assert sent(whole) == 0
    # Without script it is asked on a page of its own, and what was typed is a draft too.
    dasha, administrator = Client(), make_administrator()
    change_habit(actor_of(administrator), undo_seconds=0)
    dasha.force_login(user_of(administrator))
    page = dasha.post(url, form(whole))
    assert page.status_code == 422
    fields = dict(page.context["fields"])
    assert (fields["html"], page.context["question"].names) == ("It is mended.", ("checklists",))
    again = dasha.post(url, form(whole, checklists="1"))
    assert again.context["question"].names == ("checklists", "parts")
    assert dasha.post(url, form(whole, checklists="1", parts="1")).status_code == 302
    assert (sent(whole), anew(whole).is_finished) == (1, True)
    # What was passed over stays in the talk, for those who work here alone.
    part = Ticket.objects.get(subject="A part")
    talk = at_desk.get(f"/tickets/{whole.number}/").content.decode()
    assert "solved it though 1 item of its checklist was not done: “Pay”" in talk
    assert f"solved it though 1 part of it was open: №\N{NO-BREAK SPACE}{part.number}" in talk
    theirs = customer_client("olga").get(f"/portal/requests/{whole.number}/").content.decode()
    assert "It is mended." in theirs
    assert not any(
        word in theirs for word in ("though", "“Pay”", f"№\N{NO-BREAK SPACE}{part.number}")
    )
    reopen_ticket(cast.actor, whole)
    assert at_desk.post(url, form(whole, again=asked.context["unchanged"])).status_code == 302
    assert not anew(whole).is_finished


@pytest.mark.data
def test_macros_and_acts_on_many_ask_in_their_preview_and_report_what_stays(
    at_desk: Client, cast: SimpleNamespace, whole: Ticket
) -> None:
    macro: Macro = create_macro(cast.actor, name="Done", steps=STEPS)
    url = f"/tickets/{whole.number}/macros/{macro.pk}/"
    preview = at_desk.get(url, **FRAGMENT).content.decode()
    assert "1 part of it is still open" in preview
    assert "Run anyway" in preview
    refused = at_desk.post(f"{url}run/", **FRAGMENT)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#dialog")
    assert at_desk.post(f"{url}run/").context["question"].names == ("parts",)
    other = make_ticket(cast.olga)
    ids = f"{whole.pk},{other.pk}"
    for address in (f"/macro/?macro={macro.pk}&tickets={ids}", f"/bulk/?tickets={ids}"):
        offered = at_desk.get(f"/tickets{address}", **FRAGMENT).content.decode()
        assert "Also the one whose parts are open" in offered
        assert "checklist not done" not in offered
    solved = Status.objects.get(code="solved").pk
    many = {"tickets": ids, "status": str(solved)}
    report = at_desk.post("/tickets/bulk/", many, **FRAGMENT)
    assert report.context["failures"][0][0] == whole.number
    assert (anew(whole).is_finished, anew(other).is_finished) == (False, True)
    at_desk.post("/tickets/bulk/", many | {"parts": "1"}, **FRAGMENT)
    assert anew(whole).is_finished
    reopen_ticket(cast.actor, whole)
    assert at_desk.post(f"{url}run/", {"parts": "1"}, **FRAGMENT).status_code == 200
    assert anew(whole).is_finished


@pytest.mark.data
def test_programs_are_asked_the_same_in_every_door(cast: SimpleNamespace, whole: Ticket) -> None:
    marina, at = program_of(cast.marina), f"/tickets/{whole.number}"
    macro: Macro = create_macro(cast.actor, name="Done", steps=STEPS)
    reply = {"text": "It is mended.", "to": [identity_of(whole.requester).value]}
    doors: tuple[tuple[Any, str, dict[str, Any]], ...] = (
        (marina.patch, at, {"status": "solved"}),
        (marina.post, f"{at}/messages", {**reply, "status": "solved"}),
        (marina.post, f"{at}/messages", {**reply, "status": "solved", "undo_seconds": 10}),
        (marina.post, f"{at}/macros/{macro.pk}", {}),
    )
    for door, address, data in doors:
        refused = door(address, data)
        assert (refused.status_code, refused.json()["code"]) == (422, "open_parts")
    foreseen = marina.get(f"{at}/macros/{macro.pk}").json()
    assert (foreseen[0]["code"], foreseen[1]["code"]) == ("open_parts", "")
    for door, address, data in doors:
        assert door(address, {**data, "despite_parts": True}).status_code in (200, 201, 202)
        marina.patch(at, {"status": "open"})
    told = EventRow.objects.filter(ticket_id=whole.pk, name="ticket.parts_overridden")
    assert told.count() == len(doors) - 1  # a reply that waits solves when it leaves
    assert {row.actor_kind for row in told} == {"token"}
    change = {"tickets": [whole.number], "change": {"status": "solved"}}
    assert str(whole.number) in marina.post("/tickets/changes", change).json()["failures"]


@pytest.mark.screen
@pytest.mark.django_db(transaction=True)
def test_marina_is_asked_once_by_the_composer_and_by_the_board(
    chromium: Browser,
    live_server: LiveServer,
    cast: SimpleNamespace,
    at_desk: Client,
    whole: Ticket,
) -> None:
    context = chromium.new_context(viewport={"width": 1600, "height": 900}, locale="en-GB")
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in at_desk.cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/tickets/?list=all&layout=board")
    solved = Status.objects.get(code="solved")
    page.locator(f"#card-{whole.pk}").drag_to(page.locator(f"#column-{solved.pk}"))
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("1 part of it is still open")
    expect(dialog.get_by_role("button", name="Solve anyway")).to_be_focused()
    assert not anew(whole).is_finished
    page.keyboard.press("Enter")
    expect(page.locator(f"#card-{whole.pk}")).to_have_count(0)  # no more among the open ones
    expect(dialog).not_to_be_visible()
    assert anew(whole).is_finished
    reopen_ticket(cast.actor, whole)
    page.goto(f"{live_server.url}/tickets/{whole.number}/?write=public")
    page.locator("#composer .editor-text").click()
    page.keyboard.type("It is mended.")
    page.get_by_role("button", name="Send otherwise").click()
    page.get_by_role("menuitem", name="Send and solve").click()
    notice = page.locator("#composer-notice")
    expect(notice).to_contain_text("1 part of it is still open")
    expect(page.locator("#composer .editor-text")).to_contain_text("It is mended.")
    page.locator("#composer .editor-text").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("It is mended.")
    assert (sent(whole), anew(whole).is_finished) == (1, True)
    context.close()
