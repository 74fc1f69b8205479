"""What is typed on a screen reaches the action, and comes back as it was typed."""

from __future__ import annotations

from datetime import date

import pytest

from otklik.core.access import SYSTEM
from otklik.core.settings import get, put
from otklik.desk.actions import change_brand, change_calendar, create_calendar
from otklik.desk.calendars import working_hours
from otklik.desk.forms import BrandForm, CalendarForm, CompanyForm
from otklik.desk.models import Calendar
from otklik.desk.tests.factories import make_brand, make_default_brand
from otklik.kit.working_hours import Span

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def test_typed_hours_become_a_calendar_and_are_shown_again():
    form = CalendarForm(
        {
            "name": "Office",
            "time_zone": "Europe/Moscow",
            "holiday_country": "RU",
            "monday": "09:00–13:00, 14:00-18:00",
            "exceptions": "2026-12-31 10:00-14:00 Short day\n2027-01-11 Moving house",
        }
    )
    assert form.is_valid(), form.errors
    typed = form.changes()
    typed.pop("version")
    calendar = create_calendar(SYSTEM, **typed)
    hours = working_hours(calendar)
    assert hours.spans_on(date(2026, 11, 23)) == (Span(540, 780), Span(840, 1080))
    assert hours.spans_on(date(2026, 12, 31)) == (Span(600, 840),)
    shown = CalendarForm(calendar=Calendar.objects.get(pk=calendar.pk)).initial
    assert shown["monday"] == "09:00-13:00, 14:00-18:00"
    assert shown["exceptions"] == "2026-12-31 10:00-14:00 Short day\n2027-01-11 Moving house"
    again = CalendarForm(shown, calendar=calendar)
    assert again.is_valid(), again.errors
    change_calendar(SYSTEM, calendar, **again.changes())
    assert working_hours(calendar).week == hours.week


def test_a_line_without_a_date_is_named():
    form = CalendarForm({"name": "x", "time_zone": "UTC", "exceptions": "tomorrow closed"})
    assert not form.is_valid()
    assert "tomorrow" in form.errors["exceptions"][0]


def test_a_brand_is_changed_by_its_form():
    make_default_brand()
    brand = make_brand()
    form = BrandForm(
        dict(BrandForm(actor=SYSTEM, brand=brand).initial)
        | {"name": "Полдень", "embed_domains": "shop.example\n*.shop.example"},
        actor=SYSTEM,
        brand=brand,
    )
    assert form.is_valid(), form.errors
    change_brand(SYSTEM, brand, **form.changes())
    assert (brand.name, brand.embed_domains) == ("Полдень", ["shop.example", "*.shop.example"])


def test_the_company_is_a_handful_of_settings():
    form = CompanyForm({"name": "Полдень", "language": "ru", "time_zone": "Europe/Moscow"})
    assert form.is_valid(), form.errors
    for key, value in form.settings().items():
        put(SYSTEM, key, value)
    assert get("company.time_zone") == "Europe/Moscow"
