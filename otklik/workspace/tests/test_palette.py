"""The palette: everything is found in a few letters, and nothing that one may not see."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.people.actions import create_role
from otklik.people.tests.factories import make_agent, make_customer, make_team, user_of
from otklik.tickets.actions import tag_ticket
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.palette.sources import mark, read_asked
from tests.rest.client import program_of

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def _found(client: Client, typed: str, ticket: Ticket | None = None) -> str:
    query = {"q": typed} | ({"ticket": ticket.number} if ticket else {})
    return client.get("/palette/", query, **FRAGMENT).content.decode()  # type: ignore[arg-type]


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_tickets_people_lists_and_settings_are_found_by_their_beginnings(
    at_desk: Client, cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    dispatch_pending()
    assert f"/tickets/{cast.ticket.number}/" in _found(at_desk, "pum")
    assert f"/tickets/{cast.ticket.number}/" in _found(at_desk, f"№ {cast.ticket.number}")
    assert f"/tickets/{cast.ticket.number}/" in _found(at_desk, f"#{cast.ticket.number}")
    people = _found(at_desk, "@nest")
    assert "<mark>Nest</mark>erova" in people
    assert "/tickets/" not in people.replace("/tickets/new", "")
    assert "?list=unassigned" in _found(at_desk, "unass")
    assert "/account/" in _found(at_desk, "my acc")
    assert "/settings/" not in _found(at_desk, "mailb"), "an agent has no settings to find"
    assert customer_client("olga").get("/palette/", {"q": "pump"}).status_code == 404


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_a_foreign_ticket_is_neither_found_nor_offered_to_be_changed(cast: SimpleNamespace) -> None:
    role = create_role(SYSTEM, name="Returns", permissions=["tickets.view_team"])
    lone = make_agent("Lone Wolf", teams=[make_team("Returns")], roles_held=[role.code])
    Ticket.objects.filter(pk=cast.ticket.pk).update(team=cast.service)
    dispatch_pending()
    client = Client()
    client.force_login(user_of(lone))
    assert str(cast.ticket.number) not in _found(client, "pump")
    assert "Assign" not in _found(client, "ilya", cast.ticket)


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_a_program_finds_the_same_within_its_rights(cast: SimpleNamespace) -> None:
    dispatch_pending()
    found = program_of(cast.marina).get("/palette", q="pum").json()
    assert [group["name"] for group in found][:1] == ["tickets"]
    assert found[0]["items"][0]["label"] == cast.ticket.subject
    narrow = program_of(cast.marina, scopes=["people.view"])
    assert narrow.get("/palette", q="#pum").json() == []


def test_acts_carry_their_value(at_desk: Client, cast: SimpleNamespace) -> None:
    tag_ticket(cast.actor, cast.ticket, "pump")
    offered = _found(at_desk, "assign ily", cast.ticket)
    assert f'action="/tickets/{cast.ticket.number}/assignee/"' in offered
    # The same keys with the Russian layout: "assign ily", "priority urg"; and its subject.
    assert f'action="/tickets/{cast.ticket.number}/assignee/"' in _found(
        at_desk, "фыышпт шдн", cast.ticket
    )
    assert 'value="40"' in _found(at_desk, "зкшщкшен гкп", cast.ticket)
    tagged = _found(at_desk, "warranty", cast.ticket)
    assert 'name="tags" value="pump,warranty"' in tagged
    mine = _found(at_desk, "pump", cast.ticket)
    assert "Add the tag" not in mine, "it has that one"
    assert "New tag" not in mine
    assert "/tickets/new/?subject=warranty" in tagged
    tag_ticket(cast.actor, make_ticket(make_customer("Vera Kim")), "warranty")
    both = _found(at_desk, "warr", cast.ticket)
    assert "Add the tag “<mark>warr</mark>anty”" in both
    assert (
        both.index("Add the tag") < both.index("New ticket “warr”") < both.index("New tag “warr”")
    )
    assert "New tag" not in _found(at_desk, "Warranty", cast.ticket), "no twins"
    program = program_of(cast.marina)
    groups = program.get("/palette", q="warr", ticket=cast.ticket.number).json()
    assert (
        [group["name"] for group in groups if group["creates"]] == [groups[-1]["name"]] == ["new"]
    )


def test_marks_what_was_typed_and_escapes_the_rest(cast: SimpleNamespace) -> None:
    assert mark("<b>Ёлка & ель", ("елк",)) == "&lt;b&gt;<mark>Ёлк</mark>а &amp; ель"
    asked = read_asked(cast.actor, "> " + "я" * 900)
    assert (asked.only, len(asked.text)) == ("acts", 198)
    assert not read_asked(cast.actor, "").fits("anything")


@pytest.mark.screen
@pytest.mark.django_db(transaction=True)
def test_ctrl_k_opens_finds_acts_and_gives_the_caret_back(
    chromium: Browser, live_server: LiveServer, cast: SimpleNamespace, at_desk: Client
) -> None:
    make_ticket(make_customer("Vera Kim"), subject="Grinder is loud")
    dispatch_pending()
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in at_desk.cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/tickets/{cast.ticket.number}/?list=all")
    opener = page.locator("[data-row]").first
    opener.focus()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Ticket, person, list, setting or act")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("solv")
    expect(page.get_by_role("option", name="Solve").first).to_be_visible()
    # What there is comes first: making a tag or a ticket called so is offered below it.
    expect(page.get_by_role("option").last).to_have_text("New tag “solv”")
    field.fill("ыщдм")
    expect(page.get_by_role("option", name="Solve").first).to_be_visible()

    field.fill("assign ilya")
    page.keyboard.press("Enter")
    expect(page.get_by_text("assignee Ilya Vetrov")).to_be_visible()
    assert Ticket.objects.get(pk=cast.ticket.pk).assignee.person == cast.ilya.person

    page.keyboard.press("Control+k")
    page.keyboard.type("grind")
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-head")).to_contain_text("Grinder is loud")
    context.close()
