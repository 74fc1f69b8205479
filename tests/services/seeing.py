"""What people at several browsers see in time, while the desk tells their pages of each other."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from otklik.core.events.dispatcher import dispatch_pending
from tests.services import PATIENCE


def write(page: Page, text: str, kind: str = "public") -> None:
    page.locator(f"#composer [data-write={kind}]").first.click()
    expect(page.locator("#composer .ProseMirror")).to_be_focused()
    page.keyboard.type(text)


def choose_file(page: Page, button: str, file: Path, *, tries: int = 5) -> None:
    """By a tap; once more when it fell on a button whose script had not come yet."""
    try:
        with page.expect_file_chooser(timeout=6_000 if tries > 1 else 30_000) as chooser:
            page.get_by_role("button", name=button).tap()
        chooser.value.set_files(file)
    except PlaywrightTimeout:
        if tries <= 1:
            raise
        choose_file(page, button, file, tries=tries - 1)


def sees(where: Locator, words: str | re.Pattern[str]) -> None:
    """In time: what follows after the commit, such as telling open pages, happens meanwhile."""
    until = time.monotonic() + PATIENCE
    while True:
        dispatch_pending()
        try:
            expect(where).to_contain_text(words, timeout=500)
        except AssertionError:
            if time.monotonic() > until:
                raise
        else:
            return


def loses(what: Locator) -> None:
    until = time.monotonic() + PATIENCE
    while what.count():
        dispatch_pending()
        assert time.monotonic() < until, str(what)
        what.page.wait_for_timeout(200)


def becomes(asked: Callable[[], object], wanted: object) -> None:
    until = time.monotonic() + PATIENCE
    while (found := asked()) != wanted:
        assert time.monotonic() < until, found
        time.sleep(0.1)


def menu(page: Page, item: str) -> None:
    page.locator("[popovertarget=menu-ticket]").click()
    page.locator("#menu-ticket").get_by_role("menuitem", name=item).click()
