"""Business calendars: when the desk works."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from otklik.core.access import Actor
from otklik.desk.actions import change_calendar, create_calendar
from otklik.desk.calendars import working_hours
from otklik.desk.company import company_time_zone
from otklik.desk.forms import CalendarForm
from otklik.desk.holidays import holidays_in, list_countries
from otklik.desk.models import Calendar
from otklik.desk.permissions import MANAGE
from otklik.kit.working_hours import NoOpenTimeError, is_open, next_closing, next_opening
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHOWN_HOLIDAYS = 6


@require_safe
@open_to(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    rows = Calendar.objects.visible_to(actor_of(request)).prefetch_related("spans")
    lines = [(row, now_words(row)) for row in rows]
    return render(request, "workspace/settings/calendars.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def edit(request: HttpRequest, calendar_id: int | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    rows = Calendar.objects.visible_to(actor)
    calendar = get_object_or_404(rows, pk=calendar_id) if calendar_id else None
    form = CalendarForm(request.POST or None, calendar=calendar)
    form.fields["time_zone"].initial = company_time_zone()
    form.fields["holiday_country"].choices = _countries()  # type: ignore[attr-defined]
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: _save(actor, calendar, form))
    ):
        return done(request, reverse("settings_screens:calendars"), _("Saved"))
    context = {
        "form": form,
        "week": [form[day] for day in DAYS],
        "calendar": calendar,
        "now_words": now_words(calendar) if calendar else "",
        "holidays": coming_holidays(calendar) if calendar else [],
        "title": calendar.name if calendar else _("New calendar"),
        "crumb": _("Hours and holidays"),
        "crumb_url": reverse("settings_screens:calendars"),
    }
    return render(request, "workspace/settings/calendar.html", context, status=status_of(form))


def now_words(calendar: Calendar) -> str:
    """Open or closed at this moment, and until when, in the calendar's own time."""
    if calendar.is_always_open:
        return _("Always open")
    hours, now = working_hours(calendar), timezone.now()
    if is_open(hours, now):
        closes = next_closing(hours, now)
        return _("Open now, until %(time)s") % {"time": _local(closes, calendar)} if closes else ""
    try:
        opens = next_opening(hours, now)
    except NoOpenTimeError:
        return _("Does not open any more")
    return _("Closed now, opens %(time)s") % {"time": _local(opens, calendar)}


def coming_holidays(calendar: Calendar) -> list[tuple[date, str]]:
    """The next ones of its country, by name."""
    if not calendar.holiday_country:
        return []
    today = timezone.localdate(timezone=ZoneInfo(calendar.time_zone))
    language = (get_language() or "").partition("-")[0]
    found: list[tuple[date, str]] = []
    for year in (today.year, today.year + 1):
        days = holidays_in(calendar.holiday_country, calendar.holiday_region, year, language)
        found += [(day, name) for day, name in days.items() if day >= today]
    return found[:_SHOWN_HOLIDAYS]


def _local(moment: datetime, calendar: Calendar) -> str:
    local = moment.astimezone(ZoneInfo(calendar.time_zone))
    today = timezone.localdate(timezone=ZoneInfo(calendar.time_zone))
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.date() == today + timedelta(days=1):
        return _("tomorrow, %(time)s") % {"time": f"{local:%H:%M}"}
    return f"{local.day:02}.{local.month:02}, {local:%H:%M}"


def _save(actor: Actor, calendar: Calendar | None, form: CalendarForm) -> None:
    changes = form.changes()
    if calendar is not None:
        change_calendar(actor, calendar, **changes)
        return
    changes.pop("version")
    create_calendar(actor, **changes)


def _countries() -> list[tuple[str, str]]:
    """By their names in the reader's language; the library knows codes."""
    names = Locale.parse((get_language() or "en").replace("-", "_")).territories
    known = [(code, names.get(code, code)) for code in list_countries()]
    return [("", _("No country")), *sorted(known, key=lambda pair: pair[1])]
