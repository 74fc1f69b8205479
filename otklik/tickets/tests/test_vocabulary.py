"""What can be asked of a ticket has the same answer in the database and in memory."""

from __future__ import annotations

import pytest

from otklik.core.access import SYSTEM
from otklik.core.vocabulary import apply_effect
from otklik.core.vocabulary.proving import assert_faces_agree
from otklik.people.tests.factories import (
    actor_of,
    make_agent,
    make_customer,
    make_organisation,
    make_team,
)
from otklik.tickets.actions import (
    assign_ticket,
    follow_ticket,
    mark_as_spam,
    solve_ticket,
    tag_ticket,
    transfer_ticket,
    trash_ticket,
)
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import make_ticket
from otklik.tickets.vocabulary import CONDITIONS

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_both_faces_of_a_condition_agree(condition) -> None:
    olga, marina = make_customer(), make_agent()
    tickets = [make_ticket(olga, f"Number {n}") for n in range(4)]
    assign_ticket(SYSTEM, tickets[0], marina)
    transfer_ticket(SYSTEM, tickets[1], make_team())
    solve_ticket(SYSTEM, tickets[2])
    tag_ticket(SYSTEM, tickets[3], "visit")
    follow_ticket(SYSTEM, tickets[0], marina.person)
    mark_as_spam(SYSTEM, tickets[1])
    trash_ticket(SYSTEM, tickets[3])
    make_ticket(make_customer("Alexey Gromov", organisation=make_organisation()))
    assert_faces_agree(condition, Ticket.objects.all())


def test_an_effect_does_what_its_action_does() -> None:
    ticket = make_ticket(make_customer())
    apply_effect(actor_of(make_agent()), ticket, "ticket.set_status", {"status": "solved"})
    ticket.refresh_from_db()
    assert ticket.status_kind == "solved"
