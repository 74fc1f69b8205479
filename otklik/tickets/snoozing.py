"""Until when a ticket can be snoozed, and what a time is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.desk.calendars import working_hours
from otklik.desk.models import Calendar
from otklik.kit.working_hours import WorkingHours, next_opening

# Where the column says "until the customer answers": it is never null while a ticket is put off.
UNTIL_ANSWER = datetime(9999, 1, 1, tzinfo=UTC)
LONGEST = timedelta(days=2 * 366)
_EVENING = time(18, 0)
_MORNING = time(9, 0)


@dataclass(frozen=True, slots=True)
class Preset:
    code: str
    label: str
    at: datetime


def list_presets(
    calendar: Calendar, *, now: datetime | None = None, is_every: bool = False
) -> list[Preset]:
    """What is offered: in an hour, this evening, tomorrow morning, Monday. Times of day are those
    of whoever asks (the time zone that is active), mornings begin when the desk's calendar does.
    """
    now = now or timezone.now()
    zone = timezone.get_current_timezone()
    today = now.astimezone(zone).date()
    hours = working_hours(calendar)
    evening = datetime.combine(today, _EVENING, tzinfo=zone)
    found = [Preset("hour", _("In an hour"), now + timedelta(hours=1))]
    if evening - now > timedelta(minutes=30):
        found.append(Preset("evening", _("This evening"), evening))
    found.append(
        Preset("tomorrow", _("Tomorrow morning"), _morning(hours, today + timedelta(days=1), zone))
    )
    monday = today + timedelta(days=7 - today.weekday())
    opening = next_opening(hours, datetime.combine(monday, time(0), tzinfo=zone))
    # On a Sunday both mean the same: a list names it once, a macro may still say either.
    if is_every or opening != found[-1].at:
        found.append(Preset("monday", _("On Monday"), opening))
    return found


def find_preset(code: str, calendar: Calendar, *, now: datetime | None = None) -> datetime:
    """Raises Invalid for one that is not offered now."""
    for preset in list_presets(calendar, now=now, is_every=True):
        if preset.code == code:
            return preset.at
    raise Invalid(_("This time is not offered now. Choose another."), fields={"until": code})


def check_moment(at: datetime, *, now: datetime | None = None) -> datetime:
    """A moment to come, with its zone, not further than two years. Raises Invalid."""
    now = now or timezone.now()
    if timezone.is_naive(at):
        at = timezone.make_aware(at)
    if at <= now:
        raise Invalid(
            _("This time has passed. Choose one that is to come."), fields={"until": at.isoformat()}
        )
    if at - now > LONGEST:
        raise Invalid(_("Choose a time within two years."), fields={"until": at.isoformat()})
    return at.astimezone(UTC)


def read_moment(written: str) -> datetime:
    """From a form's date and time, in the zone that is active. Raises Invalid."""
    try:
        found = datetime.fromisoformat(written.strip())
        return found if found.tzinfo else timezone.make_aware(found)
    except (ValueError, OverflowError):
        raise Invalid(_("Say a date and a time."), fields={"until": written[:40]}) from None


def _morning(hours: WorkingHours, day: date, zone: tzinfo) -> datetime:
    """When the desk opens that day; nine o'clock when it does not."""
    start = datetime.combine(day, time(0), tzinfo=zone)
    opening = next_opening(hours, start)
    is_that_day = start < opening < start + timedelta(days=1)
    return opening if is_that_day else datetime.combine(day, _MORNING, tzinfo=zone)
