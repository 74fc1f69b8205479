"""The first hour: help beside things, and a tour that can be left."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.people.models import User
from otklik.people.tests.factories import user_of
from otklik.workspace.help import list_topics
from tests.services.seeing import becomes


def test_every_topic_opens_beside_its_thing_and_on_the_page_of_help(
    at_desk: Client, cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    page = at_desk.get("/help/").content.decode()
    for topic in list_topics():
        assert f'id="help-{topic.code}"' in page
        part = at_desk.get(f"/help/{topic.code}/", HTTP_HX_REQUEST="true").content.decode()
        assert str(topic.title) in part
        assert "<html" not in part
    assert at_desk.get("/help/no-such-thing/").status_code == 404
    assert customer_client("olga").get("/help/").status_code == 404


@pytest.mark.screen
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_the_tour_shows_the_desk_and_is_offered_no_more(
    width: int, chromium: Browser, live_server: LiveServer, cast: SimpleNamespace, at_desk: Client
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in at_desk.cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/tickets/?list=all#tour")
    card = page.locator("#tour")
    expect(card).to_be_focused()
    seen, told = [], ""
    while card.count():
        title = card.locator(".tour-title").inner_text()
        seen.append(title)
        told += card.locator(".tour-text").inner_text()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#tour .tour-title", has_text=title)).to_have_count(0)
        assert len(seen) < 12
    assert {"The talk", "Your answer"} <= set(seen), seen
    # Of keys where there are some, of presses on a phone.
    assert ("Enter opens" in told) == (width > 768)
    assert ("Press here to reply" in told) == (width < 768)
    expect(page.locator("#ticket-head")).to_be_visible()
    marina = User.objects.filter(pk=user_of(cast.marina).pk)
    becomes(lambda: marina.get().has_toured, True)
    page.goto(f"{live_server.url}/tickets/?list=all")
    expect(page.locator("[data-tour-offer]")).to_have_count(0)
    context.close()


@pytest.mark.screen
@pytest.mark.django_db(transaction=True)
def test_the_tour_can_be_refused_and_left(
    chromium: Browser, live_server: LiveServer, cast: SimpleNamespace, at_desk: Client
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in at_desk.cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/tickets/?list=all")
    page.get_by_role("link", name="Show me around").first.click()
    expect(page.locator("#tour")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_have_count(0)
    expect(page.locator("[data-tour-offer]")).to_have_count(0)
    context.close()
