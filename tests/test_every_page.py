"""Every page of everybody in a real browser: axe finds nothing in either theme, and on a phone of
320 px nothing scrolls sideways. Pages are found by themselves, as the walk over the addresses
finds them; what opens on them by a press is in test_what_opens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from otklik.core.access import SYSTEM
from otklik.people.actions import create_role
from otklik.people.tests.factories import make_agent, make_customer, make_team, user_of
from otklik.tickets.actions import change_status, merge_tickets
from otklik.tickets.actions.checklists import change_checklist
from otklik.tickets.models import Checklist, Ticket
from otklik.tickets.tests.factories import make_ticket
from tests.looking import Eye
from tests.world import BACKEND, World, addresses_of, world

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]

__all__ = ["world"]
LANGUAGES = ("ru", "en")
# Who sees most of each kind of page; what several see is looked at once.
READERS = ("dasha", "olga", "mallory")
# A letter is the sender's own page in a frame, where nothing may run, axe neither.
NOT_OURS = "/letter/"
_PLAINLY = """([where, value]) => {
  const form = document.querySelector(`${where} [name=value][value=${value}]`).form;
  const hidden = {type: 'hidden', name: 'value', value};
  const field = Object.assign(document.createElement('input'), hidden);
  form.append(field);
  form.submit();
}"""


def test_no_page_gives_axe_anything_to_find(
    world: World, chromium: Browser, live_server: LiveServer
) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    for who in READERS:
        client = world.readers[who]
        eye = Eye(chromium, live_server, client)
        for number, (route, address) in enumerate(_pages(world, client, seen)):
            seen.add(route)
            eye.go(address, LANGUAGES[number % 2])
            eye.look("html", f"{who} {address}")
        eye.end()
        wrong += eye.wrong
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 50


def test_pages_that_answer_what_was_asked_give_axe_nothing_to_find(
    world: World, chromium: Browser, live_server: LiveServer
) -> None:
    """No address of their own leads to them: a solution that needs a word, a ticket merged away."""
    ticket = Ticket.objects.get(number=world.values["number"])
    change_status(SYSTEM, ticket, "open")
    change_checklist(SYSTEM, Checklist.objects.get(), is_required=True)
    dasha = Eye(chromium, live_server, world.readers["dasha"])
    dasha.go(f"/tickets/{ticket.number}/")
    dasha.page.evaluate(_PLAINLY, ["#ticket-head", "solved"])
    dasha.page.get_by_role("button", name="Solve anyway").wait_for()
    role = create_role(SYSTEM, name="Returns", permissions=["tickets.view_team"])
    away = make_ticket(make_customer("Vera Tom"), "Cold", team=make_team("Returns"))
    timur = make_agent("Timur", roles_held=[role.code], teams=[away.team])
    stays = make_ticket(away.requester, "Colder", team=make_team("Repairs"))
    merge_tickets(SYSTEM, stays, [away])
    client = Client()
    client.force_login(user_of(timur), backend=BACKEND)
    elsewhere = Eye(chromium, live_server, client)
    elsewhere.go(f"/tickets/{away.number}/")
    elsewhere.page.get_by_role("heading", name="is worked elsewhere").wait_for()
    for eye in (dasha, elsewhere):
        eye.arm()
        eye.look("html", eye.page.url)
        eye.end()
    found = dasha.wrong + elsewhere.wrong
    assert not found, "\n".join(found)


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
