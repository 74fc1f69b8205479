"""A list as a table: the columns somebody chose, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.tickets.conditions import channels
from otklik.tickets.models import Kind, Ticket
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.queries import marks
from otklik.workspace.queries.layouts import COLUMNS


@dataclass(frozen=True, slots=True)
class Column:
    """``reads``: what it needs of a ticket beyond what every row does; ``cell`` its markup."""

    reads: tuple[str, ...]
    cell: Callable[[Ticket], str]
    css: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    id: int
    line: SafeString


def columns_for(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(path for name in names for path in _CELLS[name].reads)


def head_of(names: Iterable[str]) -> list[tuple[str, str]]:
    """Label and style of each column."""
    return [(str(COLUMNS[name]), _CELLS[name].css) for name in names]


def table_rows(
    tickets: Iterable[Ticket],
    unread: frozenset[int],
    suffix: str,
    names: Sequence[str],
    progress: Mapping[int, tuple[int, int]],
) -> list[TableRow]:
    link_at = "subject" if "subject" in names else names[0]
    return [
        _row(ticket, ticket.pk in unread, suffix, names, link_at, progress.get(ticket.pk))
        for ticket in tickets
    ]


def _row(
    ticket: Ticket,
    is_unread: bool,
    suffix: str,
    names: Sequence[str],
    link_at: str,
    progress: tuple[int, int] | None,
) -> TableRow:
    cells = []
    for name in names:
        column = _CELLS[name]
        inner = column.cell(ticket)
        if name == link_at:
            address = escape(f"/tickets/{ticket.number}/{suffix}")
            checks = marks.checks_mark(progress)
            inner = f'{checks}<a class="row-title" href="{address}" data-row>{inner or "—"}</a>'
        label = escape(str(COLUMNS[name]))
        cells.append(f'<td class="{column.css}" data-label="{label}">{inner}</td>')
    label = escape(_("Select № %(number)d") % {"number": ticket.number})
    tick = (
        '<td class="table-tick"><label class="row-tick"><input class="checkbox" type="checkbox"'
        f' name="tickets" value="{ticket.pk}" aria-label="{label}"></label></td>'
    )
    css = " row-unread" if is_unread else ""
    line = (
        f'<tr class="row table-row{css}" id="row-{ticket.pk}" data-id="{ticket.pk}"'
        f' data-version="{ticket.version}">{tick}{"".join(cells)}</tr>'
    )
    return TableRow(ticket.pk, mark_safe(line))  # noqa: S308 - every cell escapes what it shows


def _marked(mark: SafeString, words: str) -> str:
    return f'<span class="marked">{mark}{escape(words)}</span>'


def _moment(value: datetime | None) -> str:
    if value is None:
        return ""
    local = timezone.localtime(value)
    is_today = local.date() == timezone.localdate()
    return escape(moment_words(local, "time" if is_today else "date"))


def _customer(ticket: Ticket) -> str:
    return escape(ticket.requester.name or str(ticket.requester_identity or _("No name")))


def _channel(ticket: Ticket) -> str:
    return escape(dict(channels()).get(ticket.last_channel, ticket.last_channel))


def _category(ticket: Ticket) -> str:
    language = (get_language() or "").partition("-")[0]
    return escape(ticket.category.label(language)) if ticket.category else ""


_CELLS: dict[str, Column] = {
    "number": Column((), lambda one: f"№&nbsp;{one.number}", "number"),
    "subject": Column((), lambda one: escape(one.subject or _("No subject")), "table-subject"),
    "customer": Column((), _customer),
    "organisation": Column(
        (), lambda one: escape(one.organisation.name) if one.organisation else ""
    ),
    "status": Column(
        (),
        lambda one: _marked(
            marks.status_mark(one.status, is_named=False), marks.status_words(one.status)
        ),
    ),
    "priority": Column(
        (),
        lambda one: _marked(
            marks.priority_mark(one.priority, is_named=False), marks.priority_words(one.priority)
        ),
    ),
    "assignee": Column(
        ("assignee__person__name",),
        lambda one: escape(one.assignee.person.name) if one.assignee else "",
    ),
    "team": Column(("team__name",), lambda one: escape(one.team.name) if one.team else ""),
    "category": Column(("category__name", "category__labels"), _category),
    "kind": Column(("kind",), lambda one: escape(str(Kind(one.kind).label))),
    "brand": Column(("brand__name",), lambda one: escape(one.brand.name)),
    "channel": Column(("last_channel",), _channel),
    "created": Column(("created_at",), lambda one: _moment(one.created_at), "table-moment"),
    "last": Column((), lambda one: _moment(one.last_message_at), "table-moment"),
    "updated": Column(("updated_at",), lambda one: _moment(one.updated_at), "table-moment"),
    "due": Column(("next_due_at",), lambda one: _moment(one.next_due_at), "table-moment"),
    "messages": Column(("message_count",), lambda one: str(one.message_count), "number"),
}
