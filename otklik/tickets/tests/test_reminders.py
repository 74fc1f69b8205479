"""Reminders come once and to one person; pins and followers are for all who work here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.core.access import Forbidden, Invalid, Missing
from otklik.core.events.models import EventRow
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.queries import find_last_operation
from otklik.people.models import Agent
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.tickets.actions import (
    add_note,
    change_reminder,
    drop_reminder,
    follow_ticket,
    pin_message,
    see_reminder,
    set_reminder,
    unfollow_ticket,
    unpin_message,
)
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Follower, Message, Reminder, Ticket
from otklik.tickets.queries import Filters, get_page, get_timeline
from otklik.tickets.tasks import remind
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture
def marina() -> Agent:
    return make_agent("Marina")


@pytest.fixture
def ilya() -> Agent:
    return make_agent("Ilya")


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket(make_customer())


def told(name: str = "ticket.reminder_due") -> int:
    return EventRow.objects.filter(name=name).count()


def pass_time(reminder: Reminder) -> None:
    due = timezone.now() - timedelta(seconds=1)
    Reminder.objects.filter(pk=reminder.pk).update(due_at=due)


def test_a_reminder_is_told_once_for_each_time_set_and_stands_until_it_is_seen(
    ticket: Ticket, marina: Agent
) -> None:
    me, soon = actor_of(marina), timezone.now() + timedelta(hours=1)
    call, ask = (set_reminder(me, ticket, soon, note=each) for each in ("Call Olga", ""))
    remind()
    assert told() == 0
    pass_time(call)
    remind()
    remind()
    assert told() == 1
    mine = Reminder.objects.visible_to(me)
    assert (list(mine.due()), list(mine.coming())) == ([call], [ask])
    change_reminder(me, call, at=soon)
    assert not mine.due()
    pass_time(call)
    remind()
    assert told() == 2
    see_reminder(me, call)
    assert not mine.due()
    with pytest.raises(Invalid):
        set_reminder(me, ticket, timezone.now() - timedelta(minutes=1))
    for _number in range(19):
        set_reminder(me, ticket, soon)
    with pytest.raises(Invalid):
        set_reminder(me, ticket, soon)


def test_a_reminder_is_nobody_elses_and_dropping_it_is_undone(
    ticket: Ticket, marina: Agent, ilya: Agent
) -> None:
    me = actor_of(marina)
    made = set_reminder(me, ticket, timezone.now() + timedelta(hours=1), note="Call Olga")
    assert not Reminder.objects.visible_to(actor_of(ilya)).exists()
    with pytest.raises(Missing):
        drop_reminder(actor_of(ilya), made)
    with pytest.raises(Forbidden):
        set_reminder(actor_of(ticket.requester), ticket, timezone.now() + timedelta(hours=1))
    drop_reminder(me, made)
    pass_time(made)
    remind()
    assert told() == 0
    undo_operation(me, find_last_operation(me))
    remind()
    assert told() == 1
    lines = get_timeline(actor_of(ilya), ticket).entries
    assert not [each for each in lines if each.event and "reminder" in each.event.name]


def test_notes_and_messages_are_pinned_and_unpinned_with_a_way_back(
    ticket: Ticket, marina: Agent
) -> None:
    me, first = actor_of(marina), Message.objects.get(ticket=ticket)
    note = add_note(me, ticket, words=written_by_hand(text="The boiler is ours, the pump is not."))
    for message in (first, note, note):
        pin_message(me, message)
    pinned = Message.objects.filter(pinned_at__isnull=False)
    assert set(pinned) == {first, note}
    unpin_message(me, first)
    undo_operation(me, find_last_operation(me))
    assert set(pinned) == {first, note}
    assert told("message.pinned") == 3
    with pytest.raises(Forbidden):
        unpin_message(actor_of(ticket.requester), first)
    for number in range(8):
        pin_message(me, add_note(me, ticket, words=written_by_hand(text=f"Fact {number}")))
    with pytest.raises(Invalid):
        pin_message(me, add_note(me, ticket, words=written_by_hand(text="One too many")))


def test_colleagues_are_added_as_followers_when_they_may_see_the_ticket(
    ticket: Ticket, marina: Agent, ilya: Agent
) -> None:
    follow_ticket(actor_of(marina), ticket, ilya.person)
    assert get_page(actor_of(ilya), Filters(list="followed")).tickets == [ticket]
    assert get_page(actor_of(marina), Filters(list="followed")).tickets == []
    with pytest.raises(Invalid):
        follow_ticket(actor_of(marina), ticket, make_customer("Alexey Gromov"))
    with pytest.raises(Forbidden):
        unfollow_ticket(actor_of(ticket.requester), ticket, ilya.person)
    unfollow_ticket(actor_of(ilya), ticket, ilya.person)
    assert not Follower.objects.exists()
