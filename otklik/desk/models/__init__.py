from otklik.desk.models.account import Account, AccountState
from otklik.desk.models.brand import Brand, TextTemplate
from otklik.desk.models.calendar import Calendar, CalendarException, CalendarSpan

__all__ = [
    "Account",
    "AccountState",
    "Brand",
    "Calendar",
    "CalendarException",
    "CalendarSpan",
    "TextTemplate",
]
