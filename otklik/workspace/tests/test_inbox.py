from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.core.access import SYSTEM
from otklik.people.actors import actor_for_user
from otklik.tickets.actions import assign_ticket, solve_ticket
from otklik.tickets.actions.sorting import create_category
from otklik.tickets.models import Ticket
from otklik.tickets.queries import Filters
from otklik.tickets.queries.unread import find_unread
from otklik.tickets.tests.factories import customer_writes, make_ticket
from otklik.workspace.queries.navigation import count_lists, spell_count
from otklik.workspace.queries.rows import list_rows

FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def test_agents_get_the_inbox_customers_the_portal_and_nobody_the_sign_in(
    at_desk: Client, customer_client: Callable[[str], Client]
) -> None:
    assert at_desk.get("/").headers["Location"] == "/tickets/"
    assert customer_client("olga").get("/").headers["Location"].startswith("/portal/")
    assert Client().get("/").headers["Location"].startswith("/sign-in/")


def test_an_agent_sees_the_list_a_customer_finds_nothing(
    at_desk: Client, customer_client: Callable[[str], Client]
) -> None:
    page = at_desk.get("/tickets/?list=all")
    assert page.status_code == 200
    assert "does not heat water" in page.content.decode()
    assert customer_client("olga").get("/tickets/").status_code == 404
    assert Client().get("/tickets/").status_code == 302


def test_lists_hold_what_they_say(at_desk: Client, cast: SimpleNamespace) -> None:
    other = make_ticket(cast.alexey, "The till prints nothing")
    assign_ticket(SYSTEM, cast.ticket, cast.marina)
    solved = make_ticket(cast.olga, "A filter every three months")
    solve_ticket(SYSTEM, solved)
    words = {
        name: at_desk.get(f"/tickets/?list={name}").content.decode()
        for name in ("mine", "unassigned", "all", "solved")
    }
    assert "does not heat" in words["mine"]
    assert other.subject not in words["mine"]
    assert other.subject in words["unassigned"]
    assert "does not heat" not in words["unassigned"]
    assert solved.subject not in words["all"]
    assert solved.subject in words["solved"]


