"""Quiet hours and digests on the reader's own clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from otklik.notify.times import DAILY, HOURLY, TIMES, Quiet, next_digest, quiet_until

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
NIGHT = Quiet(22 * 60, 7 * 60 + 30)


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = MOSCOW, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=zone)  # 1 June 2026 is a Monday


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, at(2, 21, 59), None),
        (NIGHT, at(2, 22), at(3, 7, 30)),
        (NIGHT, at(3, 7, 29), at(3, 7, 30)),
        (NIGHT, at(3, 7, 30), None),
        (Quiet(13 * 60, 14 * 60), at(2, 13, 59), at(2, 14)),
        (Quiet(600, 600), at(2, 10), None),
        (Quiet(), at(6, 10), None),
        # Friday night, a quiet weekend, the night to Monday: one quiet.
        (Quiet(22 * 60, 7 * 60, frozenset({5, 6})), at(5, 23), at(8, 7)),
        (Quiet(days=frozenset({5, 6})), at(6, 0), at(8, 0)),
        (Quiet(days=frozenset({5, 6})), at(7, 23, 59), at(8, 0)),
    ],
)
def test_quiet_hours_end_when_the_reader_said(quiet, now, until) -> None:
    assert quiet_until(quiet, now.astimezone(UTC), MOSCOW) == until


def test_a_night_that_changes_the_clock_ends_by_the_clock() -> None:
    began = at(24, 23, zone=BERLIN, month=10).astimezone(UTC)
    ends = quiet_until(NIGHT, began, BERLIN)
    assert ends == datetime(2026, 10, 25, 6, 30, tzinfo=UTC)  # an hour later than the night before


def test_a_week_of_quiet_days_does_not_go_on_for_ever() -> None:
    now = at(1, 12)
    ends = quiet_until(Quiet(days=frozenset(range(7))), now, MOSCOW)
    assert ends is not None
    assert (ends - now).days <= 7


def test_a_digest_comes_at_the_next_of_its_times() -> None:
    assert next_digest(HOURLY, (), at(1, 9, 1), MOSCOW) == at(1, 10)
    assert next_digest(DAILY, (540,), at(1, 9), MOSCOW) == at(2, 9)
    assert next_digest(DAILY, (540, 900), at(1, 10), MOSCOW) == at(2, 9)
    assert next_digest(TIMES, (900, 540), at(1, 10), MOSCOW) == at(1, 15)
    assert next_digest(TIMES, (900, 540), at(1, 15), MOSCOW) == at(2, 9)
    assert next_digest(DAILY, (), at(1, 8), MOSCOW) == at(1, 9)
