"""Two agents and a customer at once, in Chromium, over the desk's own front and its sockets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.people.models import Agent
from otklik.people.tests.factories import actor_of, make_agent, make_customer, make_team, user_of
from otklik.tickets.actions import assign_ticket, reply_to_ticket
from otklik.tickets.actions.drafts import merge_into_draft
from otklik.tickets.actions.habits import change_habit
from otklik.tickets.actions.reviewing import return_reply, set_mentor
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Draft, WaitingReply
from otklik.tickets.tests.factories import make_ticket
from tests.services.front import Front, front
from tests.services.seeing import sees

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def served() -> Iterator[Front]:
    with front() as running:
        yield running


@pytest.fixture
def cast(served: Front, chromium: Browser) -> Iterator[SimpleNamespace]:
    service = make_team("Service", line=2)
    marina = make_agent("Marina Kostina", teams=[service])
    ilya = make_agent("Ilya Vetrov", teams=[service])
    for agent in (marina, ilya):
        change_habit(actor_of(agent), undo_seconds=0)  # replies leave at once
    olga = make_customer("Olga Nesterova")
    ticket = make_ticket(olga, team=service)
    other = make_ticket(olga, "Invoice for October", team=service)
    for each in (ticket, other):
        assign_ticket(SYSTEM, each, marina)
    contexts = []

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
        marina=marina, ilya=ilya, olga=olga, ticket=ticket, other=other, open=open_page
    )
    for context in contexts:
        context.close()


def write(page: Page, text: str, kind: str = "public") -> None:
    page.locator(f"#composer [data-write={kind}]").first.click()
    field = page.locator("#composer .ProseMirror")
    field.click()
    field.press_sequentially(text)


def test_two_who_write_at_once_see_each_other_and_no_text_is_lost(cast: SimpleNamespace) -> None:
    address = f"/tickets/{cast.ticket.number}/"
    marina, ilya = cast.open(cast.marina, address), cast.open(cast.ilya, address)
    expect(marina.locator("#presence li")).to_have_text(re.compile("Ilya Vetrov is looking"))
    inbox = cast.open(cast.ilya, "/tickets/?list=all")
    row = inbox.locator(f"#row-{cast.ticket.pk} .row-here")
    expect(row).to_contain_text("Marina Kostina")

    write(ilya, "A mechanic comes at four")
    banner = marina.locator("#collision .banner")
    expect(banner).to_contain_text("Ilya Vetrov is writing a reply")
    expect(ilya.locator("#collision .banner")).to_have_count(0)
    expect(ilya.locator("[data-draft-state]")).to_contain_text("saved")
    banner.get_by_role("link", name="Show their text").click()
    expect(banner.locator(".their-text")).to_contain_text("A mechanic comes at four")
    # What nobody is writing just now is not shown.
    assert marina.request.get(f"{marina.url}writing/{cast.olga.pk}/").status == 404

    write(marina, "Switch it off for a while")
    ilya.locator("#composer button[data-send]").click()
    expect(marina.locator("#timeline")).to_contain_text("A mechanic comes at four")
    expect(marina.locator("#composer .ProseMirror")).to_contain_text("Switch it off for a while")
    expect(banner).to_have_count(0)

    # Hers crosses it: both stand side by side, she goes on, and is not stopped a second time.
    marina.locator("#composer button[data-send]").click()
    texts = marina.locator("#composer-notice .crossing")
    expect(texts).to_have_count(2)
    theirs, hers = texts.nth(0), texts.nth(1)
    expect(theirs).to_contain_text("A mechanic comes at four")
    expect(hers).to_contain_text("Switch it off for a while")
    marina.get_by_role("button", name="Keep writing").click()
    marina.locator("#composer .ProseMirror").press_sequentially(" until then")
    marina.locator("#composer button[data-send]").click()
    expect(marina.locator("#timeline")).to_contain_text("until then")
    ilya.close()
    expect(marina.locator("#presence li")).to_have_count(0)


def test_a_colleague_who_talks_with_the_same_person_elsewhere_is_named(
    cast: SimpleNamespace,
) -> None:
    marina = cast.open(cast.marina, f"/tickets/{cast.ticket.number}/")
    ilya = cast.open(cast.ilya, f"/tickets/{cast.other.number}/")
    expect(marina.locator("#collision .banner")).to_have_count(0)
    write(ilya, "The invoice is on its way")
    banner = marina.locator("#collision .banner")
    expect(banner).to_contain_text("Ilya Vetrov is writing to the same person in another ticket")
    ilya.locator("#composer button[data-send]").click()
    expect(banner).to_contain_text("Ilya Vetrov has answered the same person in another ticket")
    expect(banner.get_by_role("link")).to_have_attribute("href", f"/tickets/{cast.other.number}/")
    # Her own answers elsewhere are no news to her.
    expect(ilya.locator("#collision .banner")).to_have_count(0)
    # So does one that is opened while her page is.
    opened = make_ticket(cast.olga, "And the mill is loud")
    reply_to_ticket(
        actor_of(cast.ilya),
        opened,
        words=written_by_hand(text="Which mill?"),
        recipients=Recipients(to=[opened.requester_identity]),
    )
    dispatch_pending()
    expect(banner.get_by_role("link", name=f"№ {opened.number}")).to_be_visible()


def test_a_draft_that_comes_back_is_shown_where_nothing_is_typed_and_outlives_another_reply(
    cast: SimpleNamespace,
) -> None:
    set_mentor(SYSTEM, cast.ilya, cast.marina)
    ilya = cast.open(cast.ilya, f"/tickets/{cast.ticket.number}/")
    write(ilya, "A mechanic comes")
    ilya.locator("#composer button[data-send]").click()
    expect(ilya.locator(".said-waiting")).to_contain_text("A mechanic comes")
    editor = ilya.locator("#composer .ProseMirror")
    ilya.locator("#timeline").focus()
    return_reply(actor_of(cast.marina), WaitingReply.objects.get(), comment="Say when")
    sees(editor, "A mechanic comes")
    expect(ilya.locator("#timeline")).to_be_focused()
    # What another window typed meanwhile is neither overwritten nor lost by what is sent here.
    draft = Draft.objects.get()
    merge_into_draft(
        cast.ticket.pk,
        cast.ilya.person_id,
        kind="public",
        html="<p>Or she brings it here</p>",
        recipients=draft.recipients,
        uploads=[],
    )
    editor.click()
    ilya.keyboard.type("At four: ")
    ilya.locator("#composer button[data-send]").click()
    expect(ilya.locator(".said-waiting")).to_contain_text("At four")
    expect(editor).to_contain_text("Or she brings it here")
