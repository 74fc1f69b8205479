"""The desk as an installed app."""

from __future__ import annotations

import json
import os
import struct
import zlib
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.tickets.models import Attachment, Message


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
    page.route(f"**/tickets/{cast.ticket.number}/?*", lambda _route: None)
    page.locator("[data-row]").first.click()
    expect(page.locator(".row:has([data-pressed])")).to_have_count(1)
    expect(page.get_by_role("progressbar", name="Loading")).to_be_visible()
    page.unroute_all()  # which lets go what was held
    expect(page.locator("#ticket-head")).to_be_visible()
    expect(page.locator("#waiting")).to_be_hidden()
    context.close()


@pytest.mark.screen
@pytest.mark.django_db(transaction=True)
def test_a_photo_goes_lighter_and_again_after_a_cut_and_never_without_its_reply(
    chromium: Browser, live_server: LiveServer, cast: SimpleNamespace, at_desk: Client
) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in at_desk.cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/tickets/{cast.ticket.number}/")
    page.locator("[data-write=public]").click()
    text = page.locator("#composer .editor-text")
    expect(text).to_be_visible()
    line = context.new_cdp_session(page)
    online = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", online | {"offline": True})
    photo = {"name": "boiler.png", "mimeType": "image/png", "buffer": _noise(900)}
    page.locator("#composer-file").set_input_files(files=[photo])  # type: ignore[list-item]
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()

    line.send("Network.emulateNetworkConditions", online)
    text.fill("Here is how it looks.")
    page.locator(".composer-send-reply").click()
    expect(page.get_by_text("A file is not there yet")).to_be_visible()
    assert not Message.objects.filter(ticket=cast.ticket, direction="out").exists()
    again.click()
    expect(page.locator(".upload-chip")).to_contain_text("boiler.jpg")
    page.locator(".composer-send-reply").click()
    expect(page.locator("#timeline")).to_contain_text("Here is how it looks.")
    sent = Attachment.objects.get(message__ticket=cast.ticket)
    assert sent.content_type == "image/jpeg"
    assert sent.size < len(photo["buffer"])
    context.close()


def _noise(side: int) -> bytes:
    """A PNG that no compression makes smaller, as a photo is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + os.urandom(side * 3) for _ in range(side))
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


@pytest.mark.screen
@pytest.mark.django_db(transaction=True)
def test_without_a_line_the_desk_says_so_and_the_page_comes_when_it_is_back(
    chromium: Browser, live_server: LiveServer, cast: SimpleNamespace, at_desk: Client
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in at_desk.cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/tickets/?list=all")
    page.evaluate(
        "navigator.serviceWorker.controller || new Promise((done) =>"
        " navigator.serviceWorker.addEventListener('controllerchange', () => done(true)))"
    )
    context.set_offline(True)
    page.goto(f"{live_server.url}/tickets/{cast.ticket.number}/")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    context.set_offline(False)
    expect(page.locator("#ticket-head")).to_be_visible()
    context.close()
