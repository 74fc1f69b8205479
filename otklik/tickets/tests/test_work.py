"""Who works a ticket, what it says about itself, and taking things back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.core import search
from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid, Missing
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.events.models import EventRow
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.queries import find_last_operation, get_operation
from otklik.core.search.models import SearchDocument
from otklik.people.models import Agent
from otklik.people.tests.factories import actor_of, make_agent, make_customer, make_team
from otklik.tickets.actions import (
    assign_ticket,
    change_many,
    change_status,
    change_ticket,
    close_ticket,
    reopen_ticket,
    restore_ticket,
    set_tags,
    solve_ticket,
    tag_ticket,
    transfer_ticket,
    trash_ticket,
)
from otklik.tickets.columns import LIST_COLUMNS, compute_columns
from otklik.tickets.models import Tag, Ticket
from otklik.tickets.tasks import close_solved
from otklik.tickets.tests.factories import customer_writes, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket(make_customer())


def test_a_customer_sees_their_own_ticket_and_nobody_elses(ticket: Ticket) -> None:
    olga, alexey = ticket.requester, make_customer("Alexey Gromov")
    unproven = make_customer("Olga Nesterova", "olga@typed.example", is_verified=False)
    hers = make_ticket(unproven)
    assert list(Ticket.objects.visible_to(actor_of(olga))) == [ticket]
    assert not Ticket.objects.visible_to(actor_of(alexey)).exists()
    assert not Ticket.objects.visible_to(actor_of(unproven)).filter(pk=hers.pk).exists()
    with pytest.raises(Missing):
        solve_ticket(actor_of(alexey), ticket)


def test_a_customer_marks_their_ticket_solved_and_may_do_no_more(ticket: Ticket) -> None:
    olga = actor_of(ticket.requester)
    solve_ticket(olga, ticket)
    ticket.refresh_from_db()
    assert ticket.status_kind == "solved"
    with pytest.raises(Forbidden):
        close_ticket(olga, ticket)
    with pytest.raises(Forbidden):
        change_ticket(olga, ticket, {"priority": 40})


def test_a_crossing_change_of_the_same_field_is_shown_and_not_overwritten(
    ticket: Ticket, marina: Agent
) -> None:
    change_ticket(actor_of(marina), ticket, {"priority": 40}, was={"priority": 20})
    with pytest.raises(Conflict) as caught:
        change_ticket(actor_of(marina), ticket, {"priority": 30}, was={"priority": 20})
    assert caught.value.fields == {"priority": 40}
    ilya = make_agent("Ilya")
    assign_ticket(actor_of(marina), ticket, ilya, was=None)
    with pytest.raises(Conflict):
        assign_ticket(actor_of(marina), ticket, marina, was=None)
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.assignee) == (40, ilya)


def test_a_version_that_is_old_is_refused(ticket: Ticket, marina: Agent) -> None:
    seen = ticket.version
    change_ticket(actor_of(marina), ticket, {"kind": "incident"}, version=seen)
    with pytest.raises(Conflict):
        change_ticket(actor_of(marina), ticket, {"kind": "question"}, version=seen)


def test_values_that_make_no_sense_change_nothing(ticket: Ticket, marina: Agent) -> None:
    for values in ({"priority": 7}, {"kind": "riddle"}, {"subject": "  "}, {"number": 1}):
        with pytest.raises(Invalid):
            change_ticket(actor_of(marina), ticket, values)


def test_a_transfer_tells_its_reason_and_frees_the_ticket(ticket: Ticket, marina: Agent) -> None:
    second = make_team("Service", line=2)
    assign_ticket(actor_of(marina), ticket, marina)
    transfer_ticket(actor_of(marina), ticket, second, reason="needs a visit")
    ticket.refresh_from_db()
    assert (ticket.team, ticket.assignee) == (second, None)
    row = EventRow.objects.get(name="ticket.transferred", ticket_id=ticket.pk)
    assert ticket.messages.get(pk=row.event.note_id).body.text == "needs a visit"
    assert "needs a visit" not in str(row.data)


def test_every_change_can_be_taken_back_unless_somebody_changed_it_since(
    ticket: Ticket, marina: Agent
) -> None:
    actor = actor_of(marina)
    solve_ticket(actor, ticket)
    done = find_last_operation(actor)
    undo_operation(actor, done)
    ticket.refresh_from_db()
    assert (ticket.status_kind, ticket.solved_at) == ("new", None)
    change_ticket(actor, ticket, {"priority": 40})
    raised = find_last_operation(actor)
    change_ticket(actor, ticket, {"priority": 10})
    with pytest.raises(Conflict):
        undo_operation(actor, raised)
    with pytest.raises(Forbidden):
        undo_operation(actor_of(ticket.requester), raised)


def test_spellings_of_a_tag_are_one_tag(ticket: Ticket, marina: Agent) -> None:
    actor = actor_of(marina)
    assert tag_ticket(actor, ticket, "Счёт") == tag_ticket(actor, ticket, "счет ")
    assert Tag.objects.count() == 1
    set_tags(actor, ticket, ["выезд", "E-07"])
    assert sorted(tag.key for tag in ticket.tags.all()) == ["e-07", "выезд"]


def test_the_trash_hides_a_ticket_and_gives_it_back(ticket: Ticket, marina: Agent) -> None:
    trash_ticket(actor_of(marina), ticket)
    ticket.refresh_from_db()
    assert not ticket.is_unfinished
    assert not Ticket.objects.visible_to(actor_of(ticket.requester)).exists()
    restore_ticket(actor_of(marina), ticket)
    ticket.refresh_from_db()
    assert ticket.is_unfinished


def test_many_tickets_change_at_once_and_all_go_back(marina: Agent) -> None:
    olga = make_customer()
    tickets = [make_ticket(olga, f"Number {n}") for n in range(12)]
    trash_ticket(actor_of(marina), tickets[0])
    ids = [ticket.pk for ticket in tickets]
    report = change_many(actor_of(marina), ids, solve_ticket, name="tickets.bulk_solve")
    assert report.changed == 11
    assert list(report.failures) == [tickets[0].number]
    operation = get_operation(actor_of(marina), report.operation_id)
    undo_operation(actor_of(marina), operation)
    assert Ticket.objects.filter(pk__in=ids, status_kind="new").count() == 12
    with pytest.raises(Forbidden):
        change_many(actor_of(olga), ids, solve_ticket, name="tickets.bulk_solve")


def test_solved_tickets_close_when_their_brand_says(ticket: Ticket, marina: Agent) -> None:
    solve_ticket(actor_of(marina), ticket)
    fresh = make_ticket(ticket.requester, "Fresh")
    solve_ticket(actor_of(marina), fresh)
    long_ago = timezone.now() - timedelta(days=ticket.brand.close_after_days, minutes=1)
    Ticket.objects.filter(pk=ticket.pk).update(solved_at=long_ago)
    close_solved()
    ticket.refresh_from_db()
    fresh.refresh_from_db()
    assert (ticket.status_kind, fresh.status_kind) == ("closed", "solved")


def test_list_columns_are_what_the_rows_say_after_any_course_of_events(marina: Agent) -> None:
    from otklik.tickets.tests.test_talk import reply

    ticket = make_ticket(make_customer())
    steps = (
        lambda: reply(marina, ticket, status="pending"),
        lambda: customer_writes(ticket, "Still cold"),
        lambda: customer_writes(ticket, "Hello?"),
        lambda: customer_writes(ticket, "Away", automation="auto_reply"),
        lambda: change_status(actor_of(marina), ticket, "on_hold"),
        lambda: solve_ticket(actor_of(marina), ticket),
        lambda: reopen_ticket(actor_of(marina), ticket),
        lambda: customer_writes(ticket, "Thanks"),
        lambda: trash_ticket(actor_of(marina), ticket),
        lambda: restore_ticket(actor_of(marina), ticket),
    )
    for step in steps:
        step()
        now = Ticket.objects.select_related("status").get(pk=ticket.pk)
        assert compute_columns(now) == {name: getattr(now, name) for name in LIST_COLUMNS}


def test_a_ticket_is_found_by_its_new_subject_and_a_priority_writes_no_document(
    ticket: Ticket,
) -> None:
    dispatch_pending()
    written = SearchDocument.objects.get(kind="ticket", object_id=ticket.pk).indexed_at
    change_ticket(SYSTEM, ticket, {"priority": 40, "kind": "problem"})
    dispatch_pending()
    assert SearchDocument.objects.get(kind="ticket", object_id=ticket.pk).indexed_at == written
    change_ticket(SYSTEM, ticket, {"subject": "Zanzibar"})
    dispatch_pending()
    assert [hit.object_id for hit in search.find("ticket", "zanzibar", scopes=["staff"])] == [
        ticket.pk
    ]
