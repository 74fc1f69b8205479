"""What is put off is in no list of open tickets until its time comes or the customer answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid
from otklik.core.events.models import EventRow
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.queries import find_last_operation
from otklik.core.vocabulary import apply_effect
from otklik.people.models import Agent
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.tickets.actions import (
    assign_ticket,
    reopen_ticket,
    snooze_ticket,
    solve_ticket,
    wake_ticket,
)
from otklik.tickets.columns import LIST_COLUMNS, compute_columns
from otklik.tickets.models import Ticket
from otklik.tickets.queries import Filters, get_page
from otklik.tickets.snoozing import UNTIL_ANSWER, list_presets
from otklik.tickets.tasks import wake_snoozed
from otklik.tickets.tests.factories import customer_writes, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


@pytest.fixture
def ticket(marina: Agent) -> Ticket:
    made = make_ticket(make_customer())
    return assign_ticket(SYSTEM, made, marina)


def lists_of(agent: Agent, ticket: Ticket) -> set[str]:
    names = ("mine", "all", "snoozed", "solved", "any")
    pages = {name: get_page(actor_of(agent), Filters(list=name)).tickets for name in names}
    return {name for name, rows in pages.items() if ticket in rows}


def reasons(ticket: Ticket) -> list[str]:
    rows = EventRow.objects.filter(name="ticket.woken", ticket_id=ticket.pk).order_by("id")
    return [row.data["reason"] for row in rows]


def come(ticket: Ticket) -> None:
    """Its time comes."""
    Ticket.objects.filter(pk=ticket.pk).update(snoozed_until=timezone.now() - timedelta(seconds=1))


def test_a_ticket_is_away_until_its_time_and_comes_back_once(ticket: Ticket, marina: Agent) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    snooze_ticket(actor_of(marina), ticket, tomorrow)
    assert lists_of(marina, ticket) == {"snoozed", "any"}
    ticket.refresh_from_db()
    assert compute_columns(ticket) == {name: getattr(ticket, name) for name in LIST_COLUMNS}
    wake_snoozed()
    assert lists_of(marina, ticket) == {"snoozed", "any"}
    come(ticket)
    wake_snoozed()
    wake_snoozed()
    assert lists_of(marina, ticket) == {"mine", "all", "any"}
    assert reasons(ticket) == ["due"]
    assert wake_ticket(SYSTEM, ticket, reason="due").woken_why == "due"


def test_the_customers_answer_brings_it_back_and_a_machines_does_not(
    ticket: Ticket, marina: Agent
) -> None:
    snooze_ticket(actor_of(marina), ticket, None)
    assert Ticket.objects.get().snoozed_until == UNTIL_ANSWER
    customer_writes(ticket, "I am away until Monday", automation="auto_reply")
    wake_snoozed()
    assert "snoozed" in lists_of(marina, ticket)
    customer_writes(ticket, "It works again")
    assert lists_of(marina, ticket) == {"mine", "all", "any"}
    assert reasons(ticket) == ["answer"]


def test_solving_and_giving_it_to_another_bring_it_back(ticket: Ticket, marina: Agent) -> None:
    ilya = make_agent("Ilya")
    later = timezone.now() + timedelta(hours=2)
    snooze_ticket(actor_of(marina), ticket, later)
    assign_ticket(actor_of(marina), ticket, ilya)
    assert lists_of(ilya, ticket) == {"mine", "all", "any"}
    snooze_ticket(actor_of(ilya), ticket, later)
    assign_ticket(actor_of(marina), ticket, None)
    assign_ticket(actor_of(marina), ticket, marina)
    assert "snoozed" in lists_of(marina, ticket)  # who takes it knows
    solve_ticket(actor_of(marina), ticket)
    assert lists_of(marina, ticket) == {"solved", "any"}
    assert reasons(ticket) == ["assigned", "finished"]
    with pytest.raises(Invalid):
        snooze_ticket(actor_of(marina), ticket, later)
    undo_operation(actor_of(marina), find_last_operation(actor_of(marina)))
    assert "snoozed" in lists_of(marina, ticket)
    reopen_ticket(actor_of(marina), ticket)


def test_snoozing_is_undone_and_crossing_and_senseless_times_are_refused(
    ticket: Ticket, marina: Agent
) -> None:
    me, now = actor_of(marina), timezone.now()
    snooze_ticket(me, ticket, now + timedelta(hours=1), was=None)
    with pytest.raises(Conflict):
        snooze_ticket(me, ticket, now + timedelta(hours=2), was=None)
    undo_operation(me, find_last_operation(me))
    assert lists_of(marina, ticket) == {"mine", "all", "any"}
    assert reasons(ticket) == ["undo"]
    for senseless in (now - timedelta(minutes=5), now + timedelta(days=1000)):
        with pytest.raises(Invalid):
            snooze_ticket(me, ticket, senseless)
    with pytest.raises(Forbidden):
        snooze_ticket(actor_of(ticket.requester), ticket, now + timedelta(hours=1))
    apply_effect(me, ticket, "ticket.snooze", {"until": "monday"})
    until = Ticket.objects.get().snoozed_until
    assert until is not None
    assert until > now


def test_presets_follow_the_clock_of_who_asks_and_the_desks_calendar(ticket: Ticket) -> None:
    calendar = ticket.brand.calendar
    with timezone.override(ZoneInfo("Asia/Yekaterinburg")):
        # Friday, 4 December 2026, 20:30 there.
        late = {
            each.code: each.at
            for each in list_presets(calendar, now=datetime(2026, 12, 4, 15, 30, tzinfo=UTC))
        }
        early = {
            each.code: each.at
            for each in list_presets(calendar, now=datetime(2026, 12, 7, 4, 0, tzinfo=UTC))
        }
        local = {code: timezone.localtime(at) for code, at in late.items()}
    assert list(late) == ["hour", "tomorrow", "monday"]
    assert list(early) == ["hour", "evening", "tomorrow", "monday"]
    assert local["tomorrow"].date().isoformat() == "2026-12-05"
    assert local["monday"].date().isoformat() >= "2026-12-07"


def test_the_look_for_what_is_due_is_the_index_of_what_is_put_off(ticket: Ticket) -> None:
    due = Ticket.objects.filter(snoozed_until__lte=timezone.now()).order_by("snoozed_until", "id")
    plan = due.values("pk")[:10].explain()
    assert connection.vendor != "sqlite" or "tickets_snoozed" in plan, plan
