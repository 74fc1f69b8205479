"""Messages become a ticket of their own, and go back whole."""

from __future__ import annotations

import pytest

from otklik.core.access import Conflict, Forbidden, Invalid
from otklik.core.operations.actions import undo_operation
from otklik.people.models import Agent, Person
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.tickets.actions import (
    add_note,
    add_participant,
    hash_external_id,
    merge_tickets,
    receive_message,
    split_ticket,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Message, ParticipantRole, Thread, Ticket, TicketLink
from otklik.tickets.queries import list_messages
from otklik.tickets.tests.factories import customer_writes, identity_of, make_ticket
from otklik.tickets.tests.test_merging import anew, assert_columns_right, said, writes

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


@pytest.fixture
def olga() -> Person:
    return make_customer("Olga Nesterova")


def test_a_second_matter_gets_a_ticket_and_goes_back_with_all_that_came_there(
    marina: Agent, olga: Person
) -> None:
    me = actor_of(marina)
    ticket = make_ticket(olga, text="It is cold.")
    second = customer_writes(ticket, "And an invoice is wrong.", external_id="<two@polden.example>")
    note = add_note(me, ticket, words=written_by_hand(text="For accounting."))
    new, operation = split_ticket(me, ticket, [second.pk, note.pk], subject="Invoice")
    assert (new.subject, new.requester, new.status_kind) == ("Invoice", olga, "new")
    assert (said(ticket), said(new)) == (
        ["It is cold."],
        ["And an invoice is wrong.", "For accounting."],
    )
    assert TicketLink.objects.filter(ticket=new, other=ticket, kind="split").exists()
    answered = Message.objects.get(external_hash=hash_external_id("<two@polden.example>"))
    assert answered.thread.ticket == new
    assert [row.pk for row in list_messages(actor_of(olga), new)] == [second.pk]
    assert_columns_right(ticket, new)
    writes(new, olga, "Number 17.")
    undo_operation(me, operation)
    assert said(new) == []
    assert said(ticket) == [
        *("It is cold.", "And an invoice is wrong.", "For accounting.", "Number 17.")
    ]
    assert anew(new).merged_into == ticket
    assert not TicketLink.objects.filter(kind="split").exists()
    writes(new, olga, "Still there?")
    assert said(ticket)[-1] == "Still there?"
    assert_columns_right(ticket, new)


def test_what_a_colleague_wrote_becomes_theirs_and_the_others_do_not_see_it(
    marina: Agent, olga: Person
) -> None:
    me, alexey = actor_of(marina), make_customer("Alexey Gromov")
    ticket = make_ticket(olga, text="It is cold.")
    thread = ticket.threads.get(is_main=True)
    add_participant(me, thread, identity_of(alexey), role=ParticipantRole.CC, is_confirmed=True)
    his = receive_message(
        me,
        thread,
        words=written_by_hand(text="My own is cold, too."),
        author=alexey,
        identity=identity_of(alexey),
    )
    new, _operation = split_ticket(me, ticket, [his.pk])
    assert new.requester == alexey
    assert {row.identity.person for row in new.threads.get().participants.all()} == {alexey}
    seen = Ticket.objects.visible_to(actor_of(olga))
    assert not seen.filter(pk=new.pk).exists()
    assert list_messages(actor_of(olga), new) == []


def test_what_cannot_be_split_is_refused_and_a_later_merge_is_undone_first(
    marina: Agent, olga: Person
) -> None:
    me = actor_of(marina)
    ticket, other = make_ticket(olga), make_ticket(olga)
    first = ticket.messages.get()
    with pytest.raises(Invalid, match="stays"):
        split_ticket(me, ticket, [first.pk])
    with pytest.raises(Invalid):
        split_ticket(me, ticket, [other.messages.get().pk])
    with pytest.raises(Invalid):
        split_ticket(me, ticket, [])
    second = customer_writes(ticket)
    apart = Thread.objects.create(
        ticket=ticket, channel="email", audience="staff", is_main=False, subject="To the plumber"
    )
    Message.objects.filter(pk=second.pk).update(thread=apart)
    with pytest.raises(Invalid, match="third party"):
        split_ticket(me, ticket, [second.pk])
    Message.objects.filter(pk=second.pk).update(thread=first.thread)
    with pytest.raises(Forbidden):
        split_ticket(actor_of(olga), ticket, [second.pk])
    new, split = split_ticket(me, ticket, [second.pk])
    merge = merge_tickets(me, other, [new])
    with pytest.raises(Conflict, match=str(other.number)):
        undo_operation(me, split)
    undo_operation(me, merge)
    undo_operation(me, split)
    assert ticket.messages.count() == 2
