"""Behaviours in a real browser, under the strict policy."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from otklik.ui.assets import DIST
from otklik.ui.tests.site import memory
from tests.services import PATIENCE

pytestmark = pytest.mark.screen

AXE = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
SPECIMENS = ("", "agent/", "full/", "empty/", "settings/", "portal/", "plain/")


@pytest.fixture
def desk(page: Page, guide: str) -> Page:
    """The sample page; a word from the console about the policy fails the test."""
    page.on("console", lambda said: _refuse(said.text))
    page.goto(f"{guide}/page/")
    expect(page.locator(".editor-text")).to_be_visible()
    return page


def _refuse(said: str) -> None:
    assert "Content Security Policy" not in said, said


def _soon(page: Page, is_so: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until
        page.wait_for_timeout(50)


def _posts(path: str) -> list[dict[str, str]]:
    return [data for where, data in memory.posts if where == path]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 800, 390, 320])
def test_no_page_is_inaccessible_or_scrolls_sideways(
    page: Page, guide: str, theme: str, width: int
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 844})
    for name in SPECIMENS:
        page.goto(f"{guide}/ui/{name}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide at {width}"
        # As the tests' own tool, past the page's policy.
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        named = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]
        assert not named, f"{name} at {width} in {theme}: {named}"


def test_the_first_page_of_an_agent_is_light(page: Page, guide: str) -> None:
    loaded: list[str] = []
    page.on("response", lambda answer: loaded.append(answer.url))
    page.goto(f"{guide}/ui/empty/", wait_until="networkidle")
    names = {url.rsplit("/", 1)[1] for url in loaded if "/static/" in url}
    sizes = {
        name: (DIST / f"{name}.gz").stat().st_size for name in names if name.endswith(("js", "css"))
    }
    assert sizes
    # With the page itself a first load stays far below 100 kB.
    assert sum(sizes.values()) < 64_000, sizes
    assert not any("editor" in name for name in names)


def test_letters_work_by_place_and_not_while_typing(desk: Page) -> None:
    # The key that says E on a Latin board and У on a Russian one.
    desk.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'у', code: 'KeyE', bubbles: true, cancelable: true}))"
    )
    expect(desk.locator(".toast")).to_contain_text("Solved")
    assert len(_posts("/solve/")) == 1
    desk.locator("#half").press_sequentially("eee")
    desk.wait_for_timeout(200)
    assert len(_posts("/solve/")) == 1


def test_j_and_k_walk_the_list_and_question_mark_explains(desk: Page) -> None:
    desk.keyboard.press("j")
    expect(desk.locator("#row-1")).to_be_focused()
    desk.keyboard.press("j")
    expect(desk.locator("#row-2")).to_be_focused()
    desk.keyboard.press("k")
    expect(desk.locator("#row-1")).to_be_focused()
    desk.keyboard.press("Shift+Slash")
    expect(desk.locator("#keys-help")).to_contain_text("Solve")
    desk.keyboard.press("Escape")
    expect(desk.locator("#keys-help")).not_to_be_visible()
    expect(desk.locator("#row-1")).to_be_focused()


def test_a_toast_offers_the_way_back_once(desk: Page) -> None:
    desk.locator("#solve").click()
    with desk.expect_response("**/undo/"):
        desk.get_by_role("button", name="Undo").click()
    expect(desk.locator(".toast")).to_have_count(0)
    assert len(_posts("/undo/")) == 1
    desk.keyboard.press("z")  # what was taken back is not offered again
    expect(desk.locator(".toast")).to_have_count(0)


def test_z_shows_what_can_be_undone_before_it_is_taken_back(desk: Page) -> None:
    desk.locator("#solve").click()
    desk.locator(".toast-close").click()
    desk.reload()
    desk.keyboard.press("z")
    expect(desk.locator(".toast")).to_contain_text("Solved")
    assert not _posts("/undo/")
    with desk.expect_response("**/undo/"):
        desk.keyboard.press("z")
    assert len(_posts("/undo/")) == 1


def test_rich_text_is_sent_as_typed_by_ctrl_enter(desk: Page) -> None:
    editor = desk.get_by_role("textbox", name="Reply")
    editor.click()
    desk.get_by_role("button", name="Bold").click()
    desk.keyboard.type("Hello")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".toast")).to_contain_text("Sent to «Полдень»")
    assert _posts("/done/")[-1]["body"] == "<p><strong>Hello</strong></p>"
    assert len(_posts("/done/")) == 1
    desk.reload()
    expect(desk.locator(".toast")).to_have_count(0)


def test_a_link_is_asked_for_in_the_page_and_understood_without_its_beginning(desk: Page) -> None:
    desk.get_by_role("textbox", name="Reply").click()
    desk.keyboard.type("See ")
    desk.locator("[data-command=link]").click()
    dialog = desk.get_by_role("dialog", name="Insert a link")
    field = dialog.get_by_label("Address of the link")
    expect(field).to_be_focused()
    field.fill("nowhere")
    desk.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("such as example.com/page")
    field.fill("shop.example/prices?all=1")
    desk.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    desk.keyboard.type("or ")
    desk.locator("[data-command=link]").click()
    desk.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    desk.keyboard.type("ask")
    html = desk.locator("textarea[name=body]").input_value()
    assert html.startswith("<p>See <a ")
    assert 'href="https://shop.example/prices?all=1"' in html
    assert html.endswith("shop.example/prices?all=1</a> or ask</p>")


def test_what_is_pasted_loses_its_costume(desk: Page) -> None:
    desk.get_by_role("textbox", name="Reply").click()
    desk.evaluate(
        """() => {
        const data = new DataTransfer();
        data.setData("text/html", `<style>p{color:red}</style><h1 onclick="x()">Title</h1>
          <p class="MsoNormal" style="color:red">One <a href="javascript:x()">bad</a>
          <a href="https://example.com/">good</a><img src="https://tracker.example/p.gif"></p>`);
        document.activeElement.dispatchEvent(
          new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    html = desk.locator("textarea[name=body]").input_value()
    assert "<strong>Title</strong>" in html
    assert 'href="https://example.com/"' in html
    for unwanted in ("javascript", "style", "MsoNormal", "tracker", "onclick"):
        assert unwanted not in html


def test_a_picture_pasted_into_the_text_is_uploaded(desk: Page) -> None:
    desk.get_by_role("textbox", name="Reply").click()
    desk.evaluate(
        """() => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array([1, 2])], "shot.png", {type: "image/png"}));
        document.activeElement.dispatchEvent(
          new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    picture = desk.locator(".editor-text img[draggable]")
    expect(picture).to_have_attribute("src", "/static/picture.png")
    assert _posts("/upload/")[-1]["inline"] == "1"


def test_leaving_is_asked_about_only_where_something_was_changed(desk: Page) -> None:
    asks = """change => {
      const form = document.createElement("form");
      form.dataset.unsaved = "";
      form.innerHTML = `<input type="checkbox" checked><input value="a"><textarea>b</textarea>
        <select><option>1</option><option selected>2</option></select><select><option>3</select>`;
      document.body.append(form);
      const [box, line, text, choice] = form.elements;
      ({none() {}, box() { box.checked = false; }, line() { line.value = "c"; },
        text() { text.value = ""; }, choice() { choice.value = "1"; }})[change]();
      const leaving = new Event("beforeunload", {cancelable: true});
      window.dispatchEvent(leaving);
      form.remove();
      return leaving.defaultPrevented;
    }"""
    assert not desk.evaluate(asks, "none")
    for change in ("box", "line", "text", "choice"):
        assert desk.evaluate(asks, change), change


def test_a_menu_opens_by_keyboard_and_gives_focus_back(desk: Page) -> None:
    opener = desk.get_by_role("button", name="More")
    opener.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("menuitem", name="First")).to_be_focused()
    desk.keyboard.press("ArrowDown")
    expect(desk.locator("#second")).to_be_focused()
    desk.keyboard.press("Escape")
    expect(desk.locator("#more")).not_to_be_visible()
    expect(opener).to_be_focused()


def test_a_dialog_comes_from_the_server_and_esc_returns(desk: Page) -> None:
    desk.locator("#ask").click()
    expect(desk.get_by_role("dialog", name="Merge 3?")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(desk.locator("#ask")).to_be_focused()


def test_a_combobox_searches_on_the_server_and_takes_what_is_typed(desk: Page) -> None:
    field = desk.get_by_role("combobox", name="Who")
    field.press_sequentially("ольга")
    expect(desk.get_by_role("option", name="Ольга Нестерова")).to_be_visible()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    field.press_sequentially("new@example.com,")
    values = desk.locator("input[type=hidden][name=who]")
    expect(values).to_have_count(2)
    assert values.nth(1).input_value() == "new@example.com"
    desk.get_by_role("button", name="Remove new@example.com").click()
    expect(values).to_have_count(1)


def test_a_live_change_touches_neither_focus_nor_half_typed_words(page: Page, guide: str) -> None:
    sockets: list[WebSocketRoute] = []
    asked: list[dict[str, object]] = []

    def accept(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.on_message(lambda text: asked.append(json.loads(text)))

    page.route_web_socket("**/ws", accept)
    page.goto(f"{guide}/page/")
    page.wait_for_function("document.readyState === 'complete'")
    expect(page.locator("#words")).to_have_text("Version 1")
    page.locator("#fold summary").click()
    page.locator("#half").press_sequentially("half a wo")
    _soon(page, lambda: asked)
    assert asked[0] == {"subscribe": {"thing:1": 1}, "age": asked[0]["age"]}
    memory.version = 2
    sockets[0].send(json.dumps({"topic": "thing:1", "version": 2, "event": 77}))
    expect(page.locator("#words")).to_have_text("Version 2")
    expect(page.locator("#thing")).to_have_attribute("data-version", "2")
    expect(page.locator("#half")).to_be_focused()
    expect(page.locator("#half")).to_have_value("half a wo")
    expect(page.locator("#fold")).to_have_attribute("open", "")
    # A cut: it comes back by itself and says what it shows and since when.
    sockets[0].close()
    _soon(page, lambda: asked[-1].get("since"))
    assert asked[-1] == {"subscribe": {"thing:1": 2}, "since": 77}


def test_frames_are_fetched_together_and_old_ones_not_at_all(page: Page, guide: str) -> None:
    sockets: list[WebSocketRoute] = []
    fetched: list[str] = []
    page.route_web_socket("**/ws", lambda socket: sockets.append(socket))
    page.on("request", lambda asked: fetched.append(asked.url) if "/thing/" in asked.url else None)
    page.goto(f"{guide}/page/", wait_until="networkidle")
    _soon(page, lambda: sockets)
    sockets[0].send(json.dumps({"topic": "thing:1", "version": 1, "event": 5}))
    page.wait_for_timeout(300)
    assert fetched == []
    begun = time.monotonic()
    for version in range(2, 12):
        memory.version = version
        sockets[0].send(json.dumps({"topic": "thing:1", "version": version, "event": version}))
        page.wait_for_timeout(20)
    expect(page.locator("#words")).to_have_text("Version 11")
    assert len(fetched) <= 3 + (time.monotonic() - begun) / 0.25


def test_what_is_pressed_stays_under_the_pointer_while_the_page_changes(
    page: Page, guide: str
) -> None:
    sockets: list[WebSocketRoute] = []
    page.route_web_socket("**/ws", lambda socket: sockets.append(socket))
    page.goto(f"{guide}/page/", wait_until="networkidle")
    _soon(page, lambda: sockets)
    button = page.locator("#thing button")
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    memory.version = 21
    with page.expect_response("**/thing/"):
        sockets[0].send(json.dumps({"topic": "thing:1", "version": 21, "event": 7}))
    page.wait_for_timeout(150)
    expect(page.locator("#words")).to_have_text("Version 1")
    page.mouse.up()
    expect(page.get_by_role("dialog", name="Merge 3?")).to_be_visible()
    expect(page.locator("#words")).to_have_text("Version 21")


@pytest.mark.parametrize("width", [1100, 390])
def test_the_side_pane_opens_as_a_drawer_and_gives_focus_back(
    page: Page, guide: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{guide}/ui/agent/?phone=main")
    opener = page.locator("[data-pane-open=side]")
    side = page.get_by_role("complementary", name="Details")
    expect(side).not_to_be_visible()
    opener.click()
    expect(side).to_be_visible()
    side.get_by_role("button", name="Close").click()
    expect(side).not_to_be_visible()
    expect(opener).to_be_focused()
    opener.click()
    page.keyboard.press("Escape")
    expect(side).not_to_be_visible()
