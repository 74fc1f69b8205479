"""What goes wrong in a real browser and must cost nobody a word: a session that ends, two tabs, a
double click, files that are none, a clock that is wrong, addresses of what is gone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from otklik.core.access import SYSTEM
from otklik.people.actions import create_consent_kind, create_role
from otklik.people.models import CustomerNote, User
from otklik.people.tests.factories import PASSWORD, actor_of, make_agent, make_team, user_of
from otklik.tickets.actions import merge_tickets, pin_message, trash_ticket
from otklik.tickets.actions.habits import change_habit
from otklik.tickets.models import Draft, Message, Ticket, WaitingReply
from otklik.tickets.tests.factories import customer_writes
from otklik.workspace.tests.test_screens import desk
from tests.services.seeing import becomes

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]
__all__ = ["desk"]

_AHEAD = """(() => { const ahead = 300000, Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; } }; })()"""


def write(page: Page, text: str, kind: str = "public") -> None:
    page.locator(f"#composer [data-write={kind}]").first.click()
    field = page.locator("#composer .ProseMirror")
    expect(field).to_be_focused()
    page.keyboard.type(text)


def sent_of(ticket: Ticket) -> int:
    return Message.objects.filter(ticket=ticket, direction="out", is_automatic=False).count()


def test_a_session_that_ends_keeps_what_was_typed(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    ticket = desk.tickets[0]
    ticket.refresh_from_db()
    page.goto(f"{desk.url}/tickets/{ticket.number}/")
    write(page, "A mechanic comes today")
    Session.objects.all().delete()
    page.keyboard.press("Control+Enter")
    notice = page.locator("#session-ended")
    expect(notice).to_contain_text("What you typed stays here")
    expect(page.locator("#composer .ProseMirror")).to_contain_text("A mechanic comes today")
    with page.context.expect_page() as opened:
        notice.get_by_role("link", name="Sign in").click()
    other = opened.value
    other.fill("input[name=email]", user_of(ticket.assignee).email)
    other.fill("input[name=password]", PASSWORD)
    other.press("input[name=password]", "Enter")
    other.wait_for_url("**/tickets/**")
    other.close()
    page.bring_to_front()
    expect(notice).to_have_count(0)
    page.locator("#composer button[data-send]").click()
    expect(page.locator("#timeline")).to_contain_text("A mechanic comes today")
    assert sent_of(ticket) == 1


def test_two_tabs_lose_no_word_and_a_double_click_sends_once(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    ticket = desk.tickets[0]
    address = f"{desk.url}/tickets/{ticket.number}/"
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    write(page, "From the first tab")
    expect(page.locator("[data-draft-state]")).to_contain_text("saved")
    write(other, "From the second tab")
    banner = other.locator("#composer-notice .banner")
    expect(banner).to_contain_text("From the first tab")
    banner.get_by_role("button", name="Keep this one").click()
    expect(other.locator("[data-draft-state]")).to_contain_text("saved")
    assert "second" in Draft.objects.get().html
    # What one tab changed crosses what the other still shows; both values are told.
    page.get_by_label("Priority").select_option("40")
    expect(page.locator("#ticket-head")).to_contain_text("Urgent")
    other.get_by_label("Priority").select_option("10")
    expect(other.get_by_role("button", name="Set mine")).to_be_visible()
    assert Ticket.objects.get(pk=ticket.pk).priority == 40
    other.locator("#composer button[data-send]").dblclick()
    expect(other.locator("#timeline")).to_contain_text("From the second tab")
    page.close()
    assert sent_of(ticket) == 1


def test_what_was_not_sent_and_what_is_very_long_is_a_draft_all_the_same(
    desk: SimpleNamespace,
) -> None:
    page: Page = desk.page
    ticket = desk.tickets[0]
    page.goto(f"{desk.url}/tickets/{ticket.number}/")
    # From the key that opens the field on, no letter finds the focus elsewhere.
    page.wait_for_load_state("networkidle")  # its script has come
    page.evaluate(
        """() => { window.astray = 0; document.addEventListener("focusout", () =>
          queueMicrotask(() => (astray += document.activeElement === document.body))); }"""
    )
    page.locator("#timeline").focus()
    assert page.evaluate(
        """() => { document.querySelector("#composer [data-write=public]").click();
          return document.activeElement.closest("#composer-form") !== null; }"""
    )
    expect(page.locator("#composer .ProseMirror")).to_be_focused()
    assert page.evaluate("astray") == 0
    page.keyboard.type("The line")
    page.route("**/messages/", lambda asked: asked.abort())
    page.keyboard.type(" breaks")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("did not work")
    becomes(lambda: Draft.objects.values_list("html", flat=True).first(), "<p>The line breaks</p>")
    page.unroute("**/messages/")
    # Longer than what a browser sends for a page that goes: it is sent by the page that stays.
    long = "paper jam " * 10_000
    page.evaluate(
        """words => { const data = new DataTransfer(); data.setData("text/plain", words);
          document.querySelector("#composer .ProseMirror").dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
          Object.defineProperty(document, "visibilityState", {value: "hidden"});
          document.dispatchEvent(new Event("visibilitychange")); }""",
        long,
    )
    becomes(lambda: len(Draft.objects.get().html) > len(long) - 2, True)
    assert sent_of(ticket) == 0


def test_files_of_no_bytes_of_a_gigabyte_and_with_a_turned_name(
    desk: SimpleNamespace, tmp_path: Path
) -> None:
    page: Page = desk.page
    page.goto(f"{desk.url}/tickets/{desk.tickets[0].number}/")
    write(page, "See the files")
    empty, large, turned = (
        tmp_path / name for name in ("nothing.txt", "disk.img", "x\u202egpj.exe")
    )
    empty.touch()
    turned.write_text("MZ")
    with large.open("wb") as hole:
        hole.truncate(1 << 30)
    posted: list[str] = []
    page.on("request", lambda asked: posted.append(asked.url) if "/uploads/" in asked.url else None)
    field = page.locator("#composer-file")
    field.set_input_files(large)
    expect(page.locator(".toast")).to_contain_text(re.compile("disk.img.+ is larger than .+ link"))
    assert not posted
    field.set_input_files([empty, turned])
    shelf = page.locator("#composer-files")
    expect(shelf.locator(".upload-chip")).to_have_count(2)
    expect(shelf).to_contain_text("empty file")
    # Read from the left its ending is what it is, not the picture it pretends to be.
    box = shelf.locator(".upload-chip", has_text=".exe")
    expect(box.locator("bdi").last).to_have_text(".exe")
    expect(box.get_by_role("button")).to_have_accessible_name("Take off xgpj.exe")
    page.locator("#composer button[data-send]").click()
    expect(page.get_by_role("link", name="nothing.txt")).to_be_visible()
    expect(page.get_by_role("link", name="xgpj.exe")).to_be_visible()


def test_a_clock_five_minutes_wrong_changes_nothing_and_undo_gives_the_caret_back(
    desk: SimpleNamespace,
) -> None:
    page: Page = desk.page
    ticket = desk.tickets[0]
    ticket.refresh_from_db()
    change_habit(actor_of(ticket.assignee), undo_seconds=30)
    page.add_init_script(_AHEAD)
    page.goto(f"{desk.url}/tickets/{ticket.number}/")
    editor = page.locator("#composer .ProseMirror")
    write(page, "Switch it off")
    page.locator("#composer button[data-send]").click()
    left = page.locator(".said-waiting [data-left]")
    expect(left).to_have_text(re.compile(r"^([12]?\d|30)\s"))
    # Undone from the card, and from the toast by its key: back in the text, ready to go on.
    page.locator(".said-waiting").get_by_role("button", name="Undo").click()
    expect(editor).to_be_focused()
    expect(editor).to_contain_text("Switch it off")
    page.keyboard.press("Control+End")
    page.keyboard.type(" and on")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text(re.compile(r"leaves in ([12]?\d|30) s"))
    page.locator("#timeline").focus()
    page.keyboard.press("z")
    expect(editor).to_be_focused()
    expect(editor).to_contain_text("Switch it off and on")
    # In four minutes by the desk's clock is a minute ago by this one: it is taken all the same.
    soon = timezone.localtime(timezone.now() + timedelta(minutes=4))
    page.locator("[popovertarget=menu-later]").click()
    page.get_by_role("menuitem", name="Own date and time").click()
    page.locator("#later-at").fill(f"{soon:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Send later").click()
    card = page.locator(".said-waiting")
    expect(card).to_contain_text(f"{soon:%H:%M}")
    due = WaitingReply.objects.latest("pk").due_at
    assert due is not None
    assert abs(due - soon) < timedelta(minutes=1)
    card.get_by_role("button", name="Back to the composer").click()
    expect(editor).to_be_focused()
    expect(editor).to_contain_text("Switch it off and on")
    # The same from the page of what is unsent: it leads to the ticket, into the text.
    page.keyboard.press("Control+Enter")
    expect(page.locator(".said-waiting")).to_have_count(1)
    page.goto(f"{desk.url}/unsent/")
    page.get_by_role("button", name="Undo").click()
    expect(editor).to_be_focused()
    expect(editor).to_contain_text("Switch it off and on")
    assert sent_of(ticket) == 0


def test_addresses_of_what_is_gone_and_links_into_a_folded_talk(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    here, merged, trashed = desk.tickets
    said = [customer_writes(here, f"Line {number}.") for number in range(130)]
    here.refresh_from_db()
    marina = actor_of(here.assignee)
    merge_tickets(marina, here, [merged])
    trash_ticket(marina, trashed)
    pin_message(marina, said[3])
    page.goto(f"{desk.url}/tickets/{merged.number}/")
    expect(page.locator("#ticket-head")).to_contain_text("was merged into this ticket")
    page.goto(f"{desk.url}/tickets/{trashed.number}/")
    expect(page.locator("#ticket-head")).to_contain_text("in the trash")
    expect(page.locator("#composer")).to_contain_text("Restore it to reply")
    # A filter that makes no sense says where, and what was typed stands there still.
    page.goto(f"{desk.url}/tickets/?list=all")
    field = page.locator("#list-query")
    field.fill("status:yesterday (")
    field.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(field).to_have_value("status:yesterday (")
    # Into the fold: by an address from elsewhere, and by a link of the page itself.
    page.goto(f"{desk.url}/tickets/{here.number}/#message-{said[5].pk}")
    expect(page.locator(f"#message-{said[5].pk}")).to_be_in_viewport()
    page.goto(f"{desk.url}/tickets/{here.number}/")
    expect(page.locator(f"#message-{said[-1].pk}")).to_be_in_viewport()
    expect(page.locator(f"#message-{said[3].pk}")).to_have_count(0)
    page.locator(".pin-fold summary").click()
    page.get_by_role("link", name="Show in the talk").click()
    expect(page.locator(f"#message-{said[3].pk}")).to_be_in_viewport()
    # Missing and foreign are told the same, in words, with a way on.
    Ticket.objects.filter(pk=here.pk).update(team=make_team("Repairs"))
    role = create_role(SYSTEM, name="Returns", permissions=["tickets.view_team"])
    lone = make_agent("Lone", teams=[make_team("Returns")], roles_held=[role.code])
    client = Client()
    client.force_login(user_of(lone))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": desk.url}]
    )
    told = []
    for number in (999_999, here.number):
        answer = page.goto(f"{desk.url}/tickets/{number}/")
        assert answer is not None
        told.append((answer.status, page.locator("body").inner_text()))
    assert told[0] == told[1]
    assert told[0][0] == 404
    expect(page.get_by_role("link").first).to_be_visible()


def test_an_undone_split_is_told_where_its_ticket_went(desk: SimpleNamespace) -> None:
    page: Page = desk.page
    here = desk.tickets[0]
    customer_writes(here, "And the invoice is wrong.")
    page.goto(f"{desk.url}/tickets/{here.number}/split/")
    page.get_by_role("checkbox").last.check()
    page.get_by_role("button", name="Move to a new ticket").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("was split off")
    new = Ticket.objects.latest("pk")
    expect(page).to_have_url(f"{desk.url}/tickets/{new.number}/")
    toast.get_by_role("button", name="Undo").click()
    page.wait_for_url(f"**/tickets/{here.number}/**")
    expect(toast).to_contain_text(
        f"The split is undone: № {new.number} is a part of № {here.number} again"
    )
    expect(page.locator("#ticket-head")).to_contain_text("its messages are here again")
    assert not page.context.cookies(desk.url) or "otklik_toast" not in {
        one["name"] for one in page.context.cookies(desk.url)
    }


_SIGHT = """() => {
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const caret = getSelection().getRangeAt(0).getBoundingClientRect();
  const at = document.elementFromPoint(caret.left - 4, caret.top + caret.height / 2);
  return caret.height > 0 && caret.top >= Math.max(0, box("#composer .composer-top").bottom)
    && caret.bottom <= Math.min(innerHeight, box("#composer .composer-tools").top)
    && Boolean(at?.closest(".ProseMirror"));
}"""


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_is_typed_on_a_small_phone_stays_in_sight_beside_notices(
    desk: SimpleNamespace, language: str
) -> None:
    page: Page = desk.page
    User.objects.update(language=language)
    told = "new CustomEvent('toast', {detail: {text: 'The status of № 12 is set', seconds: 60}})"
    for ticket, height in ((desk.tickets[0], 640), (desk.tickets[1], 360)):
        page.set_viewport_size({"width": 320, "height": 640})
        page.goto(f"{desk.url}/tickets/{ticket.number}/")
        # A keyboard on the screen leaves so much.
        page.set_viewport_size({"width": 320, "height": height})
        write(page, "Во вложении счёт." if language == "ru" else "I attached the invoice.")
        becomes(lambda: page.evaluate(_SIGHT), True)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#composer-notice .banner")).to_be_visible()
        if height == 640:
            becomes(lambda: page.evaluate(_SIGHT), True)
        for line in ("More", "and more", "and a third line"):
            page.keyboard.press("Enter")
            page.keyboard.type(line)
        becomes(lambda: page.evaluate(_SIGHT), True)
        page.evaluate(f"document.dispatchEvent({told})")
        page.keyboard.type(" and a word")
        becomes(lambda: page.evaluate(_SIGHT), True)
        expect(page.locator("#composer-notice .banner")).to_have_count(1)


def test_forms_of_the_customer_panel_give_the_focus_back_where_it_was(
    desk: SimpleNamespace,
) -> None:
    page: Page = desk.page
    create_consent_kind(SYSTEM, name="News")
    page.goto(f"{desk.url}/tickets/{desk.tickets[0].number}/")
    page.locator("#person-more > summary").click()
    panel = page.locator("#panel-person")
    panel.get_by_text("Write a note").click()
    panel.get_by_role("button", name="Save the note").click()
    expect(panel.get_by_role("alert")).to_be_visible()
    expect(panel.get_by_role("textbox", name="Note").last).to_be_focused()
    page.keyboard.type("Never call before noon")
    panel.get_by_role("button", name="Save the note").press("Enter")
    note = panel.locator(".about-note", has_text="Never call before noon")
    expect(note).to_be_focused()
    note.get_by_role("button", name="Pin").press("Enter")
    expect(note.get_by_role("button", name="Unpin")).to_be_focused()
    note.get_by_text("Change").click()
    note.get_by_role("textbox").fill("Never call before ten")
    note.get_by_role("button", name="Save").press("Enter")
    expect(panel.locator(".about-note summary")).to_be_focused()
    assert CustomerNote.objects.get().text == "Never call before ten"
    panel.get_by_role("button", name="Remove").press("Enter")
    expect(panel.locator("summary", has_text="Write a note")).to_be_focused()
    panel.locator(".consent > summary").press("Enter")
    panel.get_by_role("button", name="They agree").press("Enter")
    expect(panel.locator(".consent > summary")).to_be_focused()
    expect(panel.locator(".consent > summary")).to_contain_text("given")
