"""A time that one is asked for: what is offered, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from otklik.desk.models import Calendar
from otklik.tickets.snoozing import find_preset, list_presets, read_moment
from otklik.ui.templatetags.ui import moment_words


def offer_moments(calendar: Calendar, *, now: datetime | None = None) -> list[tuple[str, str, str]]:
    """Presets as code, name and the time in words."""
    presets = list_presets(calendar, now=now)
    return [(one.code, one.label, moment_words(timezone.localtime(one.at))) for one in presets]


def earliest_moment(now: datetime | None = None) -> str:
    """The least that a field for one's own date and time takes."""
    return f"{timezone.localtime(now):%Y-%m-%dT%H:%M}"


def chosen_moment(
    given: Mapping[str, str], calendar: Calendar, *, preset: str = "until", own: str = "at"
) -> datetime:
    """The time of the preset whose code is in ``preset``; where that is empty or "own", what was
    written in ``own``. Raises Invalid."""
    code = given.get(preset, "")
    if code in ("", "own"):
        return read_moment(given.get(own, ""))
    return find_preset(code, calendar)
