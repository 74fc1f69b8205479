"""A query looks at so many tickets and no more, and finds what is there."""

from __future__ import annotations

import itertools
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from otklik.core.access import SYSTEM, Actor
from otklik.core.vocabulary.language import read_query
from otklik.people.tests.factories import (
    actor_of,
    make_agent,
    make_customer,
    make_organisation,
    make_team,
)
from otklik.tickets.actions import (
    assign_ticket,
    change_ticket,
    follow_ticket,
    mark_as_spam,
    tag_ticket,
    transfer_ticket,
    trash_ticket,
)
from otklik.tickets.actions.sorting import create_category
from otklik.tickets.models import Ticket
from otklik.tickets.queries import SORTS, Filters, count_query, get_page, list_tickets, walking
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]

QUERIES = (
    "",
    "unfinished:yes",
    "status:open",
    "status:solved priority:urgent",
    "unfinished:yes assignee:me",
    "unfinished:yes assignee:none priority>=high",
    "unfinished:yes team:service -tag:visit",
    "team:service",
    "tag:visit",
    "tag:visit name:olga",
    "org:polden status:new",
    "requester:olga@polden.example",
    "category:machines",
    "channel:email messages>3",
    "brand:none or created<2d",
    "spam:yes",
    "trash:yes",
    "trash:yes or spam:yes",
    "solved<30d",
    "snoozed:any",
    "address:olga updated>1h company:pol",
    "number:7",
    "follower:me",
    "follower:me subject:number",
    'subject:"number 1"',
)


@pytest.fixture
def desk() -> SimpleNamespace:
    service = make_team("Service")
    marina = make_agent("Marina", teams=[service])
    olga = make_customer(email="olga@polden.example", organisation=make_organisation("Polden"))
    machines = create_category(SYSTEM, name="Machines")
    tickets = [make_ticket(olga, f"Number {n}") for n in range(12)]
    for ticket in tickets[:6]:
        transfer_ticket(SYSTEM, ticket, service)
    for ticket in tickets[4:8]:
        assign_ticket(SYSTEM, ticket, marina)
    for ticket in tickets[::3]:
        tag_ticket(SYSTEM, ticket, "visit")
        change_ticket(SYSTEM, ticket, {"priority": 40, "category_id": machines.pk})
    for ticket in tickets[2:5]:
        follow_ticket(SYSTEM, ticket, marina.person)
    mark_as_spam(SYSTEM, tickets[10])
    trash_ticket(SYSTEM, tickets[11])
    return SimpleNamespace(**locals(), actor=actor_of(marina))


def asked(text: str) -> Filters:
    return Filters(list="any", match=read_query("ticket", text).match)


def numbers(actor: Actor, filters: Filters, **more: object) -> list[str]:
    found: list[str] = []
    cursor = ""
    for _page in range(40):
        page = get_page(actor, filters, size=5, cursor=cursor, **more)
        found += [ticket.subject for ticket in page.tickets]
        cursor = page.next
        if not cursor:
            break
    return found


# All questions are asked of one desk: making it takes longer than asking.
SORTED = (None, SORTS["oldest"], SORTS["created"], SORTS["priority"])


@pytest.mark.parametrize("candidates", [3, 10_000])
def test_page_after_page_everything_that_fits_is_found_once(
    desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, candidates: int
) -> None:
    monkeypatch.setattr(walking, "PAGE_CANDIDATES", candidates)
    for text, sort in itertools.product(QUERIES, SORTED):
        filters = asked(text)
        rows = list_tickets(desk.actor, filters)
        key = (sort or SORTS["newest"]).key
        whole = list(
            rows.order_by(*(("" if sort is SORTS["oldest"] else "-") + k for k in (key, "id")))
        )
        found = numbers(desk.actor, filters, sort=sort)
        road = walking.choose_road(desk.actor, filters.match, key)
        if candidates > 100 or road.key == key:
            assert found == [ticket.subject for ticket in whole], (text, sort)
        else:
            # Along another order than the one asked for it is the newest that are looked at.
            assert set(found) <= {ticket.subject for ticket in whole}, (text, sort)


def test_counting_never_reads_the_table(desk: SimpleNamespace) -> None:
    for text in QUERIES:
        count_without_reading(desk, text)


def count_without_reading(desk: SimpleNamespace, text: str) -> None:
    filters = asked(text)
    question = count_query(desk.actor, filters)
    true = list_tickets(desk.actor, filters).count()
    counted = walking.read_count(walking.run(question.statement)[0], question)
    assert counted == (true, False), text
    assert question.statement is not None
    # Not even one of twelve rows, which would be read sooner than an index.
    plan = walking.explain(question.statement)
    for line in plan:
        assert "Seq Scan on tickets_ticket" not in line, plan
        words = line.replace('"', "").split()
        if words[:1] == ["SCAN"] and words[1] in ("tickets_ticket", "t", "U0", "tickets_tickettag"):
            assert "USING" in words or text == "trash:yes or spam:yes", plan
    assert "LIMIT" in question.statement[0], text


def test_a_count_says_when_it_looked_at_the_newest_only(
    desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "COUNT_CANDIDATES", 4)
    oldest = Ticket.objects.filter(subject="Number 0")
    oldest.update(last_message_at=timezone.now() - timedelta(days=9))
    question = count_query(desk.actor, asked("unfinished:yes priority:urgent"))
    count, is_more = walking.read_count(walking.run(question.statement)[0], question)
    assert is_more
    assert count < 4
    exact = count_query(desk.actor, asked("unfinished:yes team:service"))
    assert exact.is_exact
    assert exact.road.index == "unfinished of a team"
    assert walking.read_count(walking.run(exact.statement)[0], exact) == (6, False)


def test_what_one_may_not_see_is_neither_found_nor_counted(desk: SimpleNamespace) -> None:
    stranger = Actor(kind=desk.actor.kind, person_id=desk.olga.pk + 1000, scopes=frozenset())
    filters = asked("unfinished:yes")
    assert numbers(stranger, filters) == []
    question = count_query(stranger, filters)
    assert walking.run(question.statement)[0][0] == 0
