from datetime import UTC, date, datetime, time, timedelta
from time import thread_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.kit.working_hours import (
    ALL_DAY,
    CLOSED,
    NoOpenTimeError,
    Span,
    WorkingHours,
    add_working_minutes,
    is_open,
    next_closing,
    next_opening,
    working_minutes_between,
    working_seconds_between,
)

OFFICE = (Span.parse("09:00-13:00"), Span.parse("14:00-18:00"))
MOSCOW = WorkingHours(
    "Europe/Moscow",
    (OFFICE,) * 5 + (CLOSED, CLOSED),
    exceptions={
        date(2026, 11, 7): (Span.parse("10:00-12:00"),),  # a working Saturday
        date(2026, 12, 31): CLOSED,
    },
    holidays=frozenset({date(2026, 11, 4)}),
)


def moscow(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Moscow"))


def test_time_runs_over_lunch_nights_and_weekends():
    assert add_working_minutes(MOSCOW, moscow(20, 12, 30), 60) == moscow(20, 14, 30)
    assert add_working_minutes(MOSCOW, moscow(20, 17), 120) == moscow(23, 10)
    assert add_working_minutes(MOSCOW, moscow(21, 3), 1) == moscow(23, 9, 1)


def test_time_used_up_at_closing_ends_at_closing_and_nothing_changes_nothing():
    assert add_working_minutes(MOSCOW, moscow(20, 14), 240) == moscow(20, 18)
    assert add_working_minutes(MOSCOW, moscow(21, 3), 0) == moscow(21, 3)


def test_a_holiday_is_closed_and_a_working_saturday_is_open():
    assert not is_open(MOSCOW, moscow(4, 10))
    assert is_open(MOSCOW, moscow(3, 10))
    assert is_open(MOSCOW, moscow(7, 10))
    assert not is_open(MOSCOW, moscow(7, 12))
    assert next_opening(MOSCOW, moscow(3, 18)) == moscow(5, 9)
    assert next_closing(MOSCOW, moscow(3, 10)) == moscow(3, 13)


def test_holidays_may_be_a_function_and_an_exception_beats_them():
    hours = WorkingHours(
        "UTC", (ALL_DAY,) * 7, {date(2026, 5, 2): ALL_DAY}, lambda day: day.month == 5
    )
    assert not is_open(hours, datetime(2026, 5, 1, 12, tzinfo=UTC))
    assert is_open(hours, datetime(2026, 5, 2, 12, tzinfo=UTC))
    assert is_open(hours, datetime(2026, 6, 1, tzinfo=UTC))


def test_an_hour_that_the_clocks_skip_is_not_worked():
    night = WorkingHours("America/New_York", ((Span.parse("01:00-04:00"),),) * 7)
    start = datetime(2026, 3, 8, 0, 0, tzinfo=ZoneInfo("America/New_York"))
    assert working_minutes_between(night, start, start + timedelta(hours=23)) == 120


def test_an_hour_that_the_clocks_repeat_is_worked_twice():
    night = WorkingHours("America/New_York", ((Span.parse("01:00-01:30"),),) * 7)
    start = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # midnight in New York
    assert working_minutes_between(night, start, start + timedelta(hours=12)) == 60
    assert add_working_minutes(night, start, 31) == datetime(2026, 11, 1, 6, 1, tzinfo=UTC)


def test_a_day_that_a_zone_skipped_has_no_working_time():
    samoa = WorkingHours("Pacific/Apia", (ALL_DAY,) * 7)
    before = datetime(2011, 12, 29, 12, tzinfo=ZoneInfo("Pacific/Apia"))
    after = datetime(2011, 12, 31, 12, tzinfo=ZoneInfo("Pacific/Apia"))
    assert working_minutes_between(samoa, before, after) == 24 * 60


def test_a_calendar_without_open_time_says_so_instead_of_searching():
    never = WorkingHours("UTC", (CLOSED,) * 7)
    always_on_holiday = WorkingHours("UTC", (ALL_DAY,) * 7, holidays=lambda day: True)
    one_day = WorkingHours("UTC", (CLOSED,) * 7, {date(2026, 1, 1): ALL_DAY})
    start = datetime(2026, 1, 1, tzinfo=UTC)
    begun = thread_time()
    for hours in (never, always_on_holiday):
        with pytest.raises(NoOpenTimeError):
            next_opening(hours, start)
    with pytest.raises(NoOpenTimeError):
        add_working_minutes(one_day, start, 1441)
    assert add_working_minutes(one_day, start, 1440) == start + timedelta(days=1)
    assert not is_open(never, start)
    assert working_minutes_between(never, start, start + timedelta(days=9)) == 0
    assert thread_time() - begun < 2


def test_round_the_clock_is_plain_addition_and_never_closes():
    always = WorkingHours.always("America/New_York")
    start = datetime(2026, 1, 1, 5, 7, 11, 13, tzinfo=UTC)
    begun = thread_time()
    assert add_working_minutes(always, start, 10_000_000) == start + timedelta(minutes=10_000_000)
    assert next_closing(always, start) is None
    assert thread_time() - begun < 2


def test_years_ahead_are_quick():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    add_working_minutes(MOSCOW, start, 480)
    begun = thread_time()
    due = add_working_minutes(MOSCOW, start, 10 * 250 * 480)
    assert due.year in (2035, 2036)
    assert thread_time() - begun < 0.5


def test_what_makes_no_sense_is_refused():
    for text in ("9-18", "18:00-09:00", "09:00-24:01", "09:60-10:00", "", "09:00-09:00"):
        with pytest.raises(ValueError, match="span"):
            Span.parse(text)
    with pytest.raises(ValueError, match="overlap"):
        WorkingHours("UTC", ((Span(0, 60), Span(59, 90)),) * 7)
    with pytest.raises(ValueError, match="zone"):
        WorkingHours("Mars/Olympus", (CLOSED,) * 7)
    with pytest.raises(ValueError, match="zone"):
        WorkingHours("../../etc/passwd", (CLOSED,) * 7)
    with pytest.raises(ValueError, match="seven"):
        WorkingHours("UTC", (CLOSED,) * 6)
    with pytest.raises(ValueError, match="time zone"):
        is_open(MOSCOW, datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="negative"):
        add_working_minutes(MOSCOW, moscow(1, 1), -1)
    assert str(Span.parse("9:00 – 24:00")) == "09:00-24:00"


def test_the_other_way_round_counts_backwards():
    assert working_minutes_between(MOSCOW, moscow(20, 15), moscow(20, 14)) == -60
    assert working_seconds_between(MOSCOW, moscow(20, 14), moscow(20, 14)) == 0


# Around these days the clocks of the zone changed, or a year turned.
TURNS = [
    ("Europe/Moscow", date(2011, 3, 26)),
    ("Europe/Moscow", date(2014, 10, 25)),
    ("America/New_York", date(2026, 3, 7)),
    ("America/New_York", date(2026, 10, 31)),
    ("Australia/Lord_Howe", date(2026, 4, 4)),
    ("Australia/Lord_Howe", date(2026, 10, 3)),
    ("America/Sao_Paulo", date(2018, 11, 3)),
    ("America/Sao_Paulo", date(2018, 2, 17)),
    ("Africa/Casablanca", date(2026, 2, 14)),
    ("Africa/Casablanca", date(2026, 3, 21)),
    ("Asia/Kathmandu", date(2026, 12, 31)),
    ("Pacific/Apia", date(2011, 12, 29)),
]


@st.composite
def spans(draw):
    edges = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    return tuple(
        Span(first * 15, last * 15) for first, last in zip(edges[::2], edges[1::2], strict=False)
    )


@st.composite
def calendars(draw):
    zone, day = draw(st.sampled_from(TURNS))
    week = tuple(draw(spans()) for _ in range(7))
    near = [day + timedelta(days=shift) for shift in range(-1, 3)]
    exceptions = draw(st.dictionaries(st.sampled_from(near), spans(), max_size=1))
    holidays = draw(st.frozensets(st.sampled_from(near), max_size=1))
    start = datetime.combine(day, time(0), UTC) + timedelta(minutes=draw(st.integers(-900, 1500)))
    return WorkingHours(zone, week, exceptions, holidays), start


def open_minutes(hours, start, count):
    """The oracle: look at the wall clock of every single minute."""
    zone = ZoneInfo(hours.zone)
    for index in range(count):
        wall = (start + timedelta(minutes=index)).astimezone(zone)
        minute = wall.hour * 60 + wall.minute
        day = wall.date()
        if day in hours.exceptions:
            today = hours.exceptions[day]
        elif day in hours.holidays:
            today = ()
        else:
            today = hours.week[day.weekday()]
        yield any(span.start <= minute < span.end for span in today)


@settings(max_examples=120, deadline=None)
@given(calendars(), st.integers(0, 3000), st.integers(1, 1500))
def test_the_arithmetic_agrees_with_looking_at_every_minute(calendar, length, wanted):
    hours, start = calendar
    length = max(length, 1)
    flags = list(open_minutes(hours, start, 3000))
    end = start + timedelta(minutes=length)
    assert working_minutes_between(hours, start, end) == sum(flags[:length])
    for index in range(0, 3000, 97):
        assert is_open(hours, start + timedelta(minutes=index)) == flags[index]
    if True in flags:
        expected = start + timedelta(minutes=flags.index(True))
        assert next_opening(hours, start) == expected
    open_at = [index for index, flag in enumerate(flags) if flag]
    if len(open_at) >= wanted:
        due = add_working_minutes(hours, start, wanted)
        assert due == start + timedelta(minutes=open_at[wanted - 1] + 1)
        assert working_minutes_between(hours, start, due) == wanted