def test_filters_narrow_and_nonsense_is_refused_in_words(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    assert "does not heat" in at_desk.get("/tickets/?list=all&priority=20").content.decode()
    assert "does not heat" not in at_desk.get("/tickets/?list=all&priority=40").content.decode()
    assert at_desk.get("/tickets/?list=nowhere").status_code == 422
    assert at_desk.get("/tickets/?list=all&cursor=nonsense").status_code == 422
    assert at_desk.get("/tickets/filters/?list=all").status_code == 200


def test_a_page_of_rows_costs_few_queries(cast: SimpleNamespace) -> None:
    for number in range(60):
        make_ticket(cast.olga, f"Ticket {number}")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = list_rows(cast.actor, Filters(list="all"))
        counts = count_lists(cast.actor)
    assert len(found.rows) == 50
    assert found.next
    assert counts["all"] == "61"
    assert len(queries) <= 6


def test_the_next_page_goes_on_where_the_first_ended(cast: SimpleNamespace) -> None:
    for number in range(55):
        make_ticket(cast.olga, f"Ticket {number}")
    first = list_rows(cast.actor, Filters(list="all"))
    second = list_rows(cast.actor, Filters(list="all"), cursor=first.next)
    numbers = [row.number for row in [*first.rows, *second.rows]]
    assert len(numbers) == len(set(numbers)) == 56
    assert second.next == ""


def test_counts_are_bounded() -> None:
    assert spell_count(999) == "999"
    assert spell_count(1000) == "999+"


def test_a_ticket_is_unread_until_its_last_message_is_read(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    ticket = Ticket.objects.get(pk=cast.ticket.pk)
    assert find_unread(cast.actor, [ticket]) == {ticket.pk}
    at_desk.get(f"/tickets/{ticket.number}/")
    assert find_unread(cast.actor, [ticket]) == {ticket.pk}  # a GET writes nothing
    last = ticket.messages.order_by("-id")[0]
    at_desk.post(f"/tickets/{ticket.number}/reading/", {"message": last.pk})
    assert find_unread(cast.actor, [ticket]) == set()
    customer_writes(ticket)
    ticket.refresh_from_db()
    assert find_unread(cast.actor, [ticket]) == {ticket.pk}


@pytest.mark.parametrize("target", ["rows", "more", "list", "nav-lists"])
def test_pieces_come_without_the_page_around(at_desk: Client, target: str) -> None:
    answer = at_desk.get("/tickets/?list=all", HTTP_HX_TARGET=target, **FRAGMENT)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer.headers["Vary"]


def test_the_navigation_counted_anew_still_knows_its_list(at_desk: Client) -> None:
    lists = at_desk.get("/tickets/?list=all", HTTP_HX_TARGET="nav-lists", **FRAGMENT)
    assert 'hx-get="/tickets/?list=all"' in lists.content.decode()
    page = at_desk.get("/account/").content.decode()
    assert 'data-live-url="/tickets/?list=mine&amp;here="' in page
    address = "/tickets/?list=mine&here="  # as asked by a page that is no list
    for here, current in (("", 0), ("reminders", 1)):
        drawn = at_desk.get(address + here, HTTP_HX_TARGET="nav-lists", **FRAGMENT).content.decode()
        assert drawn.count("aria-current") == current
        assert f'hx-get="/tickets/?list=mine&amp;here={here}"' in drawn


def test_a_ticket_opens_beside_its_list(at_desk: Client) -> None:
    rows = at_desk.get("/tickets/?list=all", HTTP_HX_TARGET="rows", **FRAGMENT).content.decode()
    assert rows.count('data-row hx-boost="true" hx-target="#main"') == rows.count("data-row")


def test_a_bulk_change_reports_what_could_not_change_and_can_be_undone(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    other = make_ticket(cast.alexey)
    ids = f"{cast.ticket.pk},{other.pk}"
    assert at_desk.get(f"/tickets/bulk/?tickets={ids}").status_code == 200
    done = at_desk.post(
        "/tickets/bulk/", {"tickets": ids, "priority": "30", "assignee": "me"}, **FRAGMENT
    )
    assert done.status_code == 200
    ranks = set(Ticket.objects.values_list("priority", "assignee_id"))
    assert ranks == {(30, cast.marina.pk)}
    undo = done.headers["HX-Trigger"].split('"undo": "')[1].split('"')[0]
    at_desk.post(undo, **FRAGMENT)
    assert set(Ticket.objects.values_list("priority", "assignee_id")) == {(20, None)}
    heat = create_category(SYSTEM, name="Heating")
    sorted_out = {"kind": "incident", "category": str(heat.pk), "tag": "vip", "snooze": "answer"}
    at_desk.post("/tickets/bulk/", {"tickets": ids, **sorted_out}, **FRAGMENT)
    row = Ticket.objects.get(pk=other.pk)
    assert (row.kind, row.category_id) == ("incident", heat.pk)
    assert row.snoozed_until is not None
    assert [tag.name for tag in row.tags.all()] == ["vip"]
    back = {"category": "none", "untag": "VIP", "team": "none"}
    at_desk.post("/tickets/bulk/", {"tickets": ids, **back}, **FRAGMENT)
    row.refresh_from_db()
    assert (row.category_id, row.team_id, row.tags.count()) == (None, None, 0)
    wrong = at_desk.post("/tickets/bulk/", {"tickets": ids, "kind": "nonsense"}, **FRAGMENT)
    assert wrong.status_code == 422
    at_desk.post(f"/tickets/{other.number}/trash/", {"value": "on"})
    report = at_desk.post(
        "/tickets/bulk/", {"tickets": ids, "status": _status("solved")}, **FRAGMENT
    )
    assert f"№&nbsp;{other.number}" in report.content.decode()
    nothing = at_desk.post("/tickets/bulk/", {"tickets": ids}, **FRAGMENT)
    assert nothing.status_code == 422


def _status(kind: str) -> int:
    from otklik.tickets.doors import default_status

    return default_status(kind).pk


@pytest.mark.parametrize("sees", ["all", "a team"])
def test_counting_begins_with_what_waits_and_never_with_every_talk(
    cast: SimpleNamespace, sees: str
) -> None:
    actor = actor_for_user(cast.marina.person.user)
    if sees == "a team":
        actor = replace(actor, scopes=frozenset({"staff", f"team:{cast.service.pk}"}))
    with CaptureQueriesContext(connection) as asked:
        count_lists(actor)
    with connection.cursor() as cursor:
        plans = [_plan(cursor, asked[-1]["sql"])]  # with what other tests may have measured
        cursor.execute("ANALYZE")
        plans.append(_plan(cursor, asked[-1]["sql"]))
    for plan in plans:
        assert "tickets_waitingreply" in plan
        assert "SCAN tickets_thread" not in plan


def _plan(cursor: Any, sql: str) -> str:
    word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    cursor.execute(f"{word} {sql}")
    return "\n".join(str(row[-1]) for row in cursor.fetchall())
