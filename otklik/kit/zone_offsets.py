"""The stretches of constant UTC offset of an IANA time zone.

``zoneinfo`` answers "what is the offset now" but not "until when". Calendar arithmetic that walks
from one change of the clocks to the next, instead of asking at every step, is both right in gaps
and folds and quick over years.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROBE_SECONDS = 12 * 3600
_LAST_YEAR = 9990


class Stretch(NamedTuple):
    """``[start, end)`` in microseconds since 1970 UTC, and the offset from UTC in microseconds."""

    start: int
    end: int
    offset: int


def to_instant(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware datetime; ValueError for a naive one."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a moment needs a time zone")
    since = moment.astimezone(UTC) - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def from_instant(instant: int) -> datetime:
    """The aware UTC datetime of microseconds since 1970 UTC."""
    seconds, microsecond = divmod(instant, SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microsecond)


def stretches_from(zone: str, instant: int) -> Iterator[Stretch]:
    """Stretches of ``zone`` in order, the first one cut to begin at ``instant``."""
    year = from_instant(instant).year
    while year < _LAST_YEAR:
        for stretch in _stretches_of_year(zone, year):
            if stretch.end > instant:
                yield stretch._replace(start=max(stretch.start, instant))
        year += 1


def offset_at(zone: str, instant: int) -> int:
    """The UTC offset in microseconds at one instant."""
    return _offset_seconds(ZoneInfo(zone), instant // SECOND) * SECOND


@lru_cache(maxsize=2048)
def _stretches_of_year(zone_name: str, year: int) -> tuple[Stretch, ...]:
    zone = ZoneInfo(zone_name)
    begin = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp())
    found: list[Stretch] = []
    start, offset = begin, _offset_seconds(zone, begin)
    probe = begin
    while probe < end:
        following = min(probe + _PROBE_SECONDS, end)
        # The last second of the year belongs to it; its successor to the next one.
        last = following if following < end else end - 1
        changed = _offset_seconds(zone, last)
        if changed != offset:
            turn = _first_change(zone, probe, last, offset)
            found.append(Stretch(start * SECOND, turn * SECOND, offset * SECOND))
            start, offset = turn, changed
        probe = following
    found.append(Stretch(start * SECOND, end * SECOND, offset * SECOND))
    return tuple(found)


def _first_change(zone: ZoneInfo, before: int, after: int, offset: int) -> int:
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_seconds(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset_seconds(zone: ZoneInfo, timestamp: int) -> int:
    offset = datetime.fromtimestamp(timestamp, zone).utcoffset()
    assert offset is not None
    return offset.days * 86_400 + offset.seconds
