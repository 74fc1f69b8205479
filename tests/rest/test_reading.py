"""What one has read, what is due and how full the lists are, by programs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from otklik.core.access import SYSTEM
from otklik.people.models import User
from otklik.people.tests.factories import make_agent, make_customer
from otklik.tickets.actions import assign_ticket
from otklik.tickets.models import Message, ReadMark, Ticket
from otklik.tickets.tests.factories import customer_writes, make_ticket
from tests.rest.client import Program, program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_what_is_read_by_a_program_is_read_and_never_read_less_later() -> None:
    marina, olga = make_agent("Marina"), make_customer()
    ticket = make_ticket(olga)
    due = datetime(2031, 5, 6, 12, tzinfo=UTC)
    Ticket.objects.filter(pk=ticket.pk).update(next_due_at=due)
    assign_ticket(SYSTEM, ticket, marina)
    user = User.objects.create(email="olga@u.example", person=olga)
    program, customer = program_of(marina), Program(user)
    path = f"/tickets/{ticket.number}"
    one = program.get(path).json()
    assert (one["is_unread"], one["due_at"]) == (True, "2031-05-06T12:00:00Z")
    theirs = customer.get(path).json()
    assert (theirs["is_unread"], theirs["due_at"]) == (False, None)

    first = Message.objects.filter(ticket=ticket).latest("pk").pk
    second = customer_writes(ticket, "Any news?").pk
    assert program.send("PUT", f"{path}/reading", {"message": first}).status_code == 204
    assert program.get(path).json()["is_unread"]
    assert program.send("PUT", f"{path}/reading").status_code == 204
    program.send("PUT", f"{path}/reading", {"message": first})
    assert ReadMark.objects.get().message_id == second
    for row in (
        program.get("/tickets").json()["items"][0],
        program.get("/board").json()["columns"][0]["cards"][0],
    ):
        assert (row["number"], row["is_unread"]) == (ticket.number, False)
    elsewhere = make_ticket(olga, "Another")
    strange = Message.objects.get(ticket=elsewhere).pk
    assert program.send("PUT", f"{path}/reading", {"message": strange}).status_code == 422
    assert customer.send("PUT", f"{path}/reading").status_code == 404

    lists = {row["name"]: row["count"] for row in program.get("/lists").json()}
    assert (lists["mine"], lists["unassigned"], lists["all"]) == ("1", "1", "2")
    assert customer.get("/lists").status_code == 404
