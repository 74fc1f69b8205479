"""Replies that wait: for undo, for a time, for a mentor. Marina writes, Ilya looks on."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from otklik.core.access import Conflict, Forbidden, Invalid, Missing
from otklik.core.db.briefly import forget
from otklik.core.events.models import EventRow
from otklik.core.jobs.models import Job
from otklik.core.outbox.models import Delivery
from otklik.desk.tests.factories import make_mailbox
from otklik.people.actions import deactivate_agent
from otklik.people.models import Agent
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
)
from otklik.tickets.actions import (
    add_note,
    reply_to_ticket,
    save_draft,
    solve_ticket,
    trash_ticket,
)
from otklik.tickets.actions.releasing import hold_crossed, release, release_overdue
from otklik.tickets.actions.reviewing import approve_reply, return_reply, set_mentor
from otklik.tickets.actions.waiting import (
    To,
    change_waiting,
    hurry_waiting,
    send_or_wait,
    undo_waiting,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Draft, Message, Status, StatusStep, Ticket, WaitingReply
from otklik.tickets.tests.factories import customer_writes, identity_of, open_for
from otklik.tickets.typed import Typed

pytestmark = [pytest.mark.django_db, pytest.mark.data]

WORDS = "<p>Switch it off for <b>20 minutes</b>.</p>"


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


@pytest.fixture
def ticket() -> Ticket:
    return open_for(make_customer(), account=make_mailbox()).ticket


def later(ticket: Ticket, author: Agent, **details: object) -> WaitingReply:
    to = To(to=[identity_of(ticket.requester).value], cc=["master@polden.example"])
    details.setdefault("undo_seconds", 10)
    details.setdefault("client_key", uuid4())
    kept = send_or_wait(
        actor_of(author),
        ticket,
        typed=Typed(str(details.pop("html", WORDS))),
        to=to,
        **details,  # type: ignore[arg-type]
    )
    assert isinstance(kept, WaitingReply)
    return kept


def let_time_pass(row: WaitingReply) -> None:
    now = timezone.now()
    WaitingReply.objects.filter(pk=row.pk).update(due_at=now - timedelta(seconds=6))


def sent(ticket: Ticket) -> list[Message]:
    rows = Message.objects.filter(ticket=ticket, direction="out", is_automatic=False)
    return list(rows.select_related("author"))


def test_a_reply_is_nothing_but_a_row_until_it_leaves_and_leaves_once(
    ticket: Ticket, marina: Agent
) -> None:
    events = EventRow.objects.count()
    row = later(ticket, marina, status="pending")
    job = Job.objects.get(name="tickets.release_reply")
    assert job.run_at == row.due_at
    release(row.pk)  # a job that runs too early does nothing
    assert not sent(ticket)
    assert (EventRow.objects.count(), Delivery.objects.count()) == (events, 0)
    assert Ticket.objects.get(pk=ticket.pk).version == ticket.version
    let_time_pass(row)
    release_overdue()  # its process had died: the schedule finds it
    release(row.pk)
    assert [message.author for message in sent(ticket)] == [marina.person]
    assert sent(ticket)[0].client_key == row.client_key
    assert Delivery.objects.count() == 1
    assert Ticket.objects.get(pk=ticket.pk).status_kind == "pending"
    row.refresh_from_db()
    assert (row.state, row.html, row.recipients) == ("sent", "", {})
    again = send_or_wait(
        actor_of(marina),
        ticket,
        typed=Typed(WORDS),
        to=To(to=["olga@polden.example"]),
        client_key=row.client_key,
    )
    assert isinstance(again, Message)
    with pytest.raises(Conflict):
        undo_waiting(actor_of(marina), row)


def test_undo_gives_the_words_back_above_what_was_begun_meanwhile(
    ticket: Ticket, marina: Agent
) -> None:
    row = later(ticket, marina)
    save_draft(actor_of(marina), ticket, kind="public", html="<p>And one more thing</p>")
    with pytest.raises(Forbidden):
        undo_waiting(actor_of(make_agent("Ilya")), row)
    with pytest.raises(Missing):
        undo_waiting(actor_of(make_customer("Mallory")), row)
    draft = undo_waiting(actor_of(marina), row)
    assert draft is not None
    assert draft.html == f"{WORDS}<hr><p>And one more thing</p>"
    assert draft.recipients["cc"] == ["master@polden.example"]
    let_time_pass(row)
    release(row.pk)
    assert not sent(ticket)
    assert not EventRow.objects.filter(name__startswith="reply.").exists()


def test_what_the_customer_writes_meanwhile_stops_it_unless_it_goes_anyway(
    ticket: Ticket, marina: Agent
) -> None:
    row, sure = later(ticket, marina), later(ticket, marina, goes_anyway=True)
    add_note(actor_of(make_agent("Ilya")), ticket, words=written_by_hand(text="Aside"))
    hold_crossed(ticket.pk)
    row.refresh_from_db()
    assert row.state == "waiting"  # a note crosses nothing
    customer_writes(ticket, "It works again")
    let_time_pass(row)
    let_time_pass(sure)
    release(row.pk)  # also before the desk has heard of the message
    row.refresh_from_db()
    assert (row.state, row.held_for) == ("held", "crossing")
    assert EventRow.objects.get(name="reply.held").person_id == marina.person_id
    release(sure.pk)
    assert len(sent(ticket)) == 1
    release(hurry_waiting(actor_of(marina), row, anyway=True).pk)
    assert len(sent(ticket)) == 2


def test_what_cannot_leave_is_held_and_what_makes_no_sense_is_refused_at_once(
    ticket: Ticket, marina: Agent
) -> None:
    row = later(ticket, marina)
    gone = later(ticket, make_agent("Ilya"))
    trash_ticket(actor_of(marina), ticket)
    let_time_pass(row)
    release(row.pk)
    row.refresh_from_db()
    assert (row.state, row.held_for) == ("held", "refused")
    assert row.held_words
    deactivate_agent(actor_of(make_administrator()), Agent.objects.get(person_id=gone.author_id))
    let_time_pass(gone)
    release(gone.pk)
    gone.refresh_from_db()
    assert gone.state == "held"
    undo_waiting(actor_of(marina), row)
    with pytest.raises(Forbidden):
        later(ticket, marina)
    other = open_for(make_customer()).ticket
    for wrong in (
        {"html": "<p> </p>"},
        {"send_at": timezone.now() - timedelta(seconds=1)},
        {"send_at": timezone.now() + timedelta(days=400)},
    ):
        with pytest.raises(Invalid):
            later(other, marina, **wrong)


def test_a_chosen_time_may_be_changed_hurried_or_cancelled(ticket: Ticket, marina: Agent) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    row = later(ticket, marina, send_at=tomorrow)
    assert EventRow.objects.filter(name="reply.scheduled", ticket_id=ticket.pk).exists()
    with pytest.raises(Forbidden):
        change_waiting(actor_of(make_agent("Ilya")), row, send_at=tomorrow)
    moved = change_waiting(
        actor_of(marina), row, send_at=tomorrow + timedelta(days=1), version=row.version
    )
    with pytest.raises(Conflict):
        change_waiting(actor_of(marina), row, typed=Typed("<p>Else</p>"), version=row.version - 1)
    release(hurry_waiting(actor_of(marina), moved).pk)
    assert len(sent(ticket)) == 1
    # A clock put back an hour: nobody waits an hour for undo.
    quick = later(ticket, marina)
    WaitingReply.objects.filter(pk=quick.pk).update(due_at=timezone.now() + timedelta(hours=1))
    release_overdue()
    assert len(sent(ticket)) == 2


def test_a_trainees_reply_leaves_in_their_name_when_the_mentor_approves(
    ticket: Ticket, marina: Agent
) -> None:
    dasha, ilya, zoya = make_administrator(), make_agent("Ilya"), make_agent("Zoya")
    with pytest.raises(Forbidden):
        set_mentor(actor_of(zoya), zoya, marina)
    for nonsense in (zoya, None):
        if nonsense is not None:
            with pytest.raises(Invalid):
                set_mentor(actor_of(dasha), zoya, nonsense)
    set_mentor(actor_of(dasha), zoya, marina)
    with pytest.raises(Invalid):
        set_mentor(actor_of(dasha), marina, zoya)
    to = Recipients(to=[identity_of(ticket.requester)])
    with pytest.raises(Forbidden) as caught:  # no door goes round it
        reply_to_ticket(actor_of(zoya), ticket, words=written_by_hand(text="Hello"), recipients=to)
    assert caught.value.code == "needs_review"
    row = later(ticket, zoya, undo_seconds=0)
    assert (row.state, row.due_at) == ("review", None)
    for other in (zoya, ilya):
        with pytest.raises(Forbidden):
            approve_reply(actor_of(other), row)
    with pytest.raises(Forbidden):
        hurry_waiting(actor_of(zoya), row)
    with pytest.raises(Invalid):
        return_reply(actor_of(marina), row, comment=" ")
    return_reply(actor_of(marina), row, comment="Say which minutes")
    assert Draft.objects.get(ticket=ticket, author=zoya.person).html == WORDS
    assert Message.objects.filter(ticket=ticket, kind="note").count() == 1
    with pytest.raises(Forbidden):  # what was returned is not approved
        reply_to_ticket(
            actor_of(zoya),
            ticket,
            words=written_by_hand(text="Hello"),
            recipients=to,
            client_key=row.client_key,
        )
    row = later(ticket, zoya)
    approve_reply(actor_of(marina), row, html="<p>Off for 20 minutes</p>", version=row.version)
    release(row.pk)
    (message,) = sent(ticket)
    assert (message.author, message.body.text) == (zoya.person, "Off for 20 minutes")
    told = EventRow.objects.get(name="ticket.replied", ticket_id=ticket.pk)
    assert told.actor_id == zoya.person_id
    approved = EventRow.objects.get(name="reply.approved")
    assert (approved.actor_id, approved.data["is_edited"]) == (marina.person_id, True)
    away = later(ticket, zoya)
    release(approve_reply(actor_of(dasha), away).pk)  # the mentor is away: who may, may
    assert len(sent(ticket)) == 2


def test_only_some_of_a_trainees_replies_wait_and_an_edit_waits_anew(
    ticket: Ticket, marina: Agent
) -> None:
    dasha, zoya = make_administrator(), make_agent("Zoya")
    set_mentor(actor_of(dasha), zoya, marina, scope="first")
    first = later(ticket, zoya)
    assert first.state == "review"
    approve_reply(actor_of(marina), first)
    customer_writes(ticket, "Wait")
    release(first.pk)
    first.refresh_from_db()
    assert first.state == "held"
    sent_again = hurry_waiting(actor_of(zoya), first, anyway=True)
    assert sent_again.state == "review"  # what she approved was before the customer wrote
    release(approve_reply(actor_of(marina), first).pk)
    assert len(sent(ticket)) == 1
    assert later(ticket, zoya).state == "waiting"
    set_mentor(actor_of(dasha), zoya, marina, scope="solving")
    assert later(ticket, zoya, status="open").state == "waiting"
    assert later(ticket, zoya, status="solved").state == "review"
    set_mentor(actor_of(dasha), zoya, None)
    assert later(ticket, zoya, status="solved").state == "waiting"


def test_words_leave_also_when_their_status_may_not_follow_any_more(
    ticket: Ticket, marina: Agent
) -> None:
    row = later(ticket, marina, status="pending")
    solved, closed = (Status.objects.get(code=code) for code in ("solved", "closed"))
    solve_ticket(actor_of(marina), ticket)
    StatusStep.objects.create(status=solved, next=closed)
    forget()
    let_time_pass(row)
    release(row.pk)
    assert len(sent(ticket)) == 1
    assert Ticket.objects.get(pk=ticket.pk).status_kind == "solved"
    assert EventRow.objects.filter(name="reply.status_kept", ticket_id=ticket.pk).exists()
    with pytest.raises(Invalid):  # who sends it off now is told at once
        later(ticket, marina, status="pending")
