"""Writing in a real browser: completions, a long paste, a picture, the look before it goes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from otklik.people.tests.factories import actor_of, make_agent
from otklik.tickets.models import Draft, Message
from otklik.workspace.actions import create_canned_reply
from otklik.workspace.canned import prepare_texts
from otklik.workspace.tests.test_screens import desk

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]
__all__ = ["desk"]

AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
_PASTE_PICTURE = """async () => {
  const canvas = document.createElement('canvas'); canvas.width = canvas.height = 8;
  const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
  const file = new File([blob], 'plan.png', {type: 'image/png'});
  const data = new DataTransfer(); data.items.add(file);
  document.querySelector('#composer .editor-text').dispatchEvent(
    new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""
_PASTE_TEXT = """(text) => {
  const data = new DataTransfer(); data.setData('text/plain', text);
  document.querySelector('#composer .editor-text').dispatchEvent(
    new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


_PASTE_HTML = _PASTE_TEXT.replace("text/plain", "text/html")
# As Excel puts it on the clipboard.
_SHEET = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>.xl65
{mso-style-parent:style0;}</style></head><body><table border=0 cellpadding=0 width=128
style='border-collapse:collapse'><colgroup><col width=64><col width=64></colgroup><tr height=20>
<td class=xl65 width=64>Pump</td><td align=right width=64>1 200</td></tr><tr><td>Valve</td>
<td align=right>90</td></tr></table></body></html>"""


def _write(desk: SimpleNamespace, kind: str) -> Page:
    page: Page = desk.page
    page.goto(f"{desk.url}/tickets/{desk.tickets[0].number}/?write={kind}#composer")
    page.locator("#composer .editor-text").click()
    return page


def test_a_reply_is_put_together_from_a_canned_one_looked_over_and_sent(
    desk: SimpleNamespace,
) -> None:
    desk.tickets[0].refresh_from_db()
    marina = actor_of(desk.tickets[0].assignee)
    text = "<p>Hello {{person.first_name}}, {{organisation.name}}</p><p>See the attached file.</p>"
    words = prepare_texts(marina, {"en": text})
    create_canned_reply(marina, name="Greeting", words=words, hint="The first reply")
    page = _write(desk, "public")
    editor, menu = page.locator("#composer .editor-text"), page.locator(".completion")
    page.keyboard.type("/gre")
    expect(menu).to_contain_text("The first reply")
    expect(menu.locator(".completion-aside")).to_contain_text("Hello Olga")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert not [(each["id"], each["nodes"][0]["target"]) for each in found]
    page.keyboard.press("Enter")
    expect(editor.locator("mark")).to_have_text("[Customer’s organisation]")
    page.keyboard.press("Enter")
    page.keyboard.type(":smile")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(editor).to_be_visible()
    page.evaluate(_PASTE_PICTURE)
    expect(editor.locator("img[src*='/uploads/']")).to_have_count(1)
    page.keyboard.type(" Dear John")
    page.keyboard.press("Control+Enter")
    notice = page.locator("#composer-notice")
    expect(notice).to_contain_text("Customer’s organisation")
    expect(editor.locator(".pointed").first).to_be_visible()
    assert not Message.objects.filter(ticket=desk.tickets[0], direction="out").exists()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Hello Olga")
    sent = Message.objects.get(ticket=desk.tickets[0], direction="out", is_automatic=False)
    assert [one.is_inline for one in sent.attachments.all()] == [True]


def test_a_colleague_named_in_a_reply_asks_whether_it_should_be_a_note(
    desk: SimpleNamespace,
) -> None:
    make_agent("Ilya Vetrov")
    page = _write(desk, "public")
    page.keyboard.type("Ask @ily")
    expect(page.locator(".completion")).to_contain_text("Ilya Vetrov")
    page.keyboard.press("Enter")
    expect(page.locator("#composer .editor-text [data-ref]")).to_have_text("@Ilya Vetrov")
    page.get_by_role("button", name="Make it a note").click()
    expect(page.locator("#composer")).to_have_attribute("data-mode", "note")
    page.keyboard.type(" about the pump")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline .said [data-ref]")).to_have_text("@Ilya Vetrov")
    assert Message.objects.get(ticket=desk.tickets[0], kind="note").body.text.startswith(
        "Ask @Ilya"
    )


def test_a_hundred_thousand_characters_stay_fluid_and_are_kept(desk: SimpleNamespace) -> None:
    page = _write(desk, "note")
    line = "The pump was opened, cleaned and closed again by the technician. "
    text = "\n\n".join([line * 15] * 103)
    assert len(text) > 100_000
    page.evaluate(_PASTE_TEXT, text)
    expect(page.locator("#composer .editor-text")).to_contain_text("technician")
    # Processor time of the page's own thread: unlike the clock's, a busy machine adds nothing.
    browser = page.context.new_cdp_session(page)
    browser.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        told = browser.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in told if each["name"] == "TaskDuration"))

    begun = worked()
    page.keyboard.type("written after it ", delay=0)
    assert (worked() - begun) / 17 < 0.25
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline .said").last).to_contain_text("technician", timeout=60_000)
    note = Message.objects.get(ticket=desk.tickets[0], kind="note")
    assert "written after it" in note.body.text
    assert len(note.body.text) > 100_000
    assert not Draft.objects.filter(ticket=desk.tickets[0], kind="note").exists()


def test_a_table_is_put_in_filled_by_tab_changed_pasted_and_survives_the_letter(
    desk: SimpleNamespace,
) -> None:
    page = _write(desk, "public")
    editor, cells = page.locator("#composer .editor-text"), page.locator(".editor-text :is(th, td)")
    page.keyboard.type("The prices:")
    page.keyboard.press("Enter")

    def tool(name: str) -> None:
        page.get_by_role("button", name="More formatting").click()
        page.get_by_role("menuitem", name=name, exact=True).click()

    tool("Table")
    expect(cells).to_have_count(6)
    for word in ("Part", "Price", "Pump", "1 200", "Valve", "90", "Seal"):
        page.keyboard.type(word)
        page.keyboard.press("Tab")
    expect(cells).to_have_count(8)  # Tab in the last cell began a row
    tool("Column to the right")
    expect(cells).to_have_count(12)
    cells.nth(2).click()
    tool("Remove the column")
    cells.nth(6).click()
    tool("Row below")
    expect(cells).to_have_count(10)
    cells.nth(8).click()
    tool("Remove the row")
    expect(cells).to_have_count(8)
    page.keyboard.press("Control+End")
    page.keyboard.press("ArrowDown")
    page.evaluate(_PASTE_HTML, _SHEET)
    expect(editor.locator("table")).to_have_count(2)
    expect(cells).to_have_count(12)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline .said table")).to_have_count(2)
    sent = Message.objects.get(ticket=desk.tickets[0], direction="out", is_automatic=False)
    assert "Part  | Price\n------+------\nPump  | 1 200\nValve |    90\nSeal  |" in sent.body.text
    assert "style" not in sent.body.html
