"""The desk as an installed app."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "name"), [("en", "Otklik"), ("ru", "Отклик")])
def test_the_manifest_says_how_to_install_and_nothing_of_the_desk(language: str, name: str) -> None:
    answer = Client().get("/app.webmanifest", headers={"Accept-Language": language})
    assert answer.headers["Content-Type"] == "application/manifest+json"
    said = json.loads(answer.content)
    assert (said["name"], said["lang"], said["display"]) == (name, language, "standalone")
    assert said["start_url"].startswith("/tickets/")
    sizes = {(icon["sizes"], icon["purpose"]) for icon in said["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    for icon in said["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/")), icon["src"]


@pytest.mark.screen
@pytest.mark.django_db(transaction=True)
def test_on_a_slow_line_a_press_is_answered_at_once_and_the_wait_is_shown(
    chromium: Browser, live_server: LiveServer, cast: SimpleNamespace, at_desk: Client
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, is_mobile=True)
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in at_desk.cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/tickets/?list=all")
    line = context.new_cdp_session(page)
    slow = {"offline": False, "latency": 1200, "downloadThroughput": 50_000}
    line.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": 20_000})
    page.locator("[data-row]").first.click()
    expect(page.locator(".row:has([data-pressed])")).to_have_count(1)
    expect(page.get_by_role("progressbar", name="Loading")).to_be_visible()
    expect(page.locator("#ticket-head")).to_be_visible()
    expect(page.locator("#waiting")).to_be_hidden()
    context.close()
