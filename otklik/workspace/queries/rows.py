"""Rows of the list: everything a row shows is a value here, so that its template holds no tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Protocol
from urllib.parse import urlencode
from zlib import crc32

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.tickets.checklists import find_progress
from otklik.tickets.models import Priority, StatusKind, Ticket
from otklik.tickets.queries import PAGE, Filters, Page, Sort, get_page
from otklik.tickets.queries.unread import find_unread
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.queries import grouping, later, marks, tables
from otklik.workspace.queries.layouts import Layout
from otklik.workspace.queries.presence import list_signs

PLAIN = Layout()


@dataclass(frozen=True, slots=True)
class TicketRow:
    id: int
    number: int
    url: str
    subject: str
    person: str
    organisation: str
    status: SafeString
    priority: SafeString | str  # only high and urgent are shown
    when: str
    snippet: str
    css: str
    current: SafeString | str
    version: int
    tick_label: str
    here: SafeString | str  # who else is in it
    checks: SafeString | str = ""  # how far its checklists are, while something is open
    is_beside: bool = True  # opens beside the list, not on a page of its own

    @property
    def digest(self) -> str:
        """Of what everybody sees of it: two rows with the same one look the same."""
        seen = (
            *(self.version, self.url, self.subject, self.person, self.organisation, self.status),
            *(self.priority, self.when, self.snippet, self.tick_label, self.is_beside),
            self.checks,
        )
        return f"{crc32(repr(seen).encode(errors='replace')):08x}"

    @property
    def line(self) -> SafeString:
        """Its markup. A template takes five times as long, and lists are most of what is asked."""
        begin, middle, end = self.around
        return mark_safe(f"{begin}{self.css}{middle}{self.here}{end}")  # noqa: S308 - as below

    @property
    def around(self) -> tuple[str, str, str]:
        """The markup before, between and after ``css`` and ``here``, each person's own. Whatever
        was written by somebody is escaped."""
        organisation = ""
        if self.organisation:
            organisation = f' <span class="quiet">· {escape(self.organisation)}</span>'
        values = {
            "id": self.id,
            "version": self.version,
            "digest": self.digest,
            "current": self.current,
            "status": self.status,
            "priority": self.priority,
            "url": escape(self.url),
            "tick_label": escape(self.tick_label),
            "subject": escape(self.subject),
            "person": escape(self.person),
            "organisation": organisation,
            "when": escape(self.when),
            "snippet": escape(self.snippet),
            "checks": self.checks,
            "beside": _BESIDE if self.is_beside else "",
        }
        return _BEGIN, _MIDDLE % values, _END % values


_BEGIN = '<article class="row'
_MIDDLE = (
    '" id="row-%(id)d" data-id="%(id)d"'
    ' data-version="%(version)d" data-drawn="%(digest)s"%(current)s>'
    '<span class="row-marks"><label class="row-tick"><input class="checkbox" type="checkbox"'
    ' name="tickets" value="%(id)d" aria-label="%(tick_label)s"></label>'
    '<span class="row-status">%(status)s</span>%(priority)s</span>'
    '<div class="row-main"><a class="row-title" href="%(url)s" data-row%(beside)s>%(subject)s</a>'
    '<span class="row-line"><span>%(person)s%(organisation)s</span>%(checks)s'
)
_END = (
    '<span class="row-end">%(when)s</span></span>'
    '<span class="row-last">%(snippet)s</span></div></article>'
)


_BESIDE = ' hx-boost="true" hx-target="#main" hx-swap="innerHTML show:none"'
GROUPED = 200  # tickets at a time where they stand in groups


class Shown(Protocol):
    """A row of the list, or a heading between rows."""

    @property
    def line(self) -> SafeString: ...


@dataclass(frozen=True, slots=True)
class Rows:
    rows: list[Shown]
    next: str
    is_cut: bool
    looked_at: int = 0
    tickets: Sequence[Ticket] = ()


_COLUMNS = (
    *("number", "subject", "priority", "version", "snippet", "status_kind", "is_unfinished"),
    *("snoozed_until", "woken_at", "woken_why"),
    *("last_message_at", "last_message_by", "status__kind", "status__code", "status__labels"),
    *("requester__name", "requester_identity__kind", "requester_identity__value"),
    *("requester_identity__display", "organisation__name"),
)


def list_rows(
    actor: Actor,
    filters: Filters,
    *,
    sort: Sort | None = None,
    cursor: str = "",
    query: str = "",
    current: int | None = None,
    layout: Layout = PLAIN,
    is_bare: bool = False,
) -> Rows:
    """A page of rows in four queries. ``query`` is the list's own address, kept in each row's.

    In groups more come at once, each group under its heading. ``is_bare``: without what is this
    one's own, unread and who else is there.
    """
    columns: tuple[str, ...] = _COLUMNS
    size = PAGE
    if layout.grouping:
        columns, size = (*_COLUMNS, *grouping.COLUMNS[layout.grouping]), GROUPED
    if layout.layout == "table":
        columns = (*columns, *tables.columns_for(layout.shown_columns))
    columns = tuple(dict.fromkeys(columns))
    page: Page = get_page(actor, filters, sort=sort, cursor=cursor, columns=columns, size=size)
    unread = frozenset[int]() if is_bare else find_unread(actor, page.tickets)
    suffix = f"?{query}" if query else ""
    signs = {} if is_bare else list_signs(actor, [ticket.pk for ticket in page.tickets])
    progress = find_progress(ticket.pk for ticket in page.tickets)
    drawing = _Drawing(unread, suffix, current, signs, progress)
    rows: list[Shown] = []
    for heading, tickets in grouping.grouped(page.tickets, layout.grouping):
        if heading:
            is_open = bool(page.next)
            wide = len(layout.shown_columns) + 1 if layout.layout == "table" else 0
            rows.append(grouping.Heading(heading, len(tickets), is_open, wide))
        if layout.layout == "table":
            rows += tables.table_rows(tickets, unread, suffix, layout.shown_columns, progress)
            continue
        made = [drawing.row(ticket) for ticket in tickets]
        rows += [replace(row, is_beside=False) for row in made] if layout.layout else made
    return Rows(rows, page.next, page.is_cut, page.looked_at, page.tickets)


def list_query(filters: Filters, sort: str = "", **more: object) -> str:
    """The query string that leads to this list again."""
    pairs: list[tuple[str, object]] = [("list", filters.list)]
    single = [("q", filters.text or filters.q), ("channel", filters.channel), ("tag", filters.tag)]
    pairs += [(name, value) for name, value in single if value]
    for name in ("status", "kind", "priority", "team", "assignee"):
        pairs += [(name, value) for value in getattr(filters, name)]
    for name in ("category", "brand", "requester", "organisation"):
        if getattr(filters, name) is not None:
            pairs.append((name, getattr(filters, name)))
    if sort:
        pairs.append(("sort", sort))
    pairs += [(name, value) for name, value in more.items() if value]
    return urlencode(pairs)


_CURRENT = mark_safe(' aria-current="true"')


class _Drawing:
    """What the rows of one page have in common, words in the reader's language and today too."""

    def __init__(
        self,
        unread: frozenset[int],
        suffix: str,
        current: int | None,
        signs: Mapping[int, SafeString],
        progress: Mapping[int, tuple[int, int]],
    ) -> None:
        self._unread, self._suffix, self._current = unread, suffix, current
        self._signs, self._progress = signs, progress
        self._tick_label = _("Select № %(number)d")
        self._no_subject, self._no_name = _("No subject"), _("No name")
        self._today = timezone.localdate()
        self._statuses: dict[int, SafeString] = {}

    def row(self, ticket: Ticket) -> TicketRow:
        person = ticket.requester.name or (
            str(ticket.requester_identity) if ticket.requester_identity else self._no_name
        )
        is_current = self._current == ticket.pk
        is_unread = ticket.pk in self._unread and not is_current
        is_pressing = ticket.priority >= Priority.HIGH
        return TicketRow(
            id=ticket.pk,
            number=ticket.number,
            url=f"/tickets/{ticket.number}/{self._suffix}",
            subject=ticket.subject or self._no_subject,
            person=person,
            organisation=ticket.organisation.name if ticket.organisation else "",
            status=self._status(ticket),
            priority=marks.priority_mark(ticket.priority) if is_pressing else "",
            when=self._when(ticket),
            snippet=ticket.snippet,
            css=" row-unread" if is_unread else "",
            current=_CURRENT if is_current else "",
            version=ticket.version,
            tick_label=self._tick_label % {"number": ticket.number},
            here=self._signs.get(ticket.pk, ""),
            checks=marks.checks_mark(self._progress.get(ticket.pk)),
        )

    def _status(self, ticket: Ticket) -> SafeString:
        mark = self._statuses.get(ticket.status_id)
        if mark is None:
            mark = self._statuses[ticket.status_id] = marks.status_mark(ticket.status)
        return mark

    def _when(self, ticket: Ticket) -> str:
        if ticket.snoozed_until is not None:
            return later.snoozed_words(ticket)
        if ticket.woken_at is not None and later.is_back(ticket):
            return _("is back")
        if ticket.status_kind == StatusKind.PENDING:
            return _("waits for customer")
        if ticket.status_kind == StatusKind.ON_HOLD:
            return _("waits for others")
        local = timezone.localtime(ticket.last_message_at)
        return moment_words(local, "time" if local.date() == self._today else "date")
