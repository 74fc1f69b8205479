"""From a calendar's rows to the value that `kit.working_hours` reckons with."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from otklik.desk.holidays import holidays_of
from otklik.desk.models import Calendar
from otklik.kit.working_hours import Span, Spans, WorkingHours

_MAX_KEPT = 200
_kept: OrderedDict[tuple[object, ...], WorkingHours] = OrderedDict()
_lock = Lock()


def working_hours(calendar: Calendar) -> WorkingHours:
    """The calendar as a value; two queries the first time, none until its version changes."""
    key = (calendar.pk, calendar.version, calendar.created_at)
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    built = _build(calendar)
    with _lock:
        _kept[key] = built
        while len(_kept) > _MAX_KEPT:
            _kept.popitem(last=False)
    return built


def _build(calendar: Calendar) -> WorkingHours:
    exceptions = {
        row.date: tuple(Span(starts, ends) for starts, ends in row.spans)
        for row in calendar.exceptions.all()
    }
    if calendar.is_always_open:
        always = WorkingHours.always(calendar.time_zone)
        return WorkingHours(always.zone, always.week, exceptions)
    week: list[Spans] = [()] * 7
    for row in calendar.spans.all():
        week[row.weekday] = (*week[row.weekday], Span(row.starts, row.ends))
    if not calendar.holiday_country:
        return WorkingHours(calendar.time_zone, tuple(week), exceptions)
    return WorkingHours(
        calendar.time_zone,
        tuple(week),
        exceptions,
        holidays_of(calendar.holiday_country, calendar.holiday_region),
    )
