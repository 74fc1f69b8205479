"""Who is told what of tickets: those whom it concerns and who want it, never of their own doing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.core.access import SYSTEM, Origin
from otklik.core.db import write
from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.events.models import EventRow
from otklik.notify.actions import choose_topics, read_all, read_thing
from otklik.notify.models import Notification
from otklik.notify.queries import count_unread, group_notices, list_notifications, show_notices
from otklik.notify.topics import Ways
from otklik.people.actions import deactivate_agent
from otklik.people.tests.factories import actor_of, make_agent, make_customer, make_team
from otklik.tickets.actions import (
    add_note,
    assign_ticket,
    follow_ticket,
    mark_read,
    solve_ticket,
    transfer_ticket,
    trash_ticket,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Message, Ticket
from otklik.tickets.models.reminder import Reminder
from otklik.tickets.notifying import topics
from otklik.tickets.notifying.hearing import hear
from otklik.tickets.tests.factories import customer_writes, make_ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture
def desk() -> SimpleNamespace:
    service, office = make_team("Service"), make_team("Office")
    made = SimpleNamespace(
        service=service,
        office=office,
        marina=make_agent("Marina", teams=[service]),
        ilya=make_agent("Ilya", teams=[service]),
        anna=make_agent("Anna", teams=[office]),
        olga=make_customer("Olga Nesterova"),
    )
    made.ticket = make_ticket(made.olga)
    dispatch_pending()
    return made


def told(agent) -> list[tuple[str, int]]:
    dispatch_pending()
    rows = Notification.objects.filter(person_id=agent.person_id).order_by("event_id")
    return list(rows.values_list("topic", "thing_id"))


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_whom_it_concerns_is_told_once_and_nobody_of_their_own_doing(desk) -> None:
    ticket, marina = desk.ticket, actor_of(desk.marina)
    assign_ticket(actor_of(desk.ilya), ticket, desk.marina)
    follow_ticket(marina, fresh(ticket), desk.anna.person)
    customer_writes(ticket, "Any news?")
    add_note(actor_of(desk.ilya), fresh(ticket), words=written_by_hand(text="Parts are here"))
    add_note(marina, fresh(ticket), words=written_by_hand(text="I know"))
    assert told(desk.marina) == [
        (topics.ASSIGNED, ticket.pk),
        (topics.ANSWERED, ticket.pk),
        (topics.NOTED, ticket.pk),
    ]
    assert [topic for topic, _ in told(desk.anna)] == [topics.FOLLOWED, topics.NOTED, topics.NOTED]
    assert told(desk.ilya) == []
    rows = list(EventRow.objects.filter(name="message.received"))
    hear(rows)
    hear(rows)
    assert len(told(desk.marina)) == 3


def test_a_new_ticket_is_told_to_its_team_and_one_for_nobody_to_who_wants_it(desk) -> None:
    choose_topics(actor_of(desk.anna), {topics.NEW_UNASSIGNED: Ways(screen=True)})
    loose = make_ticket(desk.olga, "For nobody")
    ours = make_ticket(desk.olga, "For the service", team=desk.service)
    assert told(desk.anna) == [(topics.NEW_UNASSIGNED, loose.pk)]
    assert told(desk.marina) == [(topics.NEW_IN_TEAM, ours.pk)] == told(desk.ilya)
    transfer_ticket(actor_of(desk.marina), fresh(ours), desk.office)
    assert told(desk.anna)[-1] == (topics.NEW_IN_TEAM, ours.pk)


def test_imports_demo_data_spam_and_who_has_left_are_silent(desk) -> None:
    assign_ticket(SYSTEM, desk.ticket, desk.marina)
    before = told(desk.marina)
    for origin in (Origin.IMPORT, Origin.DEMO, Origin.TRIAL):
        make_ticket(desk.olga, actor=SYSTEM.coming_from(origin), team=desk.service)
    Ticket.objects.filter(pk=desk.ticket.pk).update(spam_at=timezone.now())
    customer_writes(desk.ticket, "Buy now")
    assert told(desk.marina) == before
    Ticket.objects.filter(pk=desk.ticket.pk).update(spam_at=None)
    deactivate_agent(SYSTEM, desk.marina)
    customer_writes(desk.ticket, "Hello?")
    assert told(desk.marina) == before


def test_an_answer_that_reopens_is_told_once_and_an_undelivered_reply_to_its_writer(desk) -> None:
    assign_ticket(SYSTEM, desk.ticket, desk.marina)
    solve_ticket(actor_of(desk.marina), fresh(desk.ticket))
    customer_writes(desk.ticket, "Still broken")
    assert [topic for topic, _ in told(desk.marina)] == [topics.ASSIGNED, topics.ANSWERED]
    choose_topics(actor_of(desk.marina), {topics.ANSWERED: Ways(screen=False)})
    solve_ticket(actor_of(desk.marina), fresh(desk.ticket))
    customer_writes(desk.ticket, "And again")
    assert told(desk.marina)[-1][0] == topics.REOPENED
    words = written_by_hand(text="Done")
    note = add_note(actor_of(desk.ilya), fresh(desk.ticket), words=words)
    dispatch_pending()
    event = EventRow.objects.latest("id")
    failed = EventRow.objects.create(
        name="message.delivery_changed",
        ticket_id=desk.ticket.pk,
        actor_kind="system",
        data={"message_id": note.pk, "old": "queued", "new": "failed"},
    )
    assert event.pk < failed.pk
    assert told(desk.ilya) == [(topics.FAILED, desk.ticket.pk)]


def test_a_reminder_is_told_to_whom_it_reminds_with_their_words(desk) -> None:
    anna = actor_of(desk.anna)
    reminder = Reminder.objects.create(
        ticket=desk.ticket, person=desk.anna.person, due_at=timezone.now(), note="Call at three"
    )
    EventRow.objects.create(
        name="ticket.reminder_due",
        ticket_id=desk.ticket.pk,
        person_id=desk.anna.person_id,
        actor_kind="system",
        data={"reminder_id": reminder.pk},
    )
    assert told(desk.anna) == [(topics.REMINDED, desk.ticket.pk)]
    assert told(desk.ilya) == []
    (notice,) = show_notices(anna, list(list_notifications(anna)))
    assert (notice.line, notice.shown.excerpt, notice.who) == ("Reminder", "Call at three", "")


def test_a_mention_is_told_instead_of_the_note_that_holds_it(desk) -> None:
    assign_ticket(SYSTEM, desk.ticket, desk.marina)
    people = [desk.marina.person_id, desk.ilya.person_id]
    for is_heard_between in (False, True):
        words = written_by_hand(text="@Marina")
        note = add_note(actor_of(desk.ilya), fresh(desk.ticket), words=words)
        if is_heard_between:
            assert told(desk.marina)[-1][0] == topics.NOTED
        EventRow.objects.create(
            name="ticket.mentioned",
            ticket_id=desk.ticket.pk,
            actor_kind="agent",
            actor_id=desk.ilya.person_id,
            data={"message_id": note.pk, "person_ids": people},
        )
        assert [topic for topic, _ in told(desk.marina)][1:] == [topics.MENTIONED] * (
            1 + is_heard_between
        )
    assert told(desk.ilya) == []


def test_what_one_may_no_longer_see_is_neither_shown_nor_counted(desk) -> None:
    assign_ticket(SYSTEM, desk.ticket, desk.marina)
    customer_writes(desk.ticket, "The E-07 again")
    dispatch_pending()
    marina = actor_of(desk.marina)
    groups = group_notices(show_notices(marina, list(list_notifications(marina))))
    assert [each.line for each in groups[0].notices] == ["New answer", "Assigned to you"]
    assert groups[0].newest.who == "Olga Nesterova"
    assert groups[0].newest.shown.excerpt == "The E-07 again"
    assert groups[0].newest.shown.url.endswith(f"#message-{Message.objects.latest('id').pk}")
    assert count_unread(marina) == 2
    assert count_unread(actor_of(desk.ilya)) == count_unread(actor_of(desk.olga)) == 0
    trash_ticket(SYSTEM, fresh(desk.ticket))
    assert count_unread(marina) == 0
    assert show_notices(marina, list(Notification.objects.all())) == []


def test_reading_the_ticket_reads_what_told_of_it_up_to_what_was_seen(desk) -> None:
    assign_ticket(SYSTEM, desk.ticket, desk.marina)
    first = customer_writes(desk.ticket, "One")
    customer_writes(desk.ticket, "Two")
    dispatch_pending()
    marina = actor_of(desk.marina)
    mark_read(marina, fresh(desk.ticket), first)
    assert [row.topic for row in list_notifications(marina, is_unread=True)] == [topics.ANSWERED]
    mark_read(marina, fresh(desk.ticket))
    assert count_unread(marina) == 0
    customer_writes(desk.ticket, "Three")
    dispatch_pending()
    assert read_thing(actor_of(desk.ilya), "ticket", desk.ticket.pk) == 0
    newest = Notification.objects.latest("id").pk
    assert (read_all(marina, up_to=newest - 1), read_all(marina, up_to=newest)) == (0, 1)


def test_fifty_events_cost_as_many_questions_as_one(desk) -> None:
    assign_ticket(SYSTEM, desk.ticket, desk.marina)
    for number in range(50):
        customer_writes(desk.ticket, f"And {number}?")
    rows = list(EventRow.objects.filter(name="message.received").order_by("id"))
    with write():
        Notification.objects.all().delete()

    def cost(some: list[EventRow]) -> int:
        with CaptureQueriesContext(connection) as captured:
            hear(some)
        return len(captured)

    hear(rows[:1])
    few, many = cost(rows[1:2]), cost(rows[2:])
    assert many <= few
    assert Notification.objects.count() == 50
