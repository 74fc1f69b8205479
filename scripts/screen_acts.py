"""What is done on a page before its picture is taken: menus opened, words typed, rows ticked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Act = Callable[[Any], None]


def press(*keys: str) -> Act:
    """Keys in turn, as an agent presses them."""

    def act(page: Any) -> None:
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(300)

    return act


def click(*selectors: str) -> Act:
    """The first visible place of each, in turn."""

    def act(page: Any) -> None:
        for selector in selectors:
            page.locator(selector).locator("visible=true").first.click()
            page.wait_for_timeout(500)

    return act


def fill(selector: str, text: str) -> Act:
    def act(page: Any) -> None:
        page.locator(selector).locator("visible=true").first.click()
        page.keyboard.type(text, delay=15)
        page.wait_for_timeout(900)

    return act


def write(kind: str, text: str = "") -> Act:
    """The composer open for a ``public`` reply or a ``note`` with this text and no other."""

    def act(page: Any) -> None:
        opener = page.locator(f".composer-folded [data-write={kind}]")
        if opener.is_visible():
            opener.click()
        else:
            page.locator(f".composer-mode:has([value={kind}])").click()
        editor = page.locator("#composer .ProseMirror")
        editor.click()
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        if text:
            page.keyboard.type(text, delay=5)
        page.wait_for_timeout(1600)

    return act


def tick(count: int) -> Act:
    """This many rows, by the boxes that stand where their marks are."""

    def act(page: Any) -> None:
        for place in range(count):
            page.locator(".row").nth(place).hover()
            page.locator(".row-tick").nth(place).click()
        page.wait_for_timeout(300)

    return act


def side(page: Any) -> None:
    """The person and the properties, a sheet where there is no room for them."""
    opener = page.locator("[data-pane-open=side]")
    if opener.is_visible():
        opener.click()
        page.wait_for_timeout(400)


def palette(page: Any) -> None:
    """By its key, or by the field for searching where there are no keys."""
    search = page.locator(".nav-search")
    if search.is_visible():
        page.keyboard.press("Control+k")
    else:
        page.locator(".tabbar-item").locator("visible=true").last.click()
        page.wait_for_timeout(300)
        search.click()
    page.wait_for_timeout(600)


def scroll(selector: str) -> Act:
    def act(page: Any) -> None:
        page.locator(selector).first.evaluate("place => place.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(200)

    return act


def each(*acts: Act) -> Act:
    """One after the other."""

    def act(page: Any) -> None:
        for one in acts:
            one(page)

    return act


def words(text: str) -> Act:
    """Typed where the caret is."""

    def act(page: Any) -> None:
        page.keyboard.type(text, delay=15)
        page.wait_for_timeout(1200)

    return act


def wait(milliseconds: int) -> Act:
    return lambda page: page.wait_for_timeout(milliseconds)


def shown(selector: str) -> Act:
    """Until it is there, however busy the machine."""

    def act(page: Any) -> None:
        page.locator(selector).first.wait_for()

    return act


def require(page: Any) -> None:
    """The first checklist must be done before its ticket is solved."""
    side(page)
    page.locator("#checklists button[value=required]").first.click()
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")


def plain_solve(page: Any) -> None:
    """As without script: then a page of its own asks what a dialog asks else."""
    page.evaluate(
        "() => {"
        " const form = document.querySelector('#ticket-head [name=value][value=solved]').form;"
        " form.append(Object.assign(document.createElement('input'),"
        " {type: 'hidden', name: 'value', value: 'solved'})); form.submit(); }"
    )
    page.wait_for_load_state()
    page.wait_for_timeout(300)


def to_list(query: str) -> Act:
    """From a ticket's page to the list that holds nothing else."""

    def act(page: Any) -> None:
        origin, number = page.url.split("/tickets/")[0], _number(page)
        page.goto(f"{origin}/tickets/?list=any&q={number}{query}", wait_until="load")
        page.wait_for_timeout(500)

    return act


def solve_card(page: Any) -> None:
    """By the menu of the first card, as where nothing can be dragged."""
    page.locator(".board-move").first.click()
    page.wait_for_timeout(500)
    page.locator("#dialog [name=to]").filter(has_text=re.compile("Решена|Solved")).click()
    page.wait_for_timeout(500)


def release(page: Any) -> None:
    """What ``require`` asked is asked no more."""
    page.goto(f"{page.url.split('/tickets/')[0]}/tickets/{_number(page)}/", wait_until="load")
    side(page)
    page.locator("#checklists button[value=optional]").first.click()
    page.wait_for_timeout(500)


def _number(page: Any) -> str:
    found = re.search(r"(?:/tickets/|[?&]q=)(\d+)", page.url)
    return found[1] if found else ""
