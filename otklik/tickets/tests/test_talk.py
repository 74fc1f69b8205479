"""What is said, and what that does to a ticket."""

from __future__ import annotations

import uuid

import pytest

from otklik.core.access import Conflict, Forbidden, Invalid
from otklik.core.events.models import EventRow
from otklik.people.models import Agent
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.tickets.actions import add_note, reply_to_ticket, solve_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Message, Ticket
from otklik.tickets.tests.factories import customer_writes, identity_of, make_ticket, open_for

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


def reply(marina: Agent, ticket: Ticket, text: str = "We are on it.", **details: object) -> Message:
    to = Recipients(to=[identity_of(ticket.requester)])
    return reply_to_ticket(
        actor_of(marina), ticket, words=written_by_hand(text=text), recipients=to, **details
    )


def test_a_new_ticket_has_a_number_a_thread_and_somebody_who_waits() -> None:
    olga = make_customer("Olga Nesterova")
    first, second = make_ticket(olga), make_ticket(olga, "Another")
    assert second.number == first.number + 1
    assert first.status_kind == "new"
    assert first.message_count == 1
    assert first.waiting_since == first.messages.get().created_at
    assert first.snippet.startswith("The pump works")
    assert EventRow.objects.filter(name="ticket.opened", ticket_id=first.pk).count() == 1


def test_a_reply_opens_a_new_ticket_and_gives_it_to_its_writer_and_nobody_waits(
    marina: Agent,
) -> None:
    ticket = make_ticket(make_customer())
    reply(marina, ticket)
    ticket.refresh_from_db()
    assert ticket.status_kind == "open"
    assert ticket.assignee == marina
    assert ticket.waiting_since is None
    assert ticket.last_message_by == "agent"


def test_a_reply_can_leave_the_ticket_waiting_for_the_customer(marina: Agent) -> None:
    ticket = make_ticket(make_customer())
    reply(marina, ticket, status="pending")
    ticket.refresh_from_db()
    assert ticket.status_kind == "pending"


def test_a_customers_reply_reopens_a_solved_ticket_and_a_robots_does_not(marina: Agent) -> None:
    ticket = make_ticket(make_customer())
    solve_ticket(actor_of(marina), ticket)
    customer_writes(ticket, "Out of office", automation="auto_reply")
    ticket.refresh_from_db()
    assert (ticket.status_kind, ticket.waiting_since) == ("solved", None)
    customer_writes(ticket, "It broke again")
    ticket.refresh_from_db()
    assert ticket.status_kind == "open"
    assert ticket.waiting_since is not None


def test_what_a_stranger_wrote_is_hidden_and_reopens_nothing(marina: Agent) -> None:
    ticket = make_ticket(make_customer())
    solve_ticket(actor_of(marina), ticket)
    customer_writes(ticket, "Send me the details", is_hidden=True)
    ticket.refresh_from_db()
    assert ticket.status_kind == "solved"


def test_the_same_reply_sent_twice_is_one(marina: Agent) -> None:
    ticket = make_ticket(make_customer())
    key = uuid.uuid4()
    first = reply(marina, ticket, client_key=key)
    again = reply(marina, ticket, client_key=key)
    assert first == again
    assert ticket.messages.count() == 2


def test_a_reply_that_crosses_a_newer_message_is_shown_it_first(marina: Agent) -> None:
    ticket = make_ticket(make_customer())
    seen = ticket.messages.get().pk
    newer = customer_writes(ticket, "Never mind, it works")
    with pytest.raises(Conflict) as caught:
        reply(marina, ticket, seen_message_id=seen)
    assert caught.value.fields == {"messages": [newer.pk]}
    assert ticket.messages.count() == 2
    reply(marina, ticket, seen_message_id=newer.pk)
    assert ticket.messages.count() == 3


def test_an_agent_writes_notes_and_a_customer_cannot(marina: Agent) -> None:
    olga = make_customer()
    ticket = make_ticket(olga)
    before = ticket.last_message_at
    add_note(actor_of(marina), ticket, words=written_by_hand(text="Same as last May"))
    ticket.refresh_from_db()
    assert ticket.last_message_at == before
    assert ticket.status_kind == "new"
    with pytest.raises(Forbidden):
        add_note(actor_of(olga), ticket, words=written_by_hand(text="hello"))


def test_nothing_to_say_or_nobody_to_say_it_to_is_refused(marina: Agent) -> None:
    ticket = make_ticket(make_customer())
    with pytest.raises(Invalid):
        reply(marina, ticket, text="   ")
    with pytest.raises(Invalid):
        reply_to_ticket(
            actor_of(marina), ticket, words=written_by_hand(text="x"), recipients=Recipients()
        )


def test_a_request_sent_twice_by_a_browser_is_one_ticket() -> None:
    olga = make_customer()
    key = uuid.uuid4()
    first = open_for(olga, client_key=key)
    again = open_for(olga, client_key=key)
    assert first.ticket == again.ticket
    assert first.message == again.message
