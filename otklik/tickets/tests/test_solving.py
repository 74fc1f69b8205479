"""Every door that solves asks the same: a required checklist that is not done, parts that are open.

Dasha may solve despite a checklist, Marina may not; both may solve a whole whose parts are open.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from otklik.core.access import SYSTEM, Actor, Forbidden, Invalid
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.events.models import EventRow
from otklik.desk.tests.factories import make_mailbox
from otklik.notify.models import Notification
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, make_customer
from otklik.tickets.actions import (
    change_many,
    change_status,
    link_tickets,
    reopen_ticket,
    reply_to_ticket,
    solve_ticket,
)
from otklik.tickets.actions.checklists import add_checklist
from otklik.tickets.actions.releasing import release
from otklik.tickets.actions.waiting import To, send_or_wait
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.bulk import begin_bulk
from otklik.tickets.bulk.running import run_bulk
from otklik.tickets.contract import Recipients
from otklik.tickets.effects import with_despite
from otklik.tickets.models import BulkAct, ChecklistItem, Message, Ticket, WaitingReply
from otklik.tickets.solving import Despite, count_hindered, parts_first
from otklik.tickets.tests.factories import identity_of, make_ticket, open_for
from otklik.tickets.typed import Typed

pytestmark = [pytest.mark.django_db, pytest.mark.data]

TOLD = {
    "open_parts": ("ticket.parts_overridden", "part_ids"),
    "open_items": ("checklist.overridden", "item_ids"),
}
KNOWN = {"open_parts": Despite(parts=True), "open_items": Despite(checklists=True)}
SOLVE = [{"effect": "ticket.set_status", "params": {"status": "solved"}}]


@pytest.fixture
def dasha() -> Actor:
    return actor_of(make_administrator())


@pytest.fixture
def ticket() -> Ticket:
    return open_for(make_customer(), account=make_mailbox()).ticket


def hinder(ticket: Ticket, code: str) -> int:
    """The id of what is open."""
    if code == "open_parts":
        part = make_ticket(ticket.requester, "Part")
        link_tickets(SYSTEM, part, ticket, "child")
        return part.pk
    held = add_checklist(SYSTEM, ticket, name="Paying", items=["Pay"], is_required=True)
    return ChecklistItem.objects.get(checklist=held).pk


def passed_over(ticket: Ticket, code: str) -> list[tuple[int | None, str, list[int]]]:
    """Who solved it all the same, for whom that is to be seen, and what was open; each time."""
    name, ids = TOLD[code]
    rows = EventRow.objects.filter(ticket_id=ticket.pk, name=name).order_by("id")
    return [(row.actor_id, row.audience, row.data[ids]) for row in rows]


def anew(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def reply(actor: Actor, ticket: Ticket, **more: Any) -> Message:
    words, to = written_by_hand(text="It is mended."), [identity_of(ticket.requester)]
    return reply_to_ticket(actor, ticket, words=words, recipients=Recipients(to=to), **more)


def later(actor: Actor, ticket: Ticket, **more: Any) -> WaitingReply:
    kept = send_or_wait(
        actor,
        ticket,
        typed=Typed("<p>It is mended.</p>"),
        to=To(to=[identity_of(ticket.requester).value]),
        status="solved",
        undo_seconds=10,
        client_key=uuid4(),
        **more,
    )
    assert isinstance(kept, WaitingReply)
    return kept


def leave(row: WaitingReply) -> Message | None:
    WaitingReply.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(seconds=6))
    return release(row.pk)


@pytest.mark.parametrize("code", KNOWN)
def test_each_door_refuses_in_words_and_does_it_when_that_is_meant_and_tells_that(
    code: str, ticket: Ticket, dasha: Actor
) -> None:
    open_id = hinder(ticket, code)
    for door in (
        lambda: solve_ticket(dasha, ticket),
        lambda: change_status(dasha, ticket, "closed"),
        lambda: reply(dasha, ticket, status="solved"),
        lambda: later(dasha, ticket),
    ):
        with pytest.raises(Invalid) as refused:
            door()
        assert refused.value.code == code
    assert not Message.objects.filter(ticket=ticket, direction="out").exists()
    known = KNOWN[code]
    assert passed_over(ticket, code) == []
    assert reply(dasha, ticket, status="solved", despite=known)
    assert anew(ticket).is_finished
    reopen_ticket(dasha, ticket)
    assert leave(later(dasha, ticket, despite=known))
    assert anew(ticket).is_finished
    reopen_ticket(dasha, ticket)
    report = change_many(dasha, [ticket.pk], solve_ticket, name="tickets.bulk")
    assert list(report.failures) == [ticket.number]
    for steps, changed in ((SOLVE, 0), (with_despite(SOLVE, known), 1)):
        act = begin_bulk(dasha, [ticket.pk], steps)
        run_bulk(act_id=act.pk)
        done = BulkAct.objects.get(pk=act.pk)
        assert (done.changed, done.failed) == (changed, 1 - changed)
    assert anew(ticket).is_finished
    reopen_ticket(dasha, ticket)
    change_status(dasha, ticket, "closed", despite=Despite(checklists=True, parts=True))
    told = passed_over(ticket, code)
    assert told == [(dasha.person_id, "staff", [open_id])] * 4  # reply, later reply, many, alone
    other = make_ticket(ticket.requester)
    hinder(other, code)
    assert solve_ticket(actor_of(other.requester), other).is_finished  # not theirs to do
    plain = make_ticket(ticket.requester)
    change_status(dasha, plain, "solved", despite=known)  # nothing was open
    assert passed_over(other, code) == passed_over(plain, code) == []


def test_who_may_not_pass_a_checklist_over_passes_it_over_in_no_door(ticket: Ticket) -> None:
    marina = actor_of(make_agent("Marina"))
    hinder(ticket, "open_items")
    for door in (
        lambda: change_status(marina, ticket, "solved", despite=KNOWN["open_items"]),
        lambda: reply(marina, ticket, status="solved", despite=KNOWN["open_items"]),
        lambda: later(marina, ticket, despite=KNOWN["open_items"]),
    ):
        with pytest.raises(Forbidden):
            door()


@pytest.mark.parametrize("code", KNOWN)
def test_words_leave_also_when_solving_is_refused_by_then_and_their_author_is_told(
    code: str, ticket: Ticket
) -> None:
    marina = actor_of(make_agent("Marina"))
    row = later(marina, ticket)
    hinder(ticket, code)
    assert leave(row)
    assert not anew(ticket).is_finished
    kept = EventRow.objects.get(name="reply.status_kept")
    assert kept.data["reason"] == code
    dispatch_pending()
    assert Notification.objects.filter(person_id=marina.person_id, topic=kept.name).exists()


def test_what_is_solved_together_asks_about_nothing_that_is_solved_with_it(
    ticket: Ticket, dasha: Actor
) -> None:
    hinder(ticket, "open_parts")
    part = Ticket.objects.get(subject="Part")
    link_tickets(SYSTEM, make_ticket(ticket.requester, "Part of a part"), part, "child")
    deep = Ticket.objects.get(subject="Part of a part")
    other = make_ticket(ticket.requester, "Another")
    ids = [ticket.pk, part.pk, other.pk, deep.pk]
    assert parts_first(ids) == [other.pk, deep.pk, part.pk, ticket.pk]
    assert count_hindered(dasha, ids) == (0, 2)
    assert count_hindered(actor_of(make_customer("Alexey Gromov")), ids) == (0, 0)
    assert change_many(dasha, ids, solve_ticket, name="tickets.bulk").changed == 4


@pytest.mark.parametrize("code", KNOWN)
def test_a_duplicate_that_nobody_can_be_asked_about_stays_open_and_says_why(
    code: str, ticket: Ticket, dasha: Actor
) -> None:
    copy, plain = make_ticket(ticket.requester, "Copy"), make_ticket(ticket.requester, "Plain")
    for one in (copy, plain):
        link_tickets(dasha, one, ticket, "duplicate", is_followed=True)
    hinder(copy, code)
    solve_ticket(dasha, ticket)
    dispatch_pending()
    assert anew(plain).is_finished
    assert not anew(copy).is_finished
    told = EventRow.objects.get(name="ticket.duplicate_kept")
    assert (told.ticket_id, told.data["other_id"]) == (copy.pk, ticket.pk)
    assert told.data["reason"] == code
