"""Brands, calendars and mailboxes for the tests of every room, through the write doors."""

from __future__ import annotations

from itertools import count
from typing import Any

from otklik.core.access import SYSTEM
from otklik.desk.actions import change_brand, create_account, create_brand, create_calendar
from otklik.desk.brands import ensure_default_brand
from otklik.desk.models import Account, Brand, Calendar

OFFICE_WEEK = [["09:00-18:00"]] * 5 + [[], []]
_numbers = count(1)


def make_calendar(
    name: str = "Office", time_zone: str = "Europe/Moscow", **details: Any
) -> Calendar:
    """Monday to Friday, 09:00–18:00, unless told otherwise."""
    details.setdefault("week", OFFICE_WEEK)
    return create_calendar(SYSTEM, name=name, time_zone=time_zone, **details)


def make_default_brand(**changes: Any) -> Brand:
    """The one default brand, which is there after every migration."""
    brand = ensure_default_brand()
    return change_brand(SYSTEM, brand, **changes) if changes else brand


def make_brand(name: str = "", **details: Any) -> Brand:
    """Another brand beside the default one."""
    ensure_default_brand()
    calendar = details.pop("calendar", None) or make_calendar()
    return create_brand(
        SYSTEM, name=name or f"Brand {next(_numbers)}", calendar=calendar, **details
    )


def make_mailbox(address: str = "", *, brand: Brand | None = None, **details: Any) -> Account:
    """An active e-mail account; ``details``: config, secrets, language, name."""
    wanted = address or f"support{next(_numbers)}@demo.example"
    return create_account(
        SYSTEM,
        kind="email",
        name=details.pop("name", "Support"),
        address=wanted,
        brand=brand or make_default_brand(),
        **details,
    )
