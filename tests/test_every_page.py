"""Every page of everybody in a real browser: axe finds nothing in either theme, and nothing scrolls
sideways at 320 px. Pages are found by themselves, as the walk over the addresses finds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from otklik.core.access import SYSTEM
from otklik.people.actions import create_role
from otklik.people.models import User
from otklik.people.tests.factories import make_agent, make_customer, make_team, user_of
from otklik.tickets.actions import change_status, merge_tickets
from otklik.tickets.actions.checklists import change_checklist
from otklik.tickets.models import Checklist, Ticket
from otklik.tickets.tests.factories import make_ticket
from tests.world import BACKEND, World, addresses_of, world

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]

__all__ = ["world"]
AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
LANGUAGES = ("ru", "en")
# Who sees most of each kind of page; what several see is looked at once.
READERS = ("dasha", "olga", "mallory")
# A letter is the sender's own page in a frame, where nothing may run, axe neither.
NOT_OURS = "/letter/"
_LOOK = "axe.run(document, {resultTypes: ['violations']})"
_PLAINLY = """([where, value]) => {
  const form = document.querySelector(`${where} [name=value][value=${value}]`).form;
  const hidden = {type: 'hidden', name: 'value', value};
  const field = Object.assign(document.createElement('input'), hidden);
  form.append(field);
  form.submit();
}"""
_COLOURS = "axe.run(document, {resultTypes: ['violations'], runOnly: ['color-contrast']})"


def test_no_page_gives_axe_anything_to_find(
    world: World, chromium: Browser, live_server: LiveServer
) -> None:
    axe = AXE.read_text(encoding="utf-8")
    wrong: list[str] = []
    seen: set[str] = set()
    for who in READERS:
        client = world.readers[who]
        page = _page(chromium, live_server, client)
        for number, (route, address) in enumerate(_pages(world, client, seen)):
            seen.add(route)
            _speak(client, page, live_server, LANGUAGES[number % 2])
            page.goto(live_server.url + address, wait_until="load")
            page.evaluate(axe)
            found = page.evaluate(_LOOK)["violations"]
            page.set_viewport_size({"width": 320, "height": 640})
            page.emulate_media(color_scheme="dark")
            found += page.evaluate(_COLOURS)["violations"]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append({"id": "scrolls sideways", "nodes": [{"target": "html"}]})
            wrong += [f"{who} {address}: {_words(each)}" for each in found]
            page.set_viewport_size({"width": 1280, "height": 800})
            page.emulate_media(color_scheme="light")
        page.context.close()
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 50


def test_pages_that_answer_what_was_asked_give_axe_nothing_to_find(
    world: World, chromium: Browser, live_server: LiveServer
) -> None:
    """No address of their own leads to them: a solution that needs a word, a ticket merged away."""
    axe = AXE.read_text(encoding="utf-8")
    ticket = Ticket.objects.get(number=world.values["number"])
    change_status(SYSTEM, ticket, "open")
    change_checklist(SYSTEM, Checklist.objects.get(), is_required=True)
    place = f"/tickets/{ticket.number}/"
    dasha = _page(chromium, live_server, world.readers["dasha"])
    dasha.goto(live_server.url + place)
    dasha.evaluate(_PLAINLY, ["#ticket-head", "solved"])
    dasha.get_by_role("button", name="Solve anyway").wait_for()
    role = create_role(SYSTEM, name="Returns", permissions=["tickets.view_team"])
    away = make_ticket(make_customer("Vera Tom"), "Cold", team=make_team("Returns"))
    timur = make_agent("Timur", roles_held=[role.code], teams=[away.team])
    stays = make_ticket(away.requester, "Colder", team=make_team("Repairs"))
    merge_tickets(SYSTEM, stays, [away])
    client = Client()
    client.force_login(user_of(timur), backend=BACKEND)
    elsewhere = _page(chromium, live_server, client)
    elsewhere.goto(f"{live_server.url}/tickets/{away.number}/")
    elsewhere.get_by_role("heading", name="is worked elsewhere").wait_for()
    found = []
    for page in (dasha, elsewhere):
        page.set_viewport_size({"width": 320, "height": 640})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.evaluate(axe)
            found += [_words(each) for each in page.evaluate(_LOOK)["violations"]]
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        page.context.close()
    assert not found, "\n".join(found)


# What pages show by a query or a press, with the part of them that is new then.
UNFOLDED = (
    ("/tickets/?list=all&layout=board", "#list"),
    ("/tickets/?list=all&layout=people", "#list"),
    ("/tickets/?list=all&layout=month", "#list"),
    ("/tickets/?list=all&layout=table&group=priority", "#list"),
    ("/tickets/?list=all&group=assignee", "#list"),
    ("/tickets/?list=all&q=priority:soon%20(", "#list"),
    ("/tickets/{number}/?write=side&forward=all", "#composer"),
    ("/tickets/{number}/?write=public", "html"),
    ("/people/{person_id}/", "main"),
)
# Pages where everything that opens is opened, one thing after the other.
PRESSED = ("/tickets/?list=all", "/tickets/{number}/?write=public")
_IN = "part => axe.run(part, {resultTypes: ['violations']}).then((found) => found.violations)"
_OPEN = """() => {
  const seen = new Set();
  return [...document.querySelectorAll('[popovertarget], [data-dialog], [data-dialog-url]')]
    .map((one, place) => {
      one.dataset.walked = place;
      const menu = one.getAttribute('popovertarget');
      const what = menu ? '#' + menu : one.dataset.dialog ? '#' + one.dataset.dialog : '#dialog';
      const name = menu || one.dataset.dialog || one.dataset.dialogUrl;
      return [place, what, name];
    })
    .filter(([, , name]) => name && !seen.has(name) && seen.add(name));
}"""


def test_what_opens_by_a_press_gives_axe_nothing_to_find(
    world: World, chromium: Browser, live_server: LiveServer
) -> None:
    axe = AXE.read_text(encoding="utf-8")
    wrong: list[str] = []
    client = world.readers["dasha"]
    page = _page(chromium, live_server, client)
    reopened = Ticket.objects.get(number=world.values["number"])
    change_status(SYSTEM, reopened, "open")
    looked = 0

    def look(part: str, where: str) -> None:
        nonlocal looked
        looked += 1
        page.emulate_media(color_scheme="dark" if looked % 2 else "light")
        found = page.evaluate(_IN, part)
        wrong.extend(f"{where}: {_words(each)}" for each in found)

    for number, (address, part) in enumerate(UNFOLDED):
        _speak(client, page, live_server, LANGUAGES[number % 2])
        page.goto(live_server.url + address.format(**world.values))
        page.evaluate(axe)
        page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
        page.wait_for_load_state("networkidle")
        look(part, address)
    for address in PRESSED:
        page.goto(live_server.url + address.format(**world.values))
        page.evaluate(axe)
        page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
        for place, part, name in page.evaluate(_OPEN):
            page.evaluate(f"document.querySelector('[data-walked=\"{place}\"]').click()")
            page.wait_for_selector(f"{part}:is(:popover-open, [open])")
            look(part, f"{address} {name}")
            page.evaluate(
                "part => { const one = document.querySelector(part);"
                " one.close ? one.close() : one.hidePopover(); }",
                part,
            )
        page.locator("body").press("Control+k")
        page.keyboard.type("a")
        page.wait_for_selector("#palette[open] [role=option]")
        look("#palette", f"{address} Ctrl K")
        page.keyboard.press("Escape")
        page.locator("#main").press("?")
        page.wait_for_selector("dialog[open]")
        look("dialog[open]", f"{address} ?")
        page.keyboard.press("Escape")
        page.locator("#main").press("b")
        page.wait_for_selector("#notices-panel:is(:popover-open, [open], :not([hidden]))")
        look("#notices-panel", f"{address} B")
    page.context.close()
    assert not wrong, "\n".join(wrong)
    assert looked > 30


def _page(browser: Browser, server: LiveServer, client: Client) -> Page:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme="light", reduced_motion="reduce"
    )
    cookies = [
        {"name": name, "value": cookie.value, "url": server.url}
        for name, cookie in client.cookies.items()
    ]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    return context.new_page()


def _pages(world: World, client: Client, seen: set[str]) -> Iterator[tuple[str, str]]:
    """(route, address) of what this reader gets as a page."""
    for route, address in list(addresses_of(world, without="api/")):
        if route in seen or route.endswith(NOT_OURS):
            continue
        answer = client.get(address)
        is_page = answer.status_code == 200 and not answer.streaming
        if is_page and b"<!doctype html" in answer.content[:200].lower():
            yield route, address
        answer.close()


def _speak(client: Client, page: Page, server: LiveServer, language: str) -> None:
    user = client.session.get("_auth_user_id")
    if user:
        User.objects.filter(pk=user).update(language=language)
    name = settings.LANGUAGE_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": language, "url": server.url}])


def _words(violation: dict[str, Any]) -> str:
    node = violation["nodes"][0]
    return f"{violation['id']} {node['target']} {node.get('html', '')[:120]}"
