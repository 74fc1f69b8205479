"""Business calendars: hours, exceptions and holidays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.desk import policy, values
from otklik.desk.events import CalendarChanged, CalendarCreated
from otklik.desk.holidays import check_country
from otklik.desk.models import Calendar, CalendarException, CalendarSpan
from otklik.kit.text import clean_line
from otklik.kit.working_hours import MINUTES_A_DAY, Span

# One day as texts such as "09:00-18:00", or as pairs of minutes since midnight.
Day = Iterable[str | Sequence[int]]
MAX_SPANS_A_DAY = 8
MAX_EXCEPTIONS = 500


@dataclass(frozen=True, slots=True)
class DateException:
    """One date that is not like its weekday; closed when ``spans`` is empty."""

    date: date
    spans: tuple[str | Sequence[int], ...] = ()
    name: str = ""


_CLEANERS: dict[str, values.Cleaner] = {
    "name": values.line("name", 100, is_required=True),
    "time_zone": values.time_zone,
    "is_always_open": bool,
    "holiday_country": values.as_is,
    "holiday_region": values.as_is,
}


@action
def create_calendar(
    actor: Actor,
    *,
    name: str,
    time_zone: str,
    week: Sequence[Day] = (),
    exceptions: Iterable[DateException] = (),
    **details: Any,
) -> Calendar:
    """``week`` holds the spans of Monday … Sunday. ``details``: is_always_open, holiday_country,
    holiday_region. Raises Forbidden, and Invalid for hours that overlap or a calendar that never
    opens.
    """
    policy.demand_manage(actor)
    calendar = Calendar(
        **values.clean_changes({"name": name, "time_zone": time_zone, **details}, _CLEANERS)
    )
    check_country(calendar.holiday_country, calendar.holiday_region)
    spans = _week(week)
    _demand_opening(calendar, spans)
    calendar.save()
    _store_week(calendar, spans)
    _store_exceptions(calendar, exceptions)
    record(actor, CalendarCreated(calendar_id=calendar.pk))
    return calendar


@action
def change_calendar(
    actor: Actor,
    calendar: Calendar,
    *,
    version: int | None = None,
    week: Sequence[Day] | None = None,
    exceptions: Iterable[DateException] | None = None,
    **changes: Any,
) -> Calendar:
    """Change name, time_zone, is_always_open, holidays; replace the week or all exceptions.

    Raises Forbidden, Invalid, and Conflict when ``version`` is no longer the calendar's.
    """
    policy.demand_manage(actor)
    cleaned = values.clean_changes(changes, _CLEANERS)
    current = Calendar.objects.select_for_update().get(pk=calendar.pk)
    if version is not None and version != current.version:
        raise Conflict(_("Somebody changed these hours in the meantime. Look at them first."))
    for field, value in cleaned.items():
        setattr(current, field, value)
    check_country(current.holiday_country, current.holiday_region)
    spans = _week(week) if week is not None else _stored_week(current)
    _demand_opening(current, spans)
    current.version += 1
    current.save()
    if week is not None:
        current.spans.all().delete()
        _store_week(current, spans)
    if exceptions is not None:
        current.exceptions.all().delete()
        _store_exceptions(current, exceptions)
    record(actor, CalendarChanged(calendar.pk, current.version))
    for field in (*cleaned, "version"):
        setattr(calendar, field, getattr(current, field))
    return calendar


def _week(week: Sequence[Day]) -> list[list[Span]]:
    days = [_day(day) for day in week] or [[] for _weekday in range(7)]
    if len(days) != 7:
        raise values.invalid("week", _("A week has seven days."))
    return days


def _day(day: Day) -> list[Span]:
    """The spans in order. Raises Invalid for hours that run backwards or overlap."""
    try:
        spans = sorted(Span.parse(each) if isinstance(each, str) else Span(*each) for each in day)
    except (ValueError, TypeError):
        raise values.invalid(
            "week", _("Hours are written like 09:00–18:00, and end at 24:00 at the latest.")
        ) from None
    if len(spans) > MAX_SPANS_A_DAY:
        raise values.invalid("week", _("At most %(count)d spans a day.") % {"count": 8})
    for earlier, later in pairwise(spans):
        if later.start < earlier.end:
            words = _("These hours overlap: %(first)s and %(second)s.")
            raise values.invalid("week", words % {"first": earlier, "second": later})
    return spans


def _demand_opening(calendar: Calendar, week: list[list[Span]]) -> None:
    """A calendar that never opens would promise an answer for never."""
    if not calendar.is_always_open and not any(week):
        raise values.invalid("week", _("Give the hours of at least one day."))


def _stored_week(calendar: Calendar) -> list[list[Span]]:
    week: list[list[Span]] = [[] for _weekday in range(7)]
    for row in calendar.spans.all():
        week[row.weekday].append(Span(row.starts, row.ends))
    return week


def _store_week(calendar: Calendar, week: list[list[Span]]) -> None:
    CalendarSpan.objects.bulk_create(
        CalendarSpan(calendar=calendar, weekday=weekday, starts=span.start, ends=span.end)
        for weekday, spans in enumerate(week)
        for span in spans
    )


def _store_exceptions(calendar: Calendar, exceptions: Iterable[DateException]) -> None:
    by_date = {each.date: each for each in exceptions}
    if len(by_date) > MAX_EXCEPTIONS:
        words = _("At most %(count)d exceptions.") % {"count": MAX_EXCEPTIONS}
        raise values.invalid("exceptions", words)
    CalendarException.objects.bulk_create(
        CalendarException(
            calendar=calendar,
            date=each.date,
            name=clean_line(each.name, 100),
            spans=[[span.start, min(span.end, MINUTES_A_DAY)] for span in _day(each.spans)],
        )
        for each in by_date.values()
    )
