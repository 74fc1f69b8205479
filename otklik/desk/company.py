"""The company behind the desk: one per installation, kept as settings."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings as django_settings
from django.utils.translation import gettext_lazy as _

from otklik.core.access import ActionError
from otklik.core.db.briefly import briefly
from otklik.core.settings import config, get, register
from otklik.desk.values import time_zone

NAME = "company.name"
LANGUAGE = "company.language"
TIME_ZONE = "company.time_zone"
SET_UP_AT = "company.set_up_at"


def register_settings() -> None:
    register(NAME, str, "", _("Company name"))
    register(
        LANGUAGE,
        str,
        config().language,
        _("Language"),
        help=_("For letters to people whose language is not known."),
        choices=tuple(code for code, _name in django_settings.LANGUAGES),
    )
    register(TIME_ZONE, str, config().time_zone, _("Time zone"), check=_check_time_zone)
    register(SET_UP_AT, str, "", _("Set up at"), check=_check_time)


def company_name() -> str:
    return str(get(NAME))


def company_language() -> str:
    return str(get(LANGUAGE))


@briefly
def company_time_zone() -> str:
    return str(get(TIME_ZONE))


def is_set_up() -> bool:
    """Whether the set-up wizard or the demo has finished."""
    return bool(get(SET_UP_AT))


def _check_time_zone(value: str) -> None:
    try:
        time_zone(value)
    except ActionError as error:
        raise ValueError(str(error)) from None


def _check_time(value: str) -> None:
    if value and datetime.fromisoformat(value).tzinfo is None:
        raise ValueError("a time without a zone")
