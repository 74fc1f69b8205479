"""The write doors of this room."""

from otklik.desk.actions.accounts import (
    activate_account,
    change_account,
    create_account,
    deactivate_account,
)
from otklik.desk.actions.brands import change_brand, create_brand, make_default_brand
from otklik.desk.actions.calendars import DateException, change_calendar, create_calendar
from otklik.desk.actions.texts import forget_text, write_text

__all__ = [
    "DateException",
    "activate_account",
    "change_account",
    "change_brand",
    "change_calendar",
    "create_account",
    "create_brand",
    "create_calendar",
    "deactivate_account",
    "forget_text",
    "make_default_brand",
    "write_text",
]
