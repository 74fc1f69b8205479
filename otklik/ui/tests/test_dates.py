"""Dates in English read the same everywhere: day first, 24 hours, as `when` writes them."""

from datetime import UTC, datetime

from django.utils import formats, translation

MOMENT = datetime(2026, 11, 2, 14, 5, tzinfo=UTC)


def test_english_dates_have_a_day_before_the_month_and_24_hours() -> None:
    with translation.override("en"):
        assert formats.date_format(MOMENT, "DATETIME_FORMAT") == "2 November 2026, 14:05"
        assert formats.date_format(MOMENT, "SHORT_DATETIME_FORMAT") == "2 Nov 2026, 14:05"
        assert formats.date_format(MOMENT, "SHORT_DATE_FORMAT") == "2 Nov 2026"


def test_russian_dates_stay_as_they_are() -> None:
    with translation.override("ru"):
        assert formats.date_format(MOMENT, "SHORT_DATETIME_FORMAT") == "02.11.2026 14:05"
