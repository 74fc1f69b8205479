"""Calendars: what an administrator enters is what the arithmetic reckons with."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from otklik.core.access import NOBODY, SYSTEM, Conflict, Forbidden, Invalid
from otklik.desk.actions import DateException, change_calendar, create_calendar
from otklik.desk.calendars import working_hours
from otklik.desk.holidays import holidays_in
from otklik.desk.models import Calendar
from otklik.desk.tests.factories import OFFICE_WEEK, make_calendar
from otklik.kit.working_hours import Span, add_working_minutes, is_open

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_lunch_holidays_and_exceptions_are_reckoned_with():
    calendar = make_calendar(
        week=[["09:00-13:00", "14:00-18:00"]] * 5 + [[], []],
        holiday_country="RU",
        exceptions=[DateException(date(2026, 11, 21), ("10:00-12:00",), "Working Saturday")],
    )
    hours = working_hours(calendar)
    assert hours.spans_on(date(2026, 11, 20)) == (Span(540, 780), Span(840, 1080))
    assert hours.spans_on(date(2026, 11, 4)) == ()  # National Unity Day, a Wednesday
    assert hours.spans_on(date(2026, 11, 21)) == (Span(600, 720),)
    friday_evening = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)  # 17:00 in Moscow
    assert add_working_minutes(hours, friday_evening, 90) == datetime(
        2026, 11, 21, 7, 30, tzinfo=UTC
    )


def test_a_change_of_hours_is_heard_at_once():
    calendar = make_calendar()
    at = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)  # 19:00 in Moscow
    assert not is_open(working_hours(calendar), at)
    change_calendar(SYSTEM, calendar, week=[["09:00-20:00"]] * 7)
    assert is_open(working_hours(calendar), at)
    assert is_open(working_hours(Calendar.objects.get(pk=calendar.pk)), at)


def test_the_same_calendar_costs_no_second_query(django_assert_num_queries):
    calendar = make_calendar()
    working_hours(calendar)
    with django_assert_num_queries(0):
        working_hours(calendar)


def test_around_the_clock_still_knows_exceptions():
    calendar = make_calendar(
        week=[], is_always_open=True, exceptions=[DateException(date(2026, 12, 31))]
    )
    hours = working_hours(calendar)
    assert is_open(hours, datetime(2026, 11, 21, 1, 0, tzinfo=UTC))
    assert not is_open(hours, datetime(2026, 12, 31, 9, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("week", "field"),
    [
        ([["09:00-13:00", "12:00-18:00"]] + [[]] * 6, "week"),
        ([["18:00-09:00"]] + [[]] * 6, "week"),
        ([["09:00-25:00"]] + [[]] * 6, "week"),
        ([[]] * 7, "week"),
        ([["09:00-18:00"]] * 5, "week"),
    ],
)
def test_hours_that_make_no_sense_are_refused(week, field):
    with pytest.raises(Invalid) as raised:
        create_calendar(SYSTEM, name="Office", time_zone="UTC", week=week)
    assert field in raised.value.fields


def test_only_an_administrator_and_only_the_latest_version_changes_hours():
    calendar = make_calendar()
    with pytest.raises(Forbidden):
        change_calendar(NOBODY, calendar, name="Mine")
    change_calendar(SYSTEM, calendar, version=1, name="Day")
    with pytest.raises(Conflict):
        change_calendar(SYSTEM, calendar, version=1, name="Night")
    with pytest.raises(Invalid):
        change_calendar(SYSTEM, calendar, holiday_country="XX")
    with pytest.raises(Invalid):
        change_calendar(SYSTEM, calendar, time_zone="Mars/Phobos")
    assert [len(day) for day in OFFICE_WEEK] == [1, 1, 1, 1, 1, 0, 0]


def test_holidays_have_names_in_the_readers_language():
    assert holidays_in("RU", "", 2026, "ru")[date(2026, 6, 12)] == "День России"
    assert date(2026, 6, 12) not in holidays_in("DE", "BY", 2026)
