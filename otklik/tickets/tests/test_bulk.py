"""One act on many tickets: carried out in the background, reported, stopped, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from otklik.core.access import Conflict, Forbidden, Invalid, Missing
from otklik.core.db.holding import Hold
from otklik.core.jobs.models import Job
from otklik.core.operations.actions import undo_operation
from otklik.people.actions import deactivate_agent
from otklik.people.models import Agent
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
)
from otklik.tickets.actions import assign_ticket, change_ticket, trash_ticket
from otklik.tickets.bulk import begin_bulk, begin_undo, cancel_bulk, get_bulk
from otklik.tickets.bulk import running as carrying
from otklik.tickets.bulk.choosing import ids_of_list
from otklik.tickets.bulk.running import run_bulk
from otklik.tickets.models import BulkAct, ItemState, Ticket, TicketTag
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]

RAISE: list[dict[str, Any]] = [
    {"effect": "ticket.set_priority", "params": {"priority": 30}},
    {"effect": "ticket.tag", "params": {"tag": "heating"}},
]


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


@pytest.fixture
def tickets() -> list[Ticket]:
    olga = make_customer()
    return [make_ticket(olga) for _number in range(25)]


def anew(act: BulkAct) -> BulkAct:
    return BulkAct.objects.get(pk=act.pk)


def failures(act: BulkAct) -> dict[int, str]:
    rows = act.items.filter(state=ItemState.FAILED)
    return dict(rows.values_list("ticket_id", "why"))


@pytest.fixture(autouse=True)
def _in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """One job does it all, however busy the machine is."""
    monkeypatch.setattr(carrying, "SECONDS", 120)


def one_turn_of_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(carrying, "SECONDS", 0)
    monkeypatch.setattr(Hold, "has_time", lambda _hold: True)


def test_a_turn_at_writing_ends_when_its_time_is_over_and_the_next_goes_on(
    marina: Agent, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    act = begin_bulk(actor_of(marina), [ticket.pk for ticket in tickets], RAISE)
    monkeypatch.setattr(carrying, "SECONDS", 0)
    monkeypatch.setattr(Hold, "has_time", lambda _hold: False)
    for done in (1, 2, 3):
        run_bulk(act_id=act.pk)
        assert (anew(act).state, anew(act).done, anew(act).changed) == ("running", done, done)
    monkeypatch.setattr(carrying, "SECONDS", 120)
    run_bulk(act_id=act.pk)
    assert (anew(act).state, anew(act).changed) == ("done", 25)


def test_all_are_changed_once_what_could_not_is_told_and_all_is_taken_back(
    marina: Agent, tickets: list[Ticket]
) -> None:
    me = actor_of(marina)
    change_ticket(me, tickets[1], {"priority": 30})
    trash_ticket(me, tickets[2])
    ids = [ticket.pk for ticket in tickets]
    solve = [*RAISE, {"effect": "ticket.set_status", "params": {"status": "solved"}}]
    act = begin_bulk(me, [*ids, ids[0]], solve, title="Evening")
    assert Job.objects.filter(name="tickets.run_bulk").count() == 1
    run_bulk(act_id=act.pk)
    act = anew(act)
    assert (act.state, act.total, act.done, act.changed, act.failed) == ("done", 25, 25, 24, 1)
    assert "trash" in failures(act)[tickets[2].pk]
    tickets[2].refresh_from_db()
    assert tickets[2].priority == 20  # nothing half done
    assert Ticket.objects.filter(priority=30, status_kind="solved").count() == 24
    run_bulk(act_id=act.pk)  # the job again, as after a restart
    assert anew(act).done == 25

    # Somebody took one on since: it stays, and the report says why. The rest goes back.
    assign_ticket(me, tickets[3], marina)
    change_ticket(actor_of(make_agent("Ilya")), tickets[4], {"priority": 40})
    undo = begin_undo(me, act)
    assert begin_undo(me, act) == undo
    run_bulk(act_id=undo.pk)
    undo = anew(undo)
    assert (undo.state, undo.changed, undo.failed) == ("done", 23, 1)
    assert failures(undo) == {tickets[4].pk: "Changed again since, and left alone: priority"}
    assert Ticket.objects.filter(priority=20, status_kind="new").count() == 23
    tickets[1].refresh_from_db()
    assert tickets[1].priority == 30
    assert TicketTag.objects.count() == 1
    assert act.operation is not None
    act.operation.refresh_from_db()
    assert act.operation.undone_at is not None
    undo_operation(me, act.operation)  # taken back already: nothing happens
    assert TicketTag.objects.count() == 1


def test_a_stopped_act_goes_on_where_it_was_and_none_is_changed_twice(
    marina: Agent, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    me = actor_of(marina)
    note = [{"effect": "ticket.note", "params": {"text": "For № {{ticket.number}}"}}]
    act = begin_bulk(me, [ticket.pk for ticket in tickets], note)
    one_turn_of_ten(monkeypatch)
    run_bulk(act_id=act.pk)  # one turn, then others
    assert (anew(act).state, anew(act).done) == ("running", 10)
    assert Job.objects.filter(name="tickets.run_bulk").count() == 2
    # The process dies in the middle of a row: what that transaction did is gone with it.
    calls = []

    def die(row: Any, ticket: Any, change: Any) -> None:
        calls.append(row)
        change(ticket)
        if len(calls) == 3:
            raise KeyboardInterrupt
        row.state = ItemState.CHANGED

    with monkeypatch.context() as dying:
        dying.setattr(carrying, "_run_one", die)
        with pytest.raises(KeyboardInterrupt):
            run_bulk(act_id=act.pk)
    assert anew(act).done == 10
    monkeypatch.setattr(carrying, "SECONDS", 60)
    run_bulk(act_id=act.pk)
    assert (anew(act).state, anew(act).changed) == ("done", 25)
    for ticket in tickets:
        notes = ticket.messages.filter(kind="note").values_list("body__text", flat=True)
        assert list(notes) == [f"For № {ticket.number}"]


def test_it_can_be_stopped_and_what_was_done_taken_back(
    marina: Agent, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    me, ilya = actor_of(marina), actor_of(make_agent("Ilya"))
    act = begin_bulk(me, [ticket.pk for ticket in tickets], RAISE)
    with pytest.raises(Conflict):
        begin_undo(me, act)
    one_turn_of_ten(monkeypatch)
    run_bulk(act_id=act.pk)
    with pytest.raises(Missing):
        cancel_bulk(ilya, act)
    cancel_bulk(me, act)
    run_bulk(act_id=act.pk)
    assert (anew(act).state, anew(act).done) == ("cancelled", 10)
    with pytest.raises(Forbidden):
        begin_undo(ilya, anew(act))
    undo = begin_undo(me, anew(act))
    run_bulk(act_id=undo.pk)
    assert not Ticket.objects.filter(priority=30).exists()


def test_who_may_not_begins_nothing_and_who_lost_the_right_changes_nothing(
    marina: Agent, tickets: list[Ticket]
) -> None:
    me, ids = actor_of(marina), [ticket.pk for ticket in tickets[:3]]
    with pytest.raises(Forbidden):
        begin_bulk(actor_of(tickets[0].requester), ids, RAISE)
    for steps, words in (
        ([], "Choose"),
        ([{"effect": "ticket.nonsense"}], "no such effect"),
        ([{"effect": "ticket.assign", "params": {"agent": 999_999}}], "Assign"),
    ):
        with pytest.raises(Invalid, match=words):
            begin_bulk(me, ids, steps)
    with pytest.raises(Invalid):
        begin_bulk(me, range(1, 10_002), RAISE)  # type: ignore[arg-type]
    act = begin_bulk(me, ids, RAISE)
    marina.person.user.roles.clear()
    run_bulk(act_id=act.pk)
    assert (anew(act).changed, anew(act).failed) == (0, 3)
    with pytest.raises(Missing):
        get_bulk(actor_of(make_agent("Ilya")), act.pk)


def test_who_is_let_go_in_the_middle_changes_nothing_more(
    marina: Agent, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hold, "has_time", lambda _hold: True)
    turn, dasha = carrying._run_step, actor_of(make_administrator())

    def turn_and_let_go(*args: Any) -> bool:
        goes_on = turn(*args)
        deactivate_agent(dasha, marina)
        return goes_on

    monkeypatch.setattr(carrying, "_run_step", turn_and_let_go)
    act = begin_bulk(actor_of(marina), [ticket.pk for ticket in tickets], RAISE)
    run_bulk(act_id=act.pk)
    assert (anew(act).changed, anew(act).failed) == (carrying.STEP, len(tickets) - carrying.STEP)


def test_what_was_named_and_is_gone_refuses_each_ticket_in_words(
    marina: Agent, tickets: list[Ticket]
) -> None:
    me, ilya = actor_of(marina), make_agent("Ilya")
    assign = [{"effect": "ticket.assign", "params": {"agent": ilya.pk}}]
    act = begin_bulk(me, [tickets[0].pk], assign)
    Agent.objects.filter(pk=ilya.pk).update(is_active=False)
    run_bulk(act_id=act.pk)
    assert failures(anew(act))[tickets[0].pk].startswith("Assign:")


def test_a_whole_list_is_chosen_by_its_query(marina: Agent, tickets: list[Ticket]) -> None:
    me = actor_of(marina)
    change_ticket(me, tickets[7], {"priority": 40})
    assert ids_of_list(me, {"list": "all", "priority": "40"}) == [tickets[7].pk]
    assert sorted(ids_of_list(me, {"list": "all"})) == sorted(ticket.pk for ticket in tickets)
    with pytest.raises(Invalid):
        ids_of_list(me, {"list": "nonsense"})
