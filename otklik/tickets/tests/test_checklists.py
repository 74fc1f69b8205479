"""Checklists: from templates with owners and dates, ticked, undone, required before solving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid, Missing
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.queries import find_last_operation
from otklik.core.vocabulary import apply_effect
from otklik.people.models import Agent
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer
from otklik.people.tests.factories import make_team as a_team
from otklik.tickets.actions import assign_ticket, change_status, solve_ticket
from otklik.tickets.actions.checklist_templates import archive_template, save_template
from otklik.tickets.actions.checklists import (
    add_checklist,
    add_item,
    change_item,
    move_item,
    remove_checklist,
    remove_item,
    tick_item,
)
from otklik.tickets.checklists import list_checklists, list_offered, list_own_items
from otklik.tickets.models import ChecklistItem, ChecklistTemplate, Ticket
from otklik.tickets.solving import Despite
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket(make_customer())


def template(*texts: str, **details: Any) -> ChecklistTemplate:
    items = details.pop("items", None) or [{"text": text} for text in texts]
    return save_template(SYSTEM, None, name="Going out", items=items, **details)


def texts(ticket: Ticket) -> list[str]:
    return [item.text for each in list_checklists(ticket.pk) for item in each.items]


def test_items_fall_to_people_and_teams_with_their_dates(ticket: Ticket, marina: Agent) -> None:
    service, ilya = a_team("Service"), make_agent("Ilya")
    assign_ticket(SYSTEM, ticket, marina)
    made = template(
        items=[
            {"text": "Call", "owner": "assignee", "due_minutes": 120, "hint": "By phone"},
            {"text": "Order", "owner": f"team:{service.pk}"},
            {"text": "Bill", "owner": f"person:{ilya.person_id}", "due_minutes": 60},
        ]
    )
    add_checklist(actor_of(marina), ticket, made)
    call, order, bill = list_checklists(ticket.pk)[0].items
    assert (call.owner_id, order.team_id, bill.owner_id) == (
        marina.person_id,
        service.pk,
        ilya.person_id,
    )
    assert call.due_at is not None
    assert call.due_at - timezone.now() > timedelta(minutes=110)
    assert list(list_own_items(actor_of(marina))) == [call]
    assert list(list_own_items(actor_of(make_agent("Vera", teams=[service])))) == [order]
    assert not list_own_items(actor_of(ticket.requester)).exists()


def test_ticking_keeps_who_and_when_and_everything_is_undone(ticket: Ticket, marina: Agent) -> None:
    me = actor_of(marina)
    own = add_checklist(me, ticket, name="Mine", items=["One", "Two", "Three"])
    one, two, three = list_checklists(ticket.pk)[0].items
    tick_item(me, one)
    tick_item(me, one)
    one.refresh_from_db()
    assert one.done_by_id == marina.person_id
    undo_operation(me, find_last_operation(me))
    one.refresh_from_db()
    assert (one.done_at, one.done_by_id) == (None, None)
    move_item(me, three, -1)
    assert texts(ticket) == ["One", "Three", "Two"]
    undo_operation(me, find_last_operation(me))
    remove_item(me, two)
    add_item(me, own, "Four", owner=marina.person)
    assert texts(ticket) == ["One", "Three", "Four"]
    with pytest.raises(Missing):
        tick_item(me, two)
    remove_checklist(me, own)
    assert list_checklists(ticket.pk) == []
    with pytest.raises(Missing):
        add_item(me, own, "Five")
    undo_operation(me, find_last_operation(me))
    assert texts(ticket) == ["One", "Three", "Four"]
    later = timezone.now() + timedelta(days=1)
    change_item(me, three, text="Third", due_at=later, owner=None)
    undo_operation(me, find_last_operation(me))
    for wrong in ({"text": " "}, {"text": "x" * 301}, {"colour": "red"}):
        with pytest.raises(Invalid):
            change_item(me, three, **wrong)
    with pytest.raises(Missing):
        tick_item(actor_of(make_customer("Alexey Gromov")), three)
    with pytest.raises(Forbidden):
        tick_item(actor_of(ticket.requester), three)


def test_a_ticket_is_solved_when_its_required_checklist_is_done(
    ticket: Ticket, marina: Agent
) -> None:
    me, dasha = actor_of(marina), actor_of(make_administrator())
    apply_effect(
        me, ticket, "ticket.add_checklist", {"template": template("Pay", is_required=True).pk}
    )
    with pytest.raises(Invalid) as refused:
        solve_ticket(me, ticket)
    assert "Pay" in str(refused.value)
    with pytest.raises(Invalid):
        solve_ticket(dasha, ticket)  # the right is not the will
    with pytest.raises(Forbidden):
        change_status(me, ticket, "solved", despite=Despite(checklists=True))
    assert change_status(dasha, ticket, "solved", despite=Despite(checklists=True)).is_finished
    change_status(me, ticket, "open")
    tick_item(me, ChecklistItem.objects.get())
    assert solve_ticket(me, ticket).is_finished
    other = make_ticket(ticket.requester)
    add_checklist(me, other, template("Pay", is_required=True))
    assert solve_ticket(actor_of(other.requester), other).is_finished  # theirs is not ours to tick


def test_templates_come_by_themselves_where_they_are_meant_for(marina: Agent) -> None:
    olga = make_customer()
    incident = template("Look", kinds=["incident"], is_automatic=True)
    everyday = template("Greet")
    leak, question = make_ticket(olga, kind="incident"), make_ticket(olga)
    assert (texts(leak), texts(question)) == (["Look"], [])
    assert list_offered(leak) == [incident, everyday]
    assert set(list_offered(question)) == {incident, everyday}
    with pytest.raises(Forbidden):
        archive_template(actor_of(marina), incident)
    archive_template(SYSTEM, incident)
    assert texts(make_ticket(olga, kind="incident")) == []
    senseless: tuple[dict[str, Any], ...] = (
        {"items": []},
        {"items": [{"text": ""}]},
        {"items": [{"text": "x", "owner": "person:999999"}]},
        {"items": [{"text": "x", "due_minutes": -5}]},
        {"items": [{"text": "x"}], "teams": [999999]},
    )
    for wrong in senseless:
        with pytest.raises(Invalid):
            save_template(SYSTEM, None, **({"name": "New"} | wrong))
    with pytest.raises(Conflict):
        save_template(SYSTEM, everyday, name="Greet", items=[{"text": "Hello"}], version=9)
