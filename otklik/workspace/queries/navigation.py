"""The navigation: lists with bounded counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from otklik.core.access import Actor
from otklik.tickets.models import Reminder
from otklik.tickets.queries import MAX_COUNT, Filters, list_tickets

LABELS: dict[str, str | Promise] = {
    "mine": pgettext_lazy("ticket list", "Mine"),
    "unassigned": pgettext_lazy("ticket list", "Unassigned"),
    "team": pgettext_lazy("ticket list", "My team"),
    "all": pgettext_lazy("ticket list", "All open"),
    "snoozed": pgettext_lazy("ticket list", "Snoozed"),
    "followed": pgettext_lazy("ticket list", "Followed"),
    "solved": pgettext_lazy("ticket list", "Recently solved"),
    "spam": pgettext_lazy("ticket list", "Spam"),
    "trash": pgettext_lazy("ticket list", "Trash"),
    "any": pgettext_lazy("ticket list", "All tickets"),
}
_ICONS = {
    "mine": "inbox",
    "unassigned": "user",
    "team": "users",
    "all": "list",
    "snoozed": "calendar-clock",
    "followed": "eye",
    "solved": "check",
    "spam": "ban",
    "trash": "trash-2",
}
_COUNTED = ("mine", "unassigned", "team", "all", "snoozed")
SORT_LABELS: dict[str, str | Promise] = {
    "newest": _("Newest first"),
    "oldest": _("Oldest first"),
    "created": _("By creation"),
    "updated": _("By change"),
    "priority": _("By priority"),
    "waking": _("Soonest back first"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    name: str
    label: str
    icon: str
    url: str
    count: str
    is_current: bool


def list_navigation(actor: Actor, current: str) -> list[NavItem]:
    counts = count_lists(actor)
    reminders = NavItem(
        name="reminders",
        label=_gettext("Reminders"),
        icon="alarm-clock",
        url=reverse("workspace:reminders"),
        count="" if counts["reminders"] == "0" else counts["reminders"],
        is_current=current == "reminders",
    )
    lists = [
        NavItem(
            name=name,
            label=str(LABELS[name]),
            icon=icon,
            url=f"{reverse('workspace:inbox')}?list={name}",
            count=counts.get(name, ""),
            is_current=name == current,
        )
        for name, icon in _ICONS.items()
    ]
    return [*lists, reminders]


def count_lists(actor: Actor) -> dict[str, str]:
    """Every count in one statement, each bounded: "999+" beyond."""
    sql, parameters = _counting(connection.vendor, actor)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchone()
    return {
        name: spell_count(count)
        for name, count in zip((*_COUNTED, "reminders"), found, strict=True)
    }


@lru_cache(maxsize=256)
def _counting(_vendor: str, actor: Actor) -> tuple[str, tuple[Any, ...]]:
    """The statement for one who sees and is what this one does. None of it asks the clock."""
    parts: list[str] = []
    parameters: list[Any] = []
    due = Reminder.objects.filter(person=actor.person_id or 0, dropped_at__isnull=True).due()
    lists = [list_tickets(actor, Filters(list=name)) for name in _COUNTED]
    for counted in (*lists, due):
        rows = counted.order_by().values("pk")[: MAX_COUNT + 1]
        try:
            sql, given = rows.query.sql_with_params()
        except EmptyResultSet:
            parts.append("(SELECT 0)")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted)")  # noqa: S608 - Django's own SQL
        parameters += given
    return f"SELECT {', '.join(parts)}", tuple(parameters)


def spell_count(count: int) -> str:
    return f"{MAX_COUNT}+" if count > MAX_COUNT else str(count)
