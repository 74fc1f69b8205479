"""Who may hear that a ticket has changed, and when it is said."""

from __future__ import annotations

import pytest

from otklik.core.access import NOBODY, SYSTEM
from otklik.core.realtime import wire
from otklik.core.realtime.topics import take_apart
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.tickets.actions import solve_ticket, trash_ticket
from otklik.tickets.doors import ensure_statuses
from otklik.tickets.models import Ticket
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def ticket() -> Ticket:
    ensure_statuses()
    return make_ticket(make_customer("Olga Nesterova"))


def may_hear(actor, ident: str) -> bool:
    found = take_apart(f"ticket:{ident}")
    return found is not None and found[0].may_subscribe(actor, found[1])


def test_the_requester_and_agents_hear_of_a_ticket_and_others_do_not(ticket):
    olga, alexey = ticket.requester, make_customer("Alexey Gromov")
    assert may_hear(actor_of(make_agent("Marina")), str(ticket.pk))
    assert may_hear(actor_of(olga), str(ticket.pk))
    assert not may_hear(actor_of(alexey), str(ticket.pk))
    assert not may_hear(NOBODY, str(ticket.pk))
    for ident in ("999999", "x", "9" * 40):
        assert not may_hear(actor_of(olga), ident)
    trash_ticket(SYSTEM, ticket)
    assert not may_hear(actor_of(olga), str(ticket.pk))


def test_a_change_is_told_with_its_version(ticket, monkeypatch, django_capture_on_commit_callbacks):
    told: list[dict[str, object]] = []
    monkeypatch.setattr(wire, "send", told.append)
    with django_capture_on_commit_callbacks(execute=True):
        solved = solve_ticket(SYSTEM, ticket)
    assert told[-1] == {"topic": f"ticket:{ticket.pk}", "version": solved.version, "event": None}
    kind, ident = take_apart(f"ticket:{ticket.pk}")
    assert kind.current_version(ident) == solved.version
