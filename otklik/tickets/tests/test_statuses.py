"""The company's own statuses, and which may follow which."""

from __future__ import annotations

import pytest

from otklik.core.access import SYSTEM, Forbidden, Invalid
from otklik.people.actors import actor_for_customer
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    user_of,
)
from otklik.tickets.actions import change_status, reply_to_ticket, solve_ticket
from otklik.tickets.actions.statuses import create_status, describe_status, set_steps
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.doors import default_status
from otklik.tickets.models import Status
from otklik.tickets.steps import find_dead_ends, list_next
from otklik.tickets.tests.factories import customer_writes, make_ticket
from tests.rest.client import Program

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_an_own_status_stands_among_its_kind_and_only_who_manages_makes_one() -> None:
    dasha, marina = actor_of(make_administrator()), actor_of(make_agent())
    part = create_status(
        dasha, kind="on_hold", labels={"ru": "Ждём запчасть"}, hint="Until the courier comes"
    )
    rows = [row.code for row in Status.objects.all()]
    assert rows.index(part.code) == rows.index("on_hold") + 1
    assert (part.label("ru"), part.label("en")) == ("Ждём запчасть", "Ждём запчасть")
    assert default_status("on_hold").code == "on_hold"
    ticket = make_ticket(make_customer("Olga"))
    change_status(marina, ticket, part.code)
    ticket.refresh_from_db()
    assert (ticket.status.code, ticket.status_kind) == (part.code, "on_hold")
    with pytest.raises(Forbidden):
        create_status(marina, kind="open", labels={"en": "Mine"})
    with pytest.raises(Invalid):
        create_status(dasha, kind="open", labels={})
    with pytest.raises(Invalid):
        describe_status(dasha, default_status("solved"), is_active=False)


def test_a_status_that_is_offered_no_more_stays_on_its_tickets() -> None:
    dasha, marina = actor_of(make_administrator()), actor_of(make_agent())
    part = create_status(dasha, kind="on_hold", labels={"en": "Waits for a part"})
    ticket = change_status(marina, make_ticket(make_customer("Olga")), part)
    describe_status(dasha, part, is_active=False)
    assert part.pk not in [row.pk for row in list_next(ticket.status_id)]
    with pytest.raises(Invalid):
        change_status(marina, make_ticket(make_customer("Vera")), part.code)
    ticket.refresh_from_db()
    assert ticket.status == part


def test_people_and_programs_keep_to_the_steps_and_customers_and_clocks_do_not() -> None:
    dasha, marina = actor_of(make_administrator()), make_agent()
    check = create_status(dasha, kind="open", labels={"en": "To be checked"})
    opened, solved = default_status("open"), default_status("solved")
    set_steps(dasha, opened, [check])
    set_steps(dasha, check, [solved, opened])
    olga = make_customer("Olga")
    ticket = change_status(SYSTEM, make_ticket(olga), "open")
    with pytest.raises(Invalid, match="To be checked"):
        solve_ticket(actor_of(marina), ticket)
    program = Program(user_of(marina))
    refused = program.send("PATCH", f"/tickets/{ticket.number}", {"status": "solved"})
    assert refused.status_code == 422, refused.content
    taken = program.send("PATCH", f"/tickets/{ticket.number}", {"status": check.code})
    assert taken.json()["status_code"] == check.code
    ticket = solve_ticket(actor_of(marina), ticket)
    set_steps(dasha, solved, [default_status("closed")])
    customer_writes(ticket, "It drips again")
    ticket.refresh_from_db()
    assert ticket.status == opened, "a customer opens what was solved, whatever may follow"
    assert solve_ticket(actor_for_customer(olga), ticket).status == solved
    with pytest.raises(Invalid):
        change_status(actor_of(marina), ticket, "open")


def test_a_kind_is_reached_by_the_status_of_it_that_may_follow() -> None:
    dasha, marina = actor_of(make_administrator()), actor_of(make_agent())
    lent = create_status(dasha, kind="on_hold", labels={"en": "Lent machine"})
    set_steps(dasha, default_status("open"), [lent, default_status("solved")])
    ticket = change_status(SYSTEM, make_ticket(make_customer("Olga")), "open")
    assert change_status(marina, ticket, "on_hold").status == lent


def test_a_reply_is_not_held_up_by_a_step_it_does_not_ask_for() -> None:
    dasha, marina = actor_of(make_administrator()), actor_of(make_agent())
    new = default_status("new")
    set_steps(dasha, new, [default_status("solved")])
    ticket = make_ticket(make_customer("Olga"))
    words = written_by_hand(text="Hello")
    to = Recipients(to=[ticket.requester_identity])
    reply_to_ticket(marina, ticket, words=words, recipients=to)
    ticket.refresh_from_db()
    assert ticket.status == new
    with pytest.raises(Invalid):
        reply_to_ticket(marina, ticket, words=words, recipients=to, status="pending")


def test_steps_that_lead_nowhere_are_named() -> None:
    dasha = actor_of(make_administrator())
    loop = create_status(dasha, kind="open", labels={"en": "Loop"})
    again = create_status(dasha, kind="open", labels={"en": "Again"})
    set_steps(dasha, loop, [again])
    set_steps(dasha, again, [loop])
    assert find_dead_ends(Status.objects.all()) == [loop, again]
    with pytest.raises(Invalid):
        set_steps(dasha, loop, [loop])
    set_steps(dasha, again, None)
    assert find_dead_ends(Status.objects.all()) == []


def test_programs_make_and_order_statuses_within_their_rights() -> None:
    dasha, marina = Program(user_of(make_administrator())), Program(user_of(make_agent()))
    asked = {"kind": "pending", "labels": {"en": "Quote sent"}, "hint": "A price is out"}
    assert marina.send("POST", "/statuses", asked).status_code == 403
    made = dasha.send("POST", "/statuses", asked).json()
    solved = default_status("solved").pk
    changed = dasha.send("PATCH", f"/statuses/{made['id']}", {"next": [solved]}).json()
    assert (changed["next"], changed["hint"]) == ([solved], "A price is out")
    freed = dasha.send("PATCH", f"/statuses/{made['id']}", {"next": None}).json()
    assert freed["next"] is None
    assert made["code"] in [row["code"] for row in marina.get("/statuses").json()]
