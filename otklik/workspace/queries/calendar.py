"""A list as a calendar: what is due, what comes back and what one is reminded of, day by day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core import search
from otklik.core.access import Actor
from otklik.tickets.checklists import find_progress
from otklik.tickets.models import Reminder, Ticket
from otklik.tickets.queries import Filters, list_tickets
from otklik.tickets.queries.lists import MAX_HITS
from otklik.tickets.snoozing import UNTIL_ANSWER
from otklik.workspace.queries import marks

_MOST = 400  # of each kind in what is shown
_A_DAY = {"month": 4, "week": 40, "day": 1200}


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    time: str
    url: str
    words: str
    mark: SafeString | str
    icon: str  # due, back, reminder
    title: str
    ticket: Ticket
    checks: SafeString | str = ""  # how far its checklists are, while something is open


@dataclass(slots=True)
class Day:
    """``more``: so many stand here besides ``entries``; the span "day" shows them all."""

    day: date
    label: str
    is_today: bool
    is_outside: bool  # of another month
    entries: list[Entry] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True, slots=True)
class Calendar:
    title: str
    span: str
    weekdays: list[str]
    weeks: list[list[Day]]
    at: str
    before: str
    after: str
    is_empty: bool
    is_cut: bool
    is_narrowed: bool = False  # of a search, the newest and best of many were looked at


def get_calendar(actor: Actor, filters: Filters, query: str, *, span: str, at: str) -> Calendar:
    """``span`` is "month", "week" or "day", ``at`` a day in it (2026-03-17); today for none."""
    today = timezone.localdate()
    middle = _day(at) or today
    first, days = _range(middle, span)
    entries = list_entries(actor, filters, query, first=first, days=days)
    found = entries.entries
    by_day: dict[date, list[Entry]] = {}
    for entry in found:
        by_day.setdefault(timezone.localtime(entry.at).date(), []).append(entry)
    shown = [_filled(first + timedelta(days=n), by_day, today, middle, span) for n in range(days)]
    _add_checks(shown)
    weeks = [shown[n : n + 7] for n in range(0, days, 7)]
    before, after = _neighbours(middle, span)
    return Calendar(
        title=_title(span, first, middle),
        span=span,
        weekdays=[date_format(day.day, "D") for day in weeks[0]],
        weeks=weeks,
        at=middle.isoformat(),
        before=before.isoformat(),
        after=after.isoformat(),
        is_empty=not found,
        is_cut=entries.is_cut,
        is_narrowed=entries.is_narrowed,
    )


def _add_checks(days: list[Day]) -> None:
    """To what is shown alone, in one query."""
    progress = find_progress({one.ticket.pk for day in days for one in day.entries})
    for day in days:
        day.entries = [
            replace(one, checks=marks.checks_mark(progress.get(one.ticket.pk)))
            for one in day.entries
        ]


@dataclass(frozen=True, slots=True)
class Entries:
    """``is_cut``: there are more than these; ``is_narrowed``: a search that looked at its best."""

    entries: list[Entry]
    is_cut: bool
    is_narrowed: bool


def list_entries(actor: Actor, filters: Filters, query: str, *, first: date, days: int) -> Entries:
    """Everything of these days, soonest first, bounded by kind."""
    begin = timezone.make_aware(datetime.combine(first, time()))
    after = first + timedelta(days=days)
    end = timezone.make_aware(datetime.combine(after, time()))
    suffix = f"?{query}" if query else ""
    hits: list[int] | None = None
    if filters.q:
        found = search.find("ticket", filters.q, scopes=actor.scopes, limit=MAX_HITS)
        hits = [hit.object_id for hit in found]
    kinds = [
        _tickets(actor, filters, "next_due_at", begin, end, suffix, hits),
        _tickets(actor, filters, "snoozed_until", begin, end, suffix, hits),
        _reminders(actor, filters, begin, end, suffix, hits),
    ]
    return Entries(
        sorted((entry for kind in kinds for entry in kind), key=lambda one: one.at),
        is_cut=any(len(kind) >= _MOST for kind in kinds),
        is_narrowed=hits is not None and len(hits) >= MAX_HITS,
    )


def _tickets(
    actor: Actor,
    filters: Filters,
    column: str,
    begin: datetime,
    end: datetime,
    suffix: str,
    hits: list[int] | None,
) -> list[Entry]:
    """By the index of the column: no more than are due in the days shown."""
    # What is put off is in no list of open tickets, and still comes back.
    away = column == "snoozed_until" and filters.list in ("mine", "team", "all", "unassigned")
    rows = list_tickets(actor, filters) if not away else _away(actor, filters)
    rows = rows.filter(**{f"{column}__gte": begin, f"{column}__lt": end})
    rows = rows if hits is None else rows.filter(pk__in=hits)
    rows = rows.select_related("status").order_by(column, "pk")
    icon = "due" if column == "next_due_at" else "back"
    title = _("due") if icon == "due" else _("comes back")
    return [
        _entry(ticket, getattr(ticket, column), icon, title, suffix, ticket.subject)
        for ticket in rows[:_MOST]
        if getattr(ticket, column) < UNTIL_ANSWER
    ]


def _away(actor: Actor, filters: Filters) -> Any:
    rows = list_tickets(actor, Filters(list="snoozed", match=filters.match, within=filters.within))
    if filters.list == "mine":
        return rows.filter(assignee__person_id=actor.person_id or 0)
    if filters.list == "unassigned":
        return rows.filter(assignee__isnull=True)
    return rows.filter(team_id__in=actor.team_ids) if filters.list == "team" else rows


def _reminders(
    actor: Actor,
    filters: Filters,
    begin: datetime,
    end: datetime,
    suffix: str,
    hits: list[int] | None,
) -> list[Entry]:
    """One's own, of any ticket one may see."""
    rows = Reminder.objects.visible_to(actor).filter(
        person=actor.person_id or 0, dropped_at__isnull=True, due_at__gte=begin, due_at__lt=end
    )
    if filters.match is not None or filters.within is not None:
        asked = Filters(list="any", match=filters.match, within=filters.within)
        rows = rows.filter(ticket__in=list_tickets(actor, asked))
    rows = rows if hits is None else rows.filter(ticket__in=hits)
    found = rows.select_related("ticket__status").order_by("due_at", "pk")[:_MOST]
    return [
        _entry(
            row.ticket,
            row.due_at,
            "reminder",
            _("reminder"),
            suffix,
            row.note or row.ticket.subject,
        )
        for row in found
    ]


