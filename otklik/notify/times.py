"""When one wants to be reached: quiet hours and digests on the reader's own clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
HOURLY, DAILY, TIMES = "hourly", "daily", "times"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Minutes of the day, ``begin`` above ``end`` for a night; equal or None: no quiet hours.
    ``days`` (0 is Monday) are quiet from midnight to midnight."""

    begin: int | None = None
    end: int | None = None
    days: frozenset[int] = frozenset()


def quiet_until(quiet: Quiet, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet that ``now`` lies in ends, UTC; None when it lies in none.

    Seven quiet days never end: such a reader is reached a week later.
    """
    moment = now.astimezone(zone)
    end = moment
    # A quiet day may run into a quiet night and that into a quiet day.
    for _step in range(20):
        later = _end_of_day(quiet, end) or _end_of_hours(quiet, end)
        if later is None or later - moment > timedelta(days=7):
            break
        end = later
    return None if end == moment else end.astimezone(UTC)


def next_digest(kind: str, times: Collection[int], now: datetime, zone: ZoneInfo) -> datetime:
    """The next moment after ``now`` at which a digest is due, UTC; ``times`` in minutes."""
    moment = now.astimezone(zone)
    if kind == HOURLY:
        whole = moment.replace(minute=0, second=0, microsecond=0)
        return (whole.astimezone(UTC) + timedelta(hours=1)).astimezone(UTC)
    minutes = sorted(times) or [9 * 60]
    if kind == DAILY:
        minutes = minutes[:1]
    for ahead in range(3):
        for minute in minutes:
            due = _at(moment + timedelta(days=ahead), minute)
            if due > moment:
                return due.astimezone(UTC)
    raise AssertionError("every day has its minutes")


def _end_of_day(quiet: Quiet, moment: datetime) -> datetime | None:
    if moment.weekday() not in quiet.days:
        return None
    return _at(moment + timedelta(days=1), 0)


def _end_of_hours(quiet: Quiet, moment: datetime) -> datetime | None:
    begin, end = quiet.begin, quiet.end
    if begin is None or end is None or begin == end:
        return None
    minute = moment.hour * 60 + moment.minute
    if begin < end:
        return _at(moment, end) if begin <= minute < end else None
    if minute >= begin:
        return _at(moment + timedelta(days=1), end)
    return _at(moment, end) if minute < end else None


def _at(day: datetime, minute: int) -> datetime:
    """That wall-clock minute of the day; one that a change of clocks skips comes an hour later."""
    return datetime.combine(day.date(), time(*divmod(minute % DAY, 60)), tzinfo=day.tzinfo)
