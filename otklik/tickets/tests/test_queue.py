"""Give me the next: the most urgent ticket one may take, never the same to two."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from otklik.core.access import Actor, Forbidden
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.queries import find_last_operation
from otklik.people.tests.factories import actor_of, make_agent, make_customer, make_team
from otklik.tickets.actions import assign_ticket, pend_ticket, take_next
from otklik.tickets.models import Ticket
from otklik.tickets.queries import queue
from otklik.tickets.tests.factories import make_ticket
from tests.services import PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def waiting(ticket: Ticket, minutes: int) -> Ticket:
    since = timezone.now() - timedelta(minutes=minutes)
    Ticket.objects.filter(pk=ticket.pk).update(waiting_since=since)
    return ticket


def test_the_most_urgent_of_ones_teams_comes_first_then_who_waits_longest() -> None:
    service, sales = make_team("Service"), make_team("Sales")
    marina, ilya = make_agent("Marina", teams=[service]), make_agent("Ilya", teams=[sales])
    olga = make_customer()
    lately = waiting(make_ticket(olga, "lately"), 5)
    long = waiting(make_ticket(olga, "long", team=service), 50)
    urgent = waiting(make_ticket(olga, "urgent", priority=40), 1)
    theirs = waiting(make_ticket(olga, "theirs", team=sales, priority=40), 90)
    assign_ticket(actor_of(ilya), waiting(make_ticket(olga, "taken", priority=40), 99), ilya)
    pend_ticket(actor_of(ilya), waiting(make_ticket(olga, "waits for them", priority=40), 99))

    assert [take_next(actor_of(marina)) for _ in range(4)] == [urgent, long, lately, None]
    assert {row.assignee_id for row in Ticket.objects.filter(pk__in=[urgent.pk])} == {marina.pk}
    assert take_next(actor_of(ilya)) == theirs
    with pytest.raises(Forbidden):
        take_next(actor_of(olga))


def test_undo_gives_it_back_and_the_next_one_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    marina, ilya = make_agent("Marina"), make_agent("Ilya")
    ticket = make_ticket(make_customer())
    assert take_next(actor_of(marina)) == ticket
    assert take_next(actor_of(ilya)) is None
    done = find_last_operation(actor_of(marina))
    assert done is not None
    undo_operation(actor_of(marina), done)
    # A rule of a room above: capacity refuses, skills narrow.
    monkeypatch.setattr(queue, "_rules", {})
    queue.register_queue_rule("capacity", queue.QueueRule(refuse=lambda actor: "Enough for now."))
    with pytest.raises(Forbidden, match=r"Enough for now\."):
        take_next(actor_of(ilya))
    skilled = queue.QueueRule(narrow=lambda actor, rows: rows.exclude(language=""))
    queue.register_queue_rule("capacity", skilled)
    assert take_next(actor_of(ilya)) is None
    queue._rules.clear()
    assert take_next(actor_of(ilya)) == ticket


def test_fifty_agents_who_ask_at_once_get_fifty_different_tickets() -> None:
    names = [f"Agent {number}" for number in range(50)]
    actors = [actor_of(make_agent(name, email=f"{name[6:]}@desk.example")) for name in names]
    olga = make_customer()
    tickets = {make_ticket(olga, f"Ticket {number}").pk for number in range(45)}
    given: list[int | None] = []
    refused: list[BaseException] = []
    begin = threading.Barrier(len(actors))

    def ask(actor: Actor) -> None:
        begin.wait(timeout=PATIENCE)
        try:
            found = take_next(actor)
            given.append(found.pk if found else None)
        except BaseException as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=2 * PATIENCE)
    assert refused == []
    got = [pk for pk in given if pk is not None]
    assert len(got) == len(set(got)) == len(tickets) == 45
    assert given.count(None) == 5
    assert Ticket.objects.filter(assignee__isnull=True).count() == 0
    assert Ticket.objects.values("assignee").distinct().count() == 45
