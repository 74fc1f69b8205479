"""Every live fragment: after any cut, the old page with what arrived is what a fresh page shows.

Fragments are found by themselves (`data-live`), so a new one is held to the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.people.models import Agent
from otklik.people.tests.factories import actor_of, make_agent, make_customer, make_team, user_of
from otklik.tickets import actions
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.tests.factories import customer_writes, make_ticket
from tests.services import PATIENCE
from tests.services.front import Front, front

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]

# What differs from page to page by nature: tokens, words that scripts put for times, marks of
# scripts. Everything else has to be the same.
_SHOWN = """
() => Object.fromEntries([...document.querySelectorAll('[data-live][id]')].map((live) => {
  const copy = live.cloneNode(true);
  for (const each of [copy, ...copy.querySelectorAll('*')]) {
    for (const name of ['data-live-owed', 'data-live-stale', 'data-unread', 'aria-expanded',
      'style', 'data-version', 'data-working', 'aria-busy', 'data-sending', 'min-width',
      'hx-swap-oob', 'aria-keyshortcuts', 'data-pressed']) each.removeAttribute(name);
    each.classList.remove('is-changed', 'htmx-request', 'htmx-added', 'htmx-settling');
    if (!each.classList.length) each.removeAttribute('class');
  }
  copy.querySelectorAll('input[name=csrfmiddlewaretoken]').forEach((one) => one.remove());
  // What is told once and then forgotten.
  const told = copy.querySelectorAll('[data-without-script], template[data-notice]');
  told.forEach((one) => one.remove());
  copy.querySelectorAll('ok-combobox [role=status]').forEach((one) => one.textContent = '');
  copy.querySelectorAll('time[data-when=relative]').forEach((one) => one.textContent = '');
  const text = copy.outerHTML.replace(/\\s+/g, ' ').replace(/> </g, '><').replace(/ >/g, '>')
    .replace(/combobox-\\d+/g, 'combobox');
  return [live.id, text];
}))
"""


@pytest.fixture
def served() -> Iterator[Front]:
    with front() as running:
        yield running


@pytest.fixture
def cast(served: Front, chromium: Browser) -> Iterator[SimpleNamespace]:
    service = make_team("Service", line=2)
    marina = make_agent("Marina Kostina", teams=[service])
    ilya = make_agent("Ilya Vetrov", teams=[service])
    olga, alexey = make_customer("Olga Nesterova"), make_customer("Alexey Gromov")
    tickets = [
        make_ticket(who, f"The machine number {number} is cold", team=service)
        for number, who in enumerate((olga, alexey, olga, alexey))
    ]
    for each in tickets[:3]:
        actions.assign_ticket(SYSTEM, each, marina)
    unassigned = make_ticket(olga, "Nobody has it", team=service)
    dispatch_pending()
    contexts: list[Any] = []

    def open_page(agent: Agent, path: str) -> Page:
        client = Client()
        client.force_login(user_of(agent))
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        contexts.append(context)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": served.url}]
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(served.url + path)
        return page

    yield SimpleNamespace(
        service=service,
        marina=marina,
        ilya=ilya,
        olga=olga,
        tickets=tickets,
        unassigned=unassigned,
        open=open_page,
        front=served,
    )
    for context in contexts:
        context.close()


def test_after_a_cut_the_old_page_is_what_a_fresh_one_is(cast: SimpleNamespace) -> None:
    first = cast.tickets[0]
    paths = ["/tickets/?list=mine", "/tickets/?list=all", f"/tickets/{first.number}/?list=mine"]
    old = [cast.open(cast.marina, path) for path in paths]
    for page in old:
        page.wait_for_load_state("networkidle")
    old[2].locator("#properties select").first.focus()
    cast.front.cut()
    change_everything(cast)
    cast.front.mend()
    for page, path in zip(old, paths, strict=True):
        compare(page, cast.open(cast.marina, path))
    # And whole frames while connected: one change at a time, the same pages.
    ilya = actor_of(cast.ilya)
    # Another ticket of the same person first: pages of this one hear of it with what follows.
    actions.trash_ticket(ilya, cast.unassigned)
    actions.change_ticket(ilya, first, {"priority": 20, "subject": "Warm again"})
    actions.solve_ticket(ilya, first)
    dispatch_pending()
    for page, path in zip(old, paths, strict=True):
        compare(page, cast.open(cast.marina, path), without={"notices"})
    assert old[2].evaluate("document.activeElement.matches('#properties select')")


def change_everything(cast: SimpleNamespace) -> None:
    ilya = actor_of(cast.ilya)
    first, second, third, fourth = cast.tickets
    customer_writes(first, "It is still cold, and it leaks")
    actions.change_ticket(ilya, first, {"priority": 40, "kind": "incident"})
    actions.set_tags(ilya, first, ["E-07", "leak"])
    actions.add_note(ilya, first, words=written_by_hand(text="The sensor, I think"))
    actions.reply_to_ticket(
        ilya,
        first,
        words=written_by_hand(text="A mechanic comes at four"),
        recipients=Recipients(to=[first.requester_identity]),
        status="pending",
    )
    actions.change_ticket(ilya, second, {"subject": "The machine drips"})
    actions.assign_ticket(ilya, third, cast.ilya)
    actions.assign_ticket(ilya, fourth, cast.marina)
    actions.assign_ticket(ilya, make_ticket(cast.olga, "A new one", team=cast.service), cast.marina)
    dispatch_pending()


def compare(old: Page, fresh: Page, without: frozenset[str] | set[str] = frozenset()) -> None:
    """Wait until both show the same, fragment by fragment. ``without``: what is told of a ticket
    goes from the bell with the ticket only when something else is told."""
    until = time.monotonic() + PATIENCE
    while True:
        shown, wanted = old.evaluate(_SHOWN), fresh.evaluate(_SHOWN)
        different = [name for name in wanted.keys() - without if shown.get(name) != wanted[name]]
        if not different and shown.keys() == wanted.keys():
            break
        if time.monotonic() > until:
            assert shown.keys() == wanted.keys()
            for name in different:
                assert shown[name].split("><") == wanted[name].split("><"), name
        fresh.wait_for_timeout(250)
    assert {"rows", "nav-lists"} <= wanted.keys()
    fresh.context.close()


def test_what_a_person_holds_stays_until_they_let_go(cast: SimpleNamespace) -> None:
    ticket, ilya = cast.tickets[0], actor_of(cast.ilya)
    page = cast.open(cast.marina, f"/tickets/{ticket.number}/?list=mine")
    page.wait_for_load_state("networkidle")
    # A selection of words, a half-typed tag, an open menu.
    page.evaluate(
        """() => { const text = document.querySelector('#timeline .prose');
          getSelection().selectAllChildren(text); }"""
    )
    selected = page.evaluate("String(getSelection())")
    assert "E-07" in selected
    customer_writes(ticket, "It is still cold")
    dispatch_pending()
    expect(page.locator("#timeline")).to_contain_text("It is still cold")
    assert page.evaluate("String(getSelection())") == selected
    page.locator("#prop-tags").press_sequentially("lea")
    actions.change_ticket(ilya, ticket, {"priority": 40})
    dispatch_pending()
    expect(page.locator("#prop-priority")).to_have_value("40")
    expect(page.locator("#prop-tags")).to_have_value("lea")
    expect(page.locator("#prop-tags")).to_be_focused()
    page.locator("#prop-tags").fill("")
    page.locator("#prop-tags").blur()
    opener = page.locator("[popovertarget=menu-status]")
    opener.click()
    actions.solve_ticket(ilya, ticket)
    dispatch_pending()
    expect(page.locator(".ticket-state")).to_contain_text("Solved")
    expect(page.locator("#menu-status")).to_be_visible()
    page.keyboard.press("Escape")
    compare(page, cast.open(cast.marina, f"/tickets/{ticket.number}/?list=mine"))
