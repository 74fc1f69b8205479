"""The field above a list and the dialog beside it say the same query."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from otklik.core.access import SYSTEM
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.vocabulary.language import Query, read_query
from otklik.tickets.actions import change_ticket, tag_ticket
from otklik.tickets.tests.factories import make_ticket
from otklik.tickets.tests.test_query import queries
from otklik.workspace.queries import filter_rows
from tests.rest.client import program_of

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def test_what_is_typed_narrows_the_list_and_nonsense_is_told_beside_the_field(
    at_desk: Client, cast: SimpleNamespace, customer_client: Callable[[str], Client]
) -> None:
    urgent = make_ticket(cast.alexey, "The till prints nothing")
    change_ticket(SYSTEM, urgent, {"priority": 40})
    found = at_desk.get("/tickets/", {"list": "all", "q": "priority>=high"}).content.decode()
    assert urgent.subject in found
    assert cast.ticket.subject not in found
    dispatch_pending()
    both = at_desk.get("/tickets/", {"q": "приоритет>=высокий till"}).content.decode()
    assert urgent.subject in both
    old = at_desk.get("/tickets/", {"list": "all", "priority": "40", "assignee": "0"})
    assert 'value="priority:urgent assignee:none"' in old.content.decode()
    wrong = at_desk.get("/tickets/", {"list": "all", "q": "prioritty:high till"})
    said = wrong.content.decode()
    assert wrong.status_code == 422
    assert "<mark>prioritty:high</mark> till" in said
    assert "q=priority%3Ahigh%20till" in said
    for part in ("rows", "list", "more"):
        piece = at_desk.get("/tickets/", {"q": "status:x"}, HTTP_HX_TARGET=part, **FRAGMENT)
        assert piece.status_code == 422
    long = at_desk.get("/tickets/", {"q": "x" * 2000})
    assert long.status_code == 422
    ticket = at_desk.get(f"/tickets/{urgent.number}/", {"q": "prioritty:high", "list": "all"})
    assert ticket.status_code == 200
    assert customer_client("olga").get("/tickets/filters/").status_code == 404


def test_completions_and_names_of_values_come_in_the_readers_language(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    tag_ticket(SYSTEM, cast.ticket, "visit")

    def offered(text: str) -> str:
        address = "/tickets/filters/completions/"
        return at_desk.get(address, {"q": text, "at": len(text)}, **FRAGMENT).content.decode()

    assert 'data-text="status:"' in offered("sta")
    assert 'data-text="visit" data-start="4"' in offered("tag:vi")
    assert 'data-text="Service"' in offered("team:")
    values = at_desk.get("/options/values/", {"condition": "ticket.assignee", "q": "mar"})
    assert 'data-value="&quot;Marina Kostina&quot;"' in values.content.decode()
    assert at_desk.get("/options/values/?condition=nothing").status_code == 200


def form_of(rows: list[filter_rows.FilterRow]) -> QueryDict:
    """As a browser sends what the dialog shows."""
    given = QueryDict(mutable=True)
    for row in rows:
        given[f"{row.name}-group"] = row.group
        given[f"{row.name}-condition"] = row.condition.name
        given[f"{row.name}-operator"] = row.operator.code
        given[f"{row.name}-was"] = filter_rows.kind_of(row)
        given[f"{row.name}-unit"] = row.unit
        given.setlist(f"{row.name}-value", row.values)
    return given


@pytest.mark.data
def test_programs_ask_the_same_language(cast: SimpleNamespace) -> None:
    urgent = make_ticket(cast.alexey, "The till prints nothing")
    change_ticket(SYSTEM, urgent, {"priority": 40})
    program = program_of(cast.marina)
    found = program.get("/tickets", query="приоритет:срочный").json()
    assert [one["number"] for one in found["items"]] == [urgent.number]
    refused = program.get("/tickets", query="prioritty:urgent")
    assert refused.status_code == 422
    assert "priority:urgent" in refused.content.decode()
    read = program.post("/query", {"text": "team:service till", "language": "ru"}).json()
    assert (read["text"], read["words"]) == ("команда:Service till", "till")
    again = program.post("/query", {"match": read["match"], "words": "till"}).json()
    assert again["text"] == "team:Service till"
    names = {one["name"] for one in program.get("/query/conditions").json()}
    assert {"ticket.status", "ticket.tags", "ticket.requester"} <= names
    assert program.get("/query/completions", text="stat").json()[0]["text"] == "status:"


@pytest.mark.data
def test_rows_and_query_become_each_other_without_loss(cast: SimpleNamespace) -> None:
    ids = [cast.service.pk, cast.marina.pk, cast.olga.pk, 999_999]

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(query=queries(ids))
    def check(query: Query) -> None:
        rows = filter_rows.rows_of(query.match)
        again = filter_rows.read_rows(form_of(rows))
        found, problems = filter_rows.query_from(again, query.words)
        assert not problems
        assert found == query

    check()


def test_the_dialog_works_without_a_script(at_desk: Client) -> None:
    rows = filter_rows.rows_of(read_query("ticket", "status:open updated<2d").match)
    given = form_of(rows)
    page = at_desk.get("/tickets/filters/", {**given.dict(), "rows": "1", "list": "all"})
    assert "status:open updated&lt;2d</textarea>" in page.content.decode()
    more = at_desk.get("/tickets/filters/", {**given.dict(), "rows": "1", "add": "any"})
    assert more.content.decode().count('class="filter-row"') == 4
    shown = at_desk.get(
        "/tickets/filters/", {**given.dict(), "rows": "1", "show": "1", "list": "all"}
    )
    assert shown.headers["Location"] == "/tickets/?list=all&q=status%3Aopen+updated%3C2d"
    wrong = at_desk.get("/tickets/filters/", {"q": "status:x", "show": "1"})
    assert wrong.status_code == 422


@pytest.mark.screen
@pytest.mark.django_db(transaction=True)
def test_marina_types_and_builds_a_query(
    chromium: Browser, live_server: LiveServer, cast: SimpleNamespace, at_desk: Client
) -> None:
    urgent = make_ticket(cast.alexey, "The till prints nothing")
    change_ticket(SYSTEM, urgent, {"priority": 40})
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in at_desk.cookies.items()
        ]
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{live_server.url}/tickets/?list=all")
    page.locator(".row").nth(1).wait_for()
    page.keyboard.press("/")
    page.keyboard.type("prio")
    page.locator("#query-completions .menu-item").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#list-query").input_value() == "priority:"
    page.keyboard.type("urg")
    page.locator('#query-completions [data-text="urgent"]').wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#list-query").input_value() == "priority:urgent "
    page.keyboard.press("Enter")
    page.locator(".query-clear").wait_for()
    assert page.locator(".row").count() == 1
    assert "q=priority%3Aurgent" in page.url
    page.click('[data-dialog-url*="filters"]')
    page.locator("#filter-builder").wait_for()
    page.locator('button[name="add"][value="all"]').click()
    page.select_option("#row-1-condition", "ticket.assignee")
    page.locator("#row-1-operator").wait_for()
    page.select_option("#row-1-operator", "is_empty")
    expect(page.locator("#filter-text")).to_have_value("priority:urgent assignee:none")
    page.fill("#filter-text", "assignee:none status:new")
    page.locator("#row-1-ticketstatusboxes .checkbox:checked").wait_for()
    page.locator(".filter-text .button-primary").click()
    page.wait_for_url("**q=assignee%3Anone+status%3Anew**")
    assert page.locator(".row").count() == 2
    context.close()