def _entry(ticket: Ticket, at: datetime, icon: str, title: str, suffix: str, words: str) -> Entry:
    return Entry(
        at=at,
        time=timezone.localtime(at).strftime("%H:%M"),
        url=f"/tickets/{ticket.number}/{suffix}",
        words=words or _("No subject"),
        mark=marks.status_mark(ticket.status),
        icon=icon,
        title=title,
        ticket=ticket,
    )


def _filled(
    day: date, by_day: dict[date, list[Entry]], today: date, middle: date, span: str
) -> Day:
    entries = by_day.get(day, [])
    most = _A_DAY[span]
    return Day(
        day=day,
        label=date_format(day, "j" if span == "month" else "j E"),
        is_today=day == today,
        is_outside=span == "month" and day.month != middle.month,
        entries=entries[:most],
        more=max(0, len(entries) - most),
    )


def _range(middle: date, span: str) -> tuple[date, int]:
    """The Monday it begins with, and how many days."""
    if span == "day":
        return middle, 1
    first = middle.replace(day=1) if span == "month" else middle
    monday = first - timedelta(days=first.weekday())
    if span == "week":
        return monday, 7
    following = (first + timedelta(days=32)).replace(day=1)
    weeks = -(-(following - monday).days // 7)
    return monday, weeks * 7


def _neighbours(middle: date, span: str) -> tuple[date, date]:
    if span != "month":
        step = timedelta(days=7 if span == "week" else 1)
        return middle - step, middle + step
    first = middle.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)


def _title(span: str, first: date, middle: date) -> str:
    if span == "month":
        return date_format(middle, "F Y")
    if span == "day":
        return date_format(middle, "l, j E Y")
    last = first + timedelta(days=6)
    if first.month == last.month:
        return f"{first.day}–{date_format(last, 'j E Y')}"
    return f"{date_format(first, 'j E')} – {date_format(last, 'j E Y')}"


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 1970 <= found.year <= 2200 else None
