"""The pages of mailboxes and of the tray in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests import factories as people

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).resolve().parents[4] / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_failed_connection_test_is_readable_everywhere(
    live_server: LiveServer, page: Page, scheme: str
) -> None:
    client = Client()
    dasha = people.user_of(people.make_administrator())
    client.force_login(dasha, backend="otklik.people.backends.EmailBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.emulate_media(color_scheme=scheme)
    mailbox = make_mailbox(
        "support@demo.example",
        config={"imap_host": "127.0.0.1", "imap_port": 1, "imap_user": "support"},
    )

    page.goto(f"{live_server.url}/channel-email/mailboxes/")
    assert violations(page) == []
    page.click(f"text={mailbox.name}")
    page.click("text=Test and save")
    page.wait_for_selector("text=does not answer on port 1")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert violations(page) == []
    page.goto(f"{live_server.url}/channel-email/tray/")
    assert violations(page) == []
