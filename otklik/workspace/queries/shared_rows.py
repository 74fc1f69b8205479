"""Rows of a list for pages that show it live: read once for all who see the same, and sent only
where a page does not have them.

What is each person's own (unread, who else is there) is put in where a row is sent.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from django.db.models import Max
from django.http import QueryDict
from django.template.loader import render_to_string

from otklik.core.access import Actor, Invalid, Missing
from otklik.core.realtime.topics import Wish
from otklik.tickets.models import Message, ReadMark
from otklik.tickets.queries.unread import may_be_unread
from otklik.tickets.querysets import sees_all
from otklik.workspace.queries.asking import ask
from otklik.workspace.queries.presence import Signs
from otklik.workspace.queries.reader import as_read_by
from otklik.workspace.queries.rows import TicketRow, list_rows

BELIEVED = 2.0  # seconds; of what nobody is told, such as what was read, a page learns so late
_MOST = 200
# The same for everybody from whom no ticket is hidden.
_SHARED = {"all", "unassigned", "solved"}


@dataclass(frozen=True, slots=True)
class _Line:
    """A row's markup around what is each person's own."""

    id: int
    key: str
    digest: str
    around: tuple[str, str, str]

    @property
    def same(self) -> str:
        return f'<article class="row" id="row-{self.id}" data-same></article>'


@dataclass(slots=True)
class _Drawn:
    """A page of rows as nobody in particular sees it, and what each person's own needs."""

    begun: float
    lines: list[_Line]
    foot: str
    asks_read: frozenset[int]  # tickets that somebody may not have read
    signs: Signs
    _read: dict[int, tuple[int, dict[int, int]]] = field(default_factory=dict)

    def unread_by(self, person_id: int | None, ids: Iterable[int]) -> set[int]:
        asked = self.asks_read.intersection(ids)
        if not asked or person_id is None:
            return set()
        self._look_up(asked - self._read.keys())
        found = set()
        for pk in asked:
            newest, read = self._read[pk]
            if person_id not in read or newest > read[person_id]:
                found.add(pk)
        return found

    def _look_up(self, ids: set[int] | frozenset[int]) -> None:
        if not ids:
            return
        incoming = Message.objects.filter(ticket_id__in=ids, direction="in").order_by()
        last = incoming.values("ticket_id").annotate(newest=Max("id"))
        newest = dict(last.values_list("ticket_id", "newest"))
        read: dict[int, dict[int, int]] = {}
        marks = ReadMark.objects.filter(ticket_id__in=ids)
        for pk, person_id, message_id in marks.values_list("ticket_id", "person_id", "message_id"):
            read.setdefault(pk, {})[person_id] = message_id or 0
        for pk in ids:
            self._read[pk] = (newest.get(pk, 0), read.get(pk, {}))


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    drawn: _Drawn | None = None


_entries: OrderedDict[tuple[object, ...], _Entry] = OrderedDict()
_entries_lock = threading.Lock()


def draw_rows(wish: Wish) -> str | None:
    """The list in its order: rows that the page does not have as they are, the others by their id
    alone (``data-same``). None for what only the list's own address can answer."""
    with as_read_by(wish) as is_read:
        drawn = _drawn(wish) if is_read else None
        return _composed(drawn, wish) if drawn is not None else None


def _composed(drawn: _Drawn, wish: Wish) -> str:
    has = wish.has
    news = {line.id for line in drawn.lines if has.get(line.key) != line.digest}
    unread = drawn.unread_by(wish.actor.person_id, news)
    signs = drawn.signs.seen_by(wish.actor, news) if news else {}
    parts = []
    for line in drawn.lines:
        if line.id not in news:
            parts.append(line.same)
            continue
        begin, middle, end = line.around
        css = " row-unread" if line.id in unread else ""
        parts += (begin, css, middle, signs.get(line.id, ""), end)
    return "".join(parts) + drawn.foot


def _drawn(wish: Wish) -> _Drawn | None:
    key = (_whose(wish.actor, wish.address), wish.address, wish.language, wish.zone)
    with _entries_lock:
        entry = _entries.setdefault(key, _Entry())
        _entries.move_to_end(key)
        while len(_entries) > _MOST:
            _entries.popitem(last=False)
    with entry.lock:
        known, oldest = entry.drawn, max(wish.told_at, time.monotonic() - BELIEVED)
        if known is None or known.begun < oldest:
            known = entry.drawn = _draw(wish.actor, wish.address, known)
        return known


def _draw(actor: Actor, address: str, before: _Drawn | None) -> _Drawn | None:
    begun = time.monotonic()
    try:
        asked = ask(actor, QueryDict(address))
    except (Missing, Invalid):
        return None
    if asked.problem is not None or asked.layout.layout or asked.layout.grouping:
        return None
    found = list_rows(
        actor,
        asked.filters,
        sort=asked.sort,
        query=asked.address(),
        layout=asked.layout,
        is_bare=True,
    )
    rows = [row for row in found.rows if isinstance(row, TicketRow)]
    if not rows:
        return None
    known = {line.id: line for line in before.lines} if before is not None else {}
    foot = {
        "is_cut": found.is_cut,
        "looked_at": found.looked_at,
        "more_query": asked.address(cursor=found.next) if found.next else "",
    }
    return _Drawn(
        begun,
        [_line(row, known.get(row.id)) for row in rows],
        render_to_string("workspace/parts/rows_foot.html", foot),
        frozenset(ticket.pk for ticket in found.tickets if may_be_unread(ticket)),
        Signs(row.id for row in rows),
    )


def _line(row: TicketRow, before: _Line | None) -> _Line:
    digest = row.digest
    if before is not None and before.digest == digest:
        return before
    return _Line(row.id, str(row.id), digest, row.around)


def _whose(actor: Actor, address: str) -> object:
    """Nobody's in particular where all who see every ticket see the same rows."""
    pairs = dict(parse_qsl(address))
    is_common = pairs.keys() <= {"list", "sort"} and pairs.get("list") in _SHARED
    return None if is_common and sees_all(actor) else actor
