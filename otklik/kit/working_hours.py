"""Arithmetic over business calendars: pure functions on an immutable ``WorkingHours``.

One rule decides everything: an instant is open when the clock on the wall of the calendar's zone
shows a time inside a span of that day. In a gap (spring) the skipped wall times do not count, in
a fold (autumn) the repeated ones count twice, and a day the zone skipped altogether is not there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from otklik.kit.zone_offsets import (
    DAY,
    MINUTE,
    SECOND,
    from_instant,
    offset_at,
    stretches_from,
    to_instant,
)

MINUTES_A_DAY = 1440
# A calendar may be shut for long (a seasonal desk), but not for ever.
LONGEST_CLOSURE_DAYS = 5 * 366
LONGEST_SEARCH_DAYS = 100 * 366

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—]\s*(\d{1,2}):(\d{2})")
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class NoOpenTimeError(ValueError):
    """The calendar opens too seldom, or never, to answer."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from ``start`` up to ``end``, minutes of the wall clock since midnight, end ≤ 1440.

    A night shift is two spans: until 24:00, and from 00:00 of the next day.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_A_DAY:
            raise ValueError(f"a span must run forward within one day, not {self.start}–{self.end}")

    @classmethod
    def parse(cls, text: str) -> Span:
        """``"09:00-18:00"``, ``"18:00–24:00"``; ValueError for anything else."""
        match = _SPAN.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"not a span of hours: {text!r}")
        first_hour, first_minute, last_hour, last_minute = map(int, match.groups())
        if first_minute > 59 or last_minute > 59:
            raise ValueError(f"not a span of hours: {text!r}")
        return cls(first_hour * 60 + first_minute, last_hour * 60 + last_minute)

    def __str__(self) -> str:
        first, last = divmod(self.start, 60), divmod(self.end, 60)
        return f"{first[0]:02}:{first[1]:02}-{last[0]:02}:{last[1]:02}"


Spans = tuple[Span, ...]
Holidays = Container[date] | Callable[[date], bool]
ALL_DAY: Spans = (Span(0, MINUTES_A_DAY),)
CLOSED: Spans = ()


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """A business calendar. ``week`` holds the spans of Monday … Sunday.

    ``exceptions`` (date → spans, empty: closed) beat ``holidays`` (closed), which beat the week.
    ValueError for an unknown zone, overlapping spans or a week that has not seven days.
    """

    zone: str
    week: tuple[Spans, ...]
    exceptions: Mapping[date, Spans] = field(default_factory=dict)
    holidays: Holidays = frozenset()

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone: {self.zone!r}") from error
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        set_once = object.__setattr__
        set_once(self, "week", tuple(_in_order(spans) for spans in self.week))
        exceptions = {day: _in_order(spans) for day, spans in self.exceptions.items()}
        set_once(self, "exceptions", MappingProxyType(exceptions))

    @classmethod
    def always(cls, zone: str = "UTC") -> WorkingHours:
        """Open around the clock, every day."""
        return cls(zone, (ALL_DAY,) * 7)

    def spans_on(self, day: date) -> Spans:
        """The open spans of one local date, in order."""
        special = self.exceptions.get(day)
        if special is not None:
            return special
        spans = self.week[day.weekday()]
        return CLOSED if spans and self._is_holiday(day) else spans

    def _is_holiday(self, day: date) -> bool:
        return self.holidays(day) if callable(self.holidays) else day in self.holidays


