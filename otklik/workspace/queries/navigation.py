"""The navigation: lists with bounded counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from otklik.core.access import Actor
from otklik.core.db.planning import ask_by_index
from otklik.tickets.models import Reminder
from otklik.tickets.queries import MAX_COUNT, Filters, list_tickets
from otklik.tickets.queries.walking import minute, read_count
from otklik.workspace.models import View
from otklik.workspace.queries.unsent import want_me
from otklik.workspace.queries.views import list_views, question_of

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
_VIEW_ICONS = {"board": "square-kanban", "people": "square-kanban", "month": "calendar"}
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
    group: str = ""  # "views" for saved ones


def list_navigation(
    actor: Actor, current: str, *, views: Sequence[View] | None = None
) -> list[NavItem]:
    """Built-in lists, reminders, then ``views``: this one's own unless others are given."""
    views = list_views(actor) if views is None else views
    counts = count_lists(actor, views)
    reminders = NavItem(
        name="reminders",
        label=_gettext("Reminders"),
        icon="alarm-clock",
        url=reverse("workspace:reminders"),
        count="" if counts["reminders"] == "0" else counts["reminders"],
        is_current=current == "reminders",
    )
    inbox = reverse("workspace:inbox")
    lists = [
        NavItem(
            name=name,
            label=str(LABELS[name]),
            icon=icon,
            url=f"{inbox}?list={name}",
            count=counts.get(name, ""),
            is_current=name == current,
        )
        for name, icon in _ICONS.items()
    ]
    own = [
        NavItem(
            name=view_name(view),
            label=view.name,
            icon=_VIEW_ICONS.get(view.layout, "bookmark"),
            url=f"{inbox}?view={view.pk}",
            count=counts.get(view_name(view), ""),
            is_current=view_name(view) == current,
            group="views",
        )
        for view in views
    ]
    unsent = NavItem(
        name="unsent",
        label=_gettext("Unsent"),
        icon="send",
        url=reverse("workspace:unsent"),
        count="" if counts["unsent"] == "0" else counts["unsent"],
        is_current=current == "unsent",
    )
    return [*lists, reminders, unsent, *own]


def view_name(view: View) -> str:
    return f"view-{view.pk}"


def count_lists(actor: Actor, views: Sequence[View] = ()) -> dict[str, str]:
    """Every count in one statement, each bounded: "999+" beyond, "37+" where only the newest
    were looked at."""
    now = minute(timezone.now())
    parts, parameters = _counting(connection.vendor, actor, now)
    questions = {view_name(view): question_of(actor, view, now) for view in views}
    asked = {name: one for name, one in questions.items() if one is not None and one.columns}
    columns = [*parts, *(one.columns[0] for one in asked.values() if one.columns)]
    given = [*parameters, *(value for one in asked.values() for value in one.columns[1])]  # type: ignore[index]
    statement = f"SELECT {', '.join(columns)}"
    if asked:  # what is best depends on what the views ask for
        found = ask_by_index(statement, given)[0]
    else:
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            found = cursor.fetchone()
    names = (*_COUNTED, "reminders", "held", "to review", "given")
    counts = {name: spell_count(found[at]) for at, name in enumerate(names)}
    counts["unsent"] = spell_count(sum(found[at] for at in range(len(names) - 3, len(names))))
    for at, (name, question) in enumerate(asked.items()):
        pair = found[len(names) + 2 * at : len(names) + 2 * at + 2]
        counts[name] = spell_count(*read_count(pair, question))
    return counts


@lru_cache(maxsize=256)
def _counting(_vendor: str, actor: Actor, now: datetime) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The counts of the lists for one who sees and is what this one does, this minute."""
    parts: list[str] = []
    parameters: list[Any] = []
    due = Reminder.objects.filter(person=actor.person_id or 0, dropped_at__isnull=True).due()
    lists = [list_tickets(actor, Filters(list=name)) for name in _COUNTED]
    for counted in (*lists, due, *want_me(actor)):
        rows = counted.order_by().values("pk")[: MAX_COUNT + 1]
        try:
            sql, given = rows.query.sql_with_params()
        except EmptyResultSet:
            parts.append("(SELECT 0)")
            continue
        # Equal words of many agents are kept once.
        parts.append(intern(f"(SELECT COUNT(*) FROM ({sql}) AS counted)"))  # noqa: S608 - Django's
        parameters += given
    return tuple(parts), tuple(parameters)


def spell_count(count: int, is_more: bool = False) -> str:
    """``is_more``: there may be more than were looked at."""
    if count > MAX_COUNT:
        return f"{MAX_COUNT}+"
    return f"{count}+" if is_more else str(count)
