"""Dates in English read the same everywhere: day first, 24 hours, as `when` writes them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import time_machine
from django.utils import formats, timezone, translation

from otklik.ui.templatetags import ui

MOMENT = datetime(2026, 11, 2, 14, 5, tzinfo=UTC)


def test_english_dates_have_a_day_before_the_month_and_24_hours() -> None:
    with translation.override("en"):
        assert formats.date_format(MOMENT, "DATETIME_FORMAT") == "2 November 2026, 14:05"
        assert formats.date_format(MOMENT, "SHORT_DATETIME_FORMAT") == "2 Nov 2026, 14:05"
        assert formats.date_format(MOMENT, "SHORT_DATE_FORMAT") == "2 Nov 2026"


def test_russian_dates_stay_as_they_are() -> None:
    with translation.override("ru"):
        assert formats.date_format(MOMENT, "SHORT_DATETIME_FORMAT") == "02.11.2026 14:05"


def test_a_moment_is_told_anew_for_another_reader_another_day_and_another_way_to_write_it() -> None:
    def told(moment: datetime, language: str, zone: str, today: str) -> str:
        at = ZoneInfo(zone)
        now = datetime.fromisoformat(f"{today}T12:00").replace(tzinfo=at)
        with translation.override(language), timezone.override(at), time_machine.travel(now):
            return ui.when(moment)

    moscow = ("Europe/Moscow", "2026-11-02")
    russian = told(MOMENT, "ru", *moscow)
    assert russian == told(MOMENT, "ru", *moscow)
    assert "сегодня, 17:05" in russian
    assert "today, 17:05" in told(MOMENT, "en", *moscow)
    assert "сегодня, 19:05" in told(MOMENT, "ru", "Asia/Yekaterinburg", "2026-11-02")
    assert "вчера, 17:05" in told(MOMENT, "ru", "Europe/Moscow", "2026-11-03")
    elsewhere = MOMENT.astimezone(ZoneInfo("Asia/Tokyo"))
    assert 'datetime="2026-11-02T23:05:00+09:00"' in told(elsewhere, "ru", *moscow)
    assert 'datetime="2026-11-02T14:05:00+00:00"' in told(MOMENT, "ru", *moscow)