def is_open(hours: WorkingHours, at: datetime) -> bool:
    """Whether ``at`` (aware) is inside working hours; a span's end is already outside."""
    instant = to_instant(at)
    day, inside = divmod(instant + offset_at(hours.zone, instant), DAY)
    spans = hours.spans_on(date.fromordinal(_EPOCH_ORDINAL + day))
    position = bisect_right(spans, inside // MINUTE, key=lambda span: span.start) - 1
    return position >= 0 and inside < spans[position].end * MINUTE


def next_opening(hours: WorkingHours, at: datetime) -> datetime:
    """``at`` itself when open, else the moment (UTC) the calendar opens next."""
    start, _end = next(_open_intervals(hours, to_instant(at)))
    return from_instant(start)


def next_closing(hours: WorkingHours, at: datetime) -> datetime | None:
    """When (UTC) the calendar closes next; None when it stays open for five years and more."""
    begun = to_instant(at)
    closing: int | None = None
    for start, end in _open_intervals(hours, begun):
        if closing is not None and start > closing:
            return from_instant(closing)
        closing = end
        if closing - begun > LONGEST_CLOSURE_DAYS * DAY:
            break
    return None


def add_working_minutes(hours: WorkingHours, start: datetime, minutes: int) -> datetime:
    """The first moment (UTC) by which ``minutes`` of open time have passed since ``start``.

    Zero minutes is ``start`` itself; time used up exactly at closing ends at that closing.
    ValueError for negative minutes, ``NoOpenTimeError`` when a hundred years do not suffice.
    """
    if minutes < 0:
        raise ValueError("working minutes cannot be negative")
    begun = to_instant(start)
    if minutes == 0:
        return from_instant(begun)
    left = minutes * MINUTE
    for opens, closes in _open_intervals(hours, begun):
        if closes - opens >= left:
            return from_instant(opens + left)
        left -= closes - opens
    raise NoOpenTimeError("the calendar has too little open time for that many minutes")


def working_seconds_between(hours: WorkingHours, first: datetime, second: datetime) -> int:
    """Whole open seconds from ``first`` to ``second``; negative when they are the other way."""
    begin, end = to_instant(first), to_instant(second)
    if end < begin:
        return -working_seconds_between(hours, second, first)
    if end == begin:
        return 0
    total = 0
    for opens, closes in _intervals_until(hours, begin, end):
        total += min(closes, end) - opens
    return total // SECOND


def working_minutes_between(hours: WorkingHours, first: datetime, second: datetime) -> int:
    """Whole open minutes from ``first`` to ``second``, rounded towards zero."""
    seconds = working_seconds_between(hours, first, second)
    return seconds // 60 if seconds >= 0 else -(-seconds // 60)


def _open_intervals(hours: WorkingHours, instant: int) -> Iterator[tuple[int, int]]:
    """Open ``[start, end)`` from ``instant`` on; raises instead of searching for ever."""
    begun = last_open = instant
    for start, end in _intervals_until(hours, instant, instant + LONGEST_SEARCH_DAYS * DAY):
        if start == end:  # a day gone by without opening
            if start - last_open > LONGEST_CLOSURE_DAYS * DAY:
                break
            continue
        last_open = end
        yield start, end
    if last_open == begun:
        raise NoOpenTimeError("the calendar never opens")
    raise NoOpenTimeError("the calendar does not open again within reach")


def _intervals_until(hours: WorkingHours, instant: int, limit: int) -> Iterator[tuple[int, int]]:
    """Open intervals that begin before ``limit``, and an empty one for each closed day."""
    for stretch in stretches_from(hours.zone, instant):
        if stretch.start >= limit:
            return
        first_day = (stretch.start + stretch.offset) // DAY
        last_day = (stretch.end - 1 + stretch.offset) // DAY
        for day in range(first_day, last_day + 1):
            midnight = day * DAY - stretch.offset
            if midnight >= limit:
                return
            spans = hours.spans_on(date.fromordinal(_EPOCH_ORDINAL + day))
            if not spans:
                yield midnight, midnight
            for span in spans:
                opens = max(midnight + span.start * MINUTE, stretch.start)
                closes = min(midnight + span.end * MINUTE, stretch.end)
                if opens < closes and opens < limit:
                    yield opens, closes


def _in_order(spans: Iterable[Span]) -> Spans:
    ordered = tuple(sorted(spans))
    for earlier, later in pairwise(ordered):
        if later.start < earlier.end:
            raise ValueError(f"spans overlap: {earlier} and {later}")
    return ordered
