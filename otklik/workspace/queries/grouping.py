"""Tickets of a list in groups: headings are words with counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from otklik.kit.text import sort_key
from otklik.tickets.models import Ticket
from otklik.workspace.queries import marks

# What each grouping reads of a ticket beyond what every row does.
COLUMNS: dict[str, tuple[str, ...]] = {
    "status": ("status__position",),
    "priority": (),
    "assignee": ("assignee__person__name",),
    "team": ("team__name",),
    "due": ("next_due_at",),
    "customer": (),
}
# (what orders the groups, the heading)
Key = tuple[Any, str]


@dataclass(frozen=True, slots=True)
class Heading:
    """``is_open``: there may be more of the group on the next page. ``wide``: cells of a table."""

    words: str
    count: int
    is_open: bool
    wide: int = 0

    @property
    def line(self) -> SafeString:
        count = f"{self.count}+" if self.is_open else str(self.count)
        inner = f'{escape(self.words)} <span class="number">{count}</span>'
        if self.wide:
            cell = f'<th colspan="{self.wide}" scope="rowgroup">{inner}</th>'
            return mark_safe(f'<tr class="table-heading">{cell}</tr>')  # noqa: S308 - escaped above
        return mark_safe(f'<h2 class="rows-heading">{inner}</h2>')  # noqa: S308 - escaped above


def grouped(tickets: Iterable[Ticket], by: str) -> list[tuple[str, list[Ticket]]]:
    """Groups in their order, tickets in theirs; one without a heading when there is no group."""
    rows = list(tickets)
    key = _KEYS.get(by)
    if key is None:
        return [("", rows)]
    found: dict[Key, list[Ticket]] = {}
    for ticket in rows:
        found.setdefault(key(ticket), []).append(ticket)
    return [(words, found[order, words]) for order, words in sorted(found, key=lambda one: one[0])]


def _status(ticket: Ticket) -> Key:
    return (ticket.status.position, ticket.status_id), marks.status_words(ticket.status)


def _priority(ticket: Ticket) -> Key:
    return -ticket.priority, marks.priority_words(ticket.priority)


def _assignee(ticket: Ticket) -> Key:
    if ticket.assignee is None:
        return (0, "", 0), _("Nobody")
    name = ticket.assignee.person.name
    return (1, sort_key(name), ticket.assignee_id), name


def _team(ticket: Ticket) -> Key:
    if ticket.team is None:
        return (0, "", 0), _("No team")
    return (1, sort_key(ticket.team.name), ticket.team_id), ticket.team.name


def _customer(ticket: Ticket) -> Key:
    name = ticket.requester.name or str(ticket.requester_identity or _("No name"))
    return (sort_key(name), ticket.requester_id), name


def _due(ticket: Ticket) -> Key:
    if ticket.next_due_at is None:
        return 9, _("No due date")
    now = timezone.now()
    if ticket.next_due_at < now:
        return 0, _("Overdue")
    day, today = timezone.localtime(ticket.next_due_at).date(), timezone.localdate(now)
    if day == today:
        return 1, _("Due today")
    if day == today + timedelta(days=1):
        return 2, _("Due tomorrow")
    return (3, _("Due within a week")) if day < today + timedelta(days=7) else (4, _("Due later"))


_KEYS: dict[str, Callable[[Ticket], Key]] = {
    "status": _status,
    "priority": _priority,
    "assignee": _assignee,
    "team": _team,
    "due": _due,
    "customer": _customer,
}
