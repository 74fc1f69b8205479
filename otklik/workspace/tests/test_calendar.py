"""The calendar: due dates, returns and reminders by day; an empty one says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from otklik.core.access import SYSTEM
from otklik.people.tests.factories import actor_of
from otklik.tickets.actions import assign_ticket, set_reminder
from otklik.tickets.models import Reminder, Ticket
from otklik.tickets.queries import Filters
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.queries.calendar import get_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.data]
FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """What is due in two minutes is due on the same day."""
    tomorrow = timezone.now() + timedelta(days=1)
    with time_machine.travel(tomorrow.replace(hour=12, minute=0), tick=True):
        yield


def test_each_thing_stands_on_its_day(at_desk: Client, cast: SimpleNamespace) -> None:
    empty = at_desk.get("/tickets/?list=all&layout=month").content.decode()
    assert "Nothing is due here" in empty
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    due = make_ticket(cast.alexey, "Due soon")
    Ticket.objects.filter(pk=due.pk).update(next_due_at=noon)
    tomorrow = timezone.now() + timedelta(days=1)
    set_reminder(cast.actor, cast.ticket, tomorrow, note="Call Olga")
    Reminder.objects.update(due_at=noon + timedelta(minutes=1))  # today, at whatever hour it is
    page = at_desk.get("/tickets/?list=all&layout=month").content.decode()
    assert "Due soon" in page
    assert "Call Olga" in page
    assert "Nothing is due here" not in page
    with CaptureQueriesContext(connection) as queries:
        found = get_calendar(cast.actor, Filters(list="all"), "", span="week", at="")
    assert len(queries) <= 6
    today = timezone.localdate()
    words = [(e.words, e.icon) for week in found.weeks for d in week for e in d.entries]
    assert words == [("Due soon", "due"), ("Call Olga", "reminder")]
    assert [d.day for week in found.weeks for d in week if d.is_today] == [today]
    ilya = get_calendar(actor_of(cast.ilya), Filters(list="all"), "", span="month", at="")
    assert [e.icon for week in ilya.weeks for d in week for e in d.entries] == ["due"]
    assign_ticket(SYSTEM, due, cast.ilya)
    mine = get_calendar(cast.actor, Filters(list="mine"), "", span="month", at="")
    assert [e.icon for week in mine.weeks for d in week for e in d.entries] == ["reminder"]


def test_what_does_not_fit_into_a_day_is_a_link_to_all_of_it(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    for number in range(6):
        ticket = make_ticket(cast.olga, f"Visit {number}")
        due = noon + timedelta(minutes=number)
        Ticket.objects.filter(pk=ticket.pk).update(next_due_at=due)
    page = at_desk.get("/tickets/?list=all&layout=month").content.decode()
    today = noon.date().isoformat()
    address = f"/tickets/?list=all&amp;layout=month&amp;span=day&amp;at={today}"
    assert f'href="{address}">and 2 more' in page
    assert "Visit 5" not in page
    whole = at_desk.get(address.replace("&amp;", "&")).content.decode()
    assert all(f"Visit {number}" in whole for number in range(6))
    # Words narrow a calendar as they narrow a list.
    searched = get_calendar(cast.actor, Filters(list="all", q="xyzzy"), "", span="day", at=today)
    assert searched.is_empty


def test_months_and_weeks_follow_each_other(at_desk: Client, cast: SimpleNamespace) -> None:
    found = get_calendar(cast.actor, Filters(list="all"), "", span="month", at="2026-02-17")
    assert (found.before, found.after) == ("2026-01-01", "2026-03-01")
    days = [day for week in found.weeks for day in week]
    assert (days[0].day.isoformat(), days[-1].day.isoformat()) == ("2026-01-26", "2026-03-01")
    week = get_calendar(cast.actor, Filters(list="all"), "", span="week", at="2026-02-17")
    assert (week.before, week.after, len(week.weeks)) == ("2026-02-10", "2026-02-24", 1)
    for query in ("at=2026-02-17&span=week", "at=nonsense", "at=9999-99-99", "q=status:x"):
        page = at_desk.get(f"/tickets/?list=all&layout=month&{query}")
        assert page.status_code == (422 if "q=" in query else 200)
    piece = at_desk.get("/tickets/?list=all&layout=month", HTTP_HX_TARGET="calendar", **FRAGMENT)
    assert "<html" not in piece.content.decode()
    assert 'id="calendar"' in piece.content.decode()
