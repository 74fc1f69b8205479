"""What screens ask about the desk. A valid form's ``changes()`` is what its action takes."""

from __future__ import annotations

import re
import zoneinfo
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor
from otklik.desk.actions import DateException
from otklik.desk.company import company_language, company_name, company_time_zone
from otklik.desk.holidays import list_countries
from otklik.desk.models import Brand, Calendar
from otklik.kit.working_hours import Span

_DAYS = (
    ("monday", _("Monday")),
    ("tuesday", _("Tuesday")),
    ("wednesday", _("Wednesday")),
    ("thursday", _("Thursday")),
    ("friday", _("Friday")),
    ("saturday", _("Saturday")),
    ("sunday", _("Sunday")),
)
_SPAN = re.compile(r"\d{1,2}:\d{2}\s*[-–—]\s*\d{1,2}:\d{2}")


def _zones() -> list[tuple[str, str]]:
    names = (name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
    return [(name, name.replace("_", " ")) for name in sorted(names)]


class CompanyForm(forms.Form):
    name = forms.CharField(label=_("Company name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {
                "name": company_name(),
                "language": company_language(),
                "time_zone": company_time_zone(),
            },
        )
        super().__init__(*args, **kwargs)

    def settings(self) -> dict[str, str]:
        """Key → value for `core.settings.put`."""
        return {f"company.{name}": value for name, value in self.cleaned_data.items()}


class BrandForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    languages = forms.MultipleChoiceField(
        label=_("Languages of the help centre"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )
    calendar = forms.ModelChoiceField(
        Calendar.objects.none(), label=_("Calendar"), empty_label=None
    )
    color = forms.RegexField(
        r"#[0-9a-fA-F]{6}\Z", label=_("Colour"), widget=forms.TextInput(attrs={"type": "color"})
    )
    corner = forms.TypedChoiceField(
        label=_("Corners"),
        coerce=int,
        choices=[(0, _("Square")), (8, _("Round")), (12, _("Rounder"))],
    )
    host = forms.CharField(
        label=_("Own address of the help centre"),
        help_text=_("Such as help.example.com, once it leads to this server."),
        max_length=253,
        required=False,
    )
    embed_domains = forms.CharField(
        label=_("Sites that may show the request form"),
        help_text=_("One per line, such as shop.example.com."),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    first_reply_minutes = forms.IntegerField(
        label=_("First answer within"),
        help_text=_("Minutes of working time; the acknowledgement promises it."),
        min_value=1,
        max_value=60_000,
    )
    close_after_days = forms.IntegerField(
        label=_("Close solved tickets after"), help_text=_("Days."), min_value=0, max_value=365
    )

    def __init__(self, *args: Any, actor: Actor, brand: Brand | None = None, **kwargs: Any) -> None:
        shown = brand or Brand(first_reply_minutes=240, close_after_days=7, languages=["en"])
        kwargs["initial"] = {
            "name": shown.name,
            "language": shown.language,
            "languages": shown.languages,
            "calendar": shown.calendar_id,
            "color": shown.color,
            "corner": shown.corner,
            "host": shown.host,
            "embed_domains": "\n".join(shown.embed_domains),
            "first_reply_minutes": shown.first_reply_minutes,
            "close_after_days": shown.close_after_days,
        }
        super().__init__(*args, **kwargs)
        calendars: Any = self.fields["calendar"]
        calendars.queryset = Calendar.objects.visible_to(actor)

    def changes(self) -> dict[str, Any]:
        return self.cleaned_data | {"embed_domains": self.cleaned_data["embed_domains"].split()}


class CalendarForm(forms.Form):
    """Hours are typed: “09:00–13:00, 14:00–18:00” a day, one exception a line."""

    name = forms.CharField(label=_("Name"), max_length=100)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)
    is_always_open = forms.BooleanField(label=_("Around the clock"), required=False)
    holiday_country = forms.ChoiceField(label=_("Holidays of"), required=False)
    holiday_region = forms.CharField(label=_("Region"), max_length=10, required=False)
    exceptions = forms.CharField(
        label=_("Other days"),
        help_text=_("One per line: the date, its hours if any, a name. 2026-12-31 10:00–14:00"),
        max_length=30_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, calendar: Calendar | None = None, **kwargs: Any) -> None:
        if calendar is not None:
            kwargs["initial"] = _initial(calendar)
        super().__init__(*args, **kwargs)
        countries: Any = self.fields["holiday_country"]
        countries.choices = [("", _("No country")), *((code, code) for code in list_countries())]
        for name, label in _DAYS:
            self.fields[name] = forms.CharField(label=label, max_length=200, required=False)

    def clean_exceptions(self) -> list[DateException]:
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["exceptions"].splitlines())):
            day, _space, rest = line.partition(" ")
            try:
                at = date.fromisoformat(day)
            except ValueError:
                raise forms.ValidationError(
                    _now("“%(line)s” begins with no date such as 2026-12-31.") % {"line": line[:60]}
                ) from None
            spans = tuple(_SPAN.findall(rest))
            found.append(DateException(at, spans, _SPAN.sub("", rest).strip(" ,;")))
        return found

    def changes(self) -> dict[str, Any]:
        days = {name for name, _label in _DAYS}
        week = [
            [part.strip() for part in re.split(r"[,;]", self.cleaned_data[name]) if part.strip()]
            for name, _label in _DAYS
        ]
        return {k: v for k, v in self.cleaned_data.items() if k not in days} | {"week": week}


def _initial(calendar: Calendar) -> dict[str, Any]:
    names = ("name", "time_zone", "is_always_open", "holiday_country", "holiday_region", "version")
    values: dict[str, Any] = {name: getattr(calendar, name) for name in names}
    for row in calendar.spans.all():
        day = _DAYS[row.weekday][0]
        values[day] = ", ".join(filter(None, [values.get(day), str(Span(row.starts, row.ends))]))
    values["exceptions"] = "\n".join(
        " ".join(
            [
                f"{row.date}",
                ", ".join(str(Span(starts, ends)) for starts, ends in row.spans),
                row.name,
            ]
        )
        .replace("  ", " ")
        .strip()
        for row in calendar.exceptions.all()
    )
    return values
