"""The agents' screens in a real browser: nothing for axe to find, keys, a reply, live panes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from otklik.core.access import SYSTEM
from otklik.people.tests.factories import (
    actor_of,
    make_agent,
    make_customer,
    make_identity,
    make_team,
    user_of,
)
from otklik.tickets.actions import add_note, add_participant, assign_ticket, tag_ticket
from otklik.tickets.actions.checklists import add_checklist
from otklik.tickets.actions.habits import change_habit
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Draft, Message, ReadMark, Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def desk(page: Page, live_server: LiveServer) -> SimpleNamespace:
    marina = make_agent("Marina Kostina", teams=[make_team("Service", 2)])
    change_habit(actor_of(marina), undo_seconds=0)
    olga = make_customer("Olga Nesterova")
    tickets = [make_ticket(olga, f"The machine number {number} is cold") for number in range(3)]
    for ticket in tickets:
        assign_ticket(SYSTEM, ticket, marina)
    client = Client()
    client.force_login(user_of(marina))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.on("console", lambda said: _refuse(said.text))
    return SimpleNamespace(page=page, url=live_server.url, tickets=tickets, olga=olga)


def _refuse(said: str) -> None:
    assert "Content Security Policy" not in said, said


@pytest.mark.parametrize(
    ("width", "theme"), [(1440, "light"), (900, "dark"), (390, "light"), (320, "dark")]
)
def test_no_screen_gives_axe_anything_to_find(
    desk: SimpleNamespace, width: int, theme: str
) -> None:
    page: Page = desk.page
    add_note(SYSTEM, desk.tickets[0], words=written_by_hand(text="It is the sensor"))
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    number = desk.tickets[0].number
    for path in (
        "/tickets/?list=mine",
        "/tickets/?list=trash",
        f"/tickets/{number}/",
        f"/tickets/{number}/?write=public",
        f"/tickets/{number}/?write=note",
        "/tickets/new/",
        "/tickets/filters/",
    ):
        page.goto(desk.url + path)
        page.wait_for_timeout(150)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        assert not [(each["id"], each["nodes"][0]["target"]) for each in found], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_keys_lead_through_the_list_into_a_reply_that_is_sent(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    page.goto(f"{desk.url}/tickets/?list=mine")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-head")).to_be_visible()
    assert "/tickets/" in page.url
    assert "list=mine" in page.url
    expect(page.locator("#shell")).to_have_attribute("data-panes", "list main side")
    number = int(page.url.split("/tickets/")[1].split("/")[0])
    page.keyboard.press("r")
    editor = page.locator("#composer .editor-text")
    expect(editor).to_be_focused()
    page.keyboard.type("A mechanic comes today")
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft saved at")
    assert "mechanic" in Draft.objects.get().html
    page.keyboard.press("Control+Enter")
    expect(page.locator(".said-own")).to_contain_text("A mechanic comes today")
    expect(page.locator(".composer-opener")).to_be_visible()
    ticket = Ticket.objects.get(number=number)
    assert ticket.status_kind == "pending"
    assert Message.objects.filter(ticket=ticket, direction="out").count() == 1
    assert not Draft.objects.exists()


def test_who_is_quicker_than_the_script_loses_nothing_by_it(desk: SimpleNamespace) -> None:
    """On a slow line a ticket is opened, or a note asked for, before what minds them has come."""
    page, held = desk.page, list[Route]()
    page.route("**/chunk-ticket_list-*.js", lambda route: held.append(route))
    page.goto(f"{desk.url}/tickets/?list=mine")
    page.locator("#rows .row a").first.click()
    expect(page.locator("#ticket-head")).to_be_visible()
    expect(page.locator("#shell")).to_have_attribute("data-panes", "list main")
    held.pop().continue_()
    expect(page.locator("#shell")).to_have_attribute("data-panes", "list main side")
    page.unroute("**/chunk-ticket_list-*.js")
    page.route("**/chunk-composer-*.js", lambda route: held.append(route))
    page.goto(f"{desk.url}/tickets/{desk.tickets[0].number}/?write=note#composer")
    editor = page.locator("#composer .editor-text")
    expect(editor).to_be_visible()
    held.pop().continue_()
    expect(editor).to_be_focused()


def test_tickets_opened_one_after_another_leave_nothing_behind(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    page.goto(f"{desk.url}/tickets/?list=mine")
    browser = page.context.new_cdp_session(page)

    def nodes_after(rounds: int) -> int:
        for at in range(rounds * len(desk.tickets)):
            ticket = desk.tickets[at % len(desk.tickets)]
            page.locator(f"#row-{ticket.pk} [data-row]").click()
            expect(page.locator("#ticket-head")).to_have_attribute("data-ticket", str(ticket.pk))
            expect(page.locator("#timeline")).to_be_focused()
        browser.send("HeapProfiler.collectGarbage")
        return int(browser.send("Memory.getDOMCounters")["nodes"])

    first = nodes_after(2)
    assert nodes_after(2) < first + 1000  # a ticket has more


def test_solving_leads_to_the_next_row_and_z_takes_it_back(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    first = desk.tickets[1]
    page.goto(f"{desk.url}/tickets/{first.number}/?list=mine")
    page.keyboard.press("e")
    expect(page.locator(".toast")).to_be_visible()
    expect(page.locator("#rows .row-title:focus")).to_have_count(1)
    assert Ticket.objects.get(pk=first.pk).status_kind == "solved"
    page.keyboard.press("z")
    expect(page.locator("#ticket-head .ticket-state")).to_contain_text("New")
    assert Ticket.objects.get(pk=first.pk).status_kind == "new"


def test_on_a_slow_line_keys_wait_for_the_ticket_that_opens_and_a_refusal_is_in_sight(
    desk: SimpleNamespace,
) -> None:
    page: Page = desk.page
    shown, asked = desk.tickets[2], desk.tickets[1]
    add_checklist(SYSTEM, asked, items=["Call"], is_required=True)
    page.route(f"**/tickets/{asked.number}/?*", lambda _route: None)
    page.set_viewport_size({"width": 1440, "height": 800})
    page.goto(f"{desk.url}/tickets/{shown.number}/?list=mine")
    page.locator(f".row-title[href*='/{asked.number}/']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".row-title.htmx-request")).to_have_count(1)
    for key in ("e", "r"):  # the ticket still in sight is not solved, the reply is the next one's
        page.keyboard.press(key)
    page.unroute_all()  # which lets go what was held
    expect(page.locator("#composer[data-open] .ProseMirror")).to_be_focused()
    expect(page.locator("#ticket-head")).to_contain_text(str(asked.number))
    assert Ticket.objects.get(pk=shown.pk).status_kind == "new"
    page.keyboard.type("Tomorrow")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Tomorrow")
    # Pressed once more, it comes to the row of the list that has the focus now.
    expect(page.locator(".row-title:focus")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(200)
    assert "/bulk/" not in page.url
    page.set_viewport_size({"width": 390, "height": 420})
    page.goto(f"{desk.url}/tickets/{asked.number}/?list=mine")
    page.locator("#ticket-head [data-key=e]").click()
    refusal = page.locator("#ticket-head").get_by_role("alert")
    expect(refusal).to_be_in_viewport()
    expect(refusal).to_contain_text("Call")
    assert page.locator("#properties").get_by_role("alert").count() == 0


def test_rows_are_ticked_by_key_and_changed_together(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    page.goto(f"{desk.url}/tickets/?list=mine")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="All shown").click()
    expect(page.locator("[data-bulk-count]")).to_have_text("3")
    page.get_by_role("button", name="Change…").click()
    page.get_by_label("Priority").select_option("40")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("3 tickets changed")
    assert set(Ticket.objects.values_list("priority", flat=True)) == {40}


def test_a_property_changes_in_place_and_a_note_is_kept_inside(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    ticket = desk.tickets[0]
    page.goto(f"{desk.url}/tickets/{ticket.number}/")
    page.get_by_label("Priority").select_option("30")
    expect(page.locator("#ticket-head .ticket-state")).to_contain_text("High")
    page.keyboard.press("Escape")
    page.locator("#timeline").click()
    page.keyboard.press("n")
    expect(page.locator("#composer .editor-text")).to_be_focused()
    page.keyboard.type("Only for us")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".said-note")).to_contain_text("Only for us")
    assert Message.objects.get(ticket=ticket, kind="note").direction == "internal"


def test_a_note_never_turns_into_a_reply_and_comes_back_as_it_was(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    ticket = desk.tickets[0]
    page.goto(f"{desk.url}/tickets/{ticket.number}/")
    page.keyboard.press("n")
    editor = page.locator("#composer .editor-text")
    expect(editor).to_be_focused()
    page.keyboard.type("She always forgets to pay")
    page.keyboard.press("Escape")
    expect(page.locator(".composer-opener")).to_be_visible()
    page.keyboard.press("r")
    expect(editor).to_be_focused()
    expect(editor).not_to_contain_text("forgets")
    page.keyboard.type("Good day")
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft saved at")
    page.locator(".composer-mode", has_text="Note").click()
    expect(editor).to_have_text("She always forgets to pay")
    page.wait_for_timeout(1800)
    texts = dict(Draft.objects.values_list("kind", "html"))
    assert "forgets" in texts["note"]
    assert "Good day" in texts["public"]


def test_tags_stay_when_the_page_changes_by_itself(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    ticket = desk.tickets[0]
    tag_ticket(SYSTEM, ticket, "warranty")
    page.goto(f"{desk.url}/tickets/{ticket.number}/")
    tags = page.locator(".prop-tags .badge")
    expect(tags).to_have_text(["warranty×"])
    page.get_by_label("Priority").select_option("30")
    expect(page.locator("#ticket-head .ticket-state")).to_contain_text("High")
    expect(tags).to_have_text(["warranty×"])
    page.get_by_role("combobox", name="Tags").fill("E-07")
    page.keyboard.press("Enter")
    expect(tags).to_have_count(2)
    expect(page.locator("#timeline")).to_contain_text("added the tag “E-07”")
    assert {tag.name for tag in ticket.tags.all()} == {"warranty", "E-07"}


@pytest.mark.parametrize("width", [1440, 390])
def test_a_long_talk_opens_at_what_is_new_and_keeps_its_end_free_of_notices(
    desk: SimpleNamespace, width: int
) -> None:
    page: Page = desk.page
    ticket = desk.tickets[0]
    said = [customer_writes(ticket, f"Message {number}. " + "Words. " * 40) for number in range(30)]
    page.set_viewport_size({"width": width, "height": 800})
    with page.expect_response("**/reading/"):
        page.goto(f"{desk.url}/tickets/{ticket.number}/")
    last = page.locator(f"#message-{said[-1].pk}")
    expect(last).to_be_in_viewport()
    expect(page.locator(f"#message-{said[0].pk}")).not_to_be_in_viewport()
    page.wait_for_function("!document.querySelector('.toast')")
    page.locator("#ticket-head button[value=solved]").click()
    expect(page.locator(".toast")).to_be_visible()
    page.wait_for_function(
        "document.querySelector('.timeline > :last-child').getBoundingClientRect().bottom"
        " <= document.querySelector('.toast').getBoundingClientRect().top"
    )
    marina = Ticket.objects.get(pk=ticket.pk).assignee
    ReadMark.objects.filter(ticket=ticket).delete()
    ReadMark.objects.create(ticket=ticket, person=marina.person, message_id=said[9].pk)
    page.goto(f"{desk.url}/tickets/{ticket.number}/")
    expect(page.locator(f"#message-{said[10].pk}")).to_be_in_viewport()
    expect(last).not_to_be_in_viewport()


def test_a_photo_comes_first_on_a_phone_and_opens_the_reply(
    desk: SimpleNamespace, tmp_path: Path
) -> None:
    page: Page = desk.page
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{desk.url}/tickets/{desk.tickets[0].number}/")
    photo = tmp_path / "e07.txt"
    photo.write_text("E-07")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach a photo or a file").click()
    chooser.value.set_files(photo)
    expect(page.locator("#composer[data-open] .upload-chip")).to_contain_text("e07.txt")


def test_a_button_pressed_before_its_script_came_acts_once_it_has_also_over_a_line_that_is_cut(
    desk: SimpleNamespace, tmp_path: Path
) -> None:
    page: Page = desk.page
    page.set_viewport_size({"width": 390, "height": 800})
    held: list[Route] = []
    page.route("**/chunk-composer-*.js", lambda asked: held.append(asked))
    page.goto(f"{desk.url}/tickets/{desk.tickets[0].number}/")
    photo = tmp_path / "e07.txt"
    photo.write_text("E-07")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach a photo or a file").click()
        assert held
        # What the page has a script for already does not wait for the other one.
        page.locator("[popovertarget=menu-ticket]").click()
        expect(page.locator("#menu-ticket")).to_be_visible()
        page.keyboard.press("Escape")
        held.pop().abort()
    chooser.value.set_files(photo)
    expect(page.locator("#composer[data-open] .upload-chip")).to_contain_text("e07.txt")


def test_who_is_let_in_beside_the_ticket_stands_in_the_composer_at_once(
    desk: SimpleNamespace,
) -> None:
    page: Page = desk.page
    ticket = desk.tickets[0]
    boss = make_identity("boss@polden.example")
    add_participant(SYSTEM, ticket.threads.get(is_main=True), boss, role="cc")
    page.goto(f"{desk.url}/tickets/{ticket.number}/?write=public")
    expect(page.locator("#composer")).to_contain_text("not written to until let in: boss@")
    page.get_by_role("button", name="Let boss@polden.example in").click()
    copies = page.locator('#composer ok-combobox[name="cc"]')
    expect(copies.locator(".badge")).to_contain_text("boss@polden.example")
    page.get_by_role("button", name="Write to boss@polden.example no longer").click()
    expect(copies.locator(".badge")).to_have_count(0)
    expect(copies.locator('input[type="hidden"]')).to_have_count(0)
