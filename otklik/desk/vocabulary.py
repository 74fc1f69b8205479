"""What a text may say of the company, the brand and the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from otklik.core.vocabulary import Placeholder, register_placeholder
from otklik.desk.company import company_name, company_time_zone
from otklik.desk.models import Brand

_DAY = {"ru": "d MMMM y", "en": "d MMMM y"}


def wire() -> None:
    for placeholder in (
        Placeholder("brand.name", _("Name of the brand"), _brand_name),
        Placeholder("company.name", _("Name of the company"), lambda _found: company_name()),
        Placeholder("date.today", _("Today’s date"), lambda found: _day(found, 0)),
        Placeholder("date.tomorrow", _("Tomorrow’s date"), lambda found: _day(found, 1)),
    ):
        register_placeholder(placeholder)


def tongue_of(context: Mapping[str, Any]) -> str:
    """The language of the text that is filled in, where the desk speaks it; else the reader's."""
    wanted = str(context.get("language") or get_language() or "").partition("-")[0]
    known = [code for code, _name in settings.LANGUAGES]
    return wanted if wanted in known else known[0]


def spell_date(at: datetime, context: Mapping[str, Any]) -> str:
    """A day as the text's language writes it, where the brand keeps its hours."""
    brand = context.get("brand")
    zone = brand.calendar.time_zone if isinstance(brand, Brand) else company_time_zone()
    tongue = tongue_of(context)
    return str(format_date(at.astimezone(ZoneInfo(zone)), _DAY.get(tongue, "long"), locale=tongue))


def _day(context: Mapping[str, Any], ahead: int) -> str:
    return spell_date(timezone.now() + timedelta(days=ahead), context)


def _brand_name(context: Mapping[str, Any]) -> str:
    return str(context.get("brand") or "")
