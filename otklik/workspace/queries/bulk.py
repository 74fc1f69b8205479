"""Which tickets an act is for, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import Actor, Invalid
from otklik.tickets.bulk import MOST
from otklik.tickets.bulk.choosing import ids_of_filters
from otklik.tickets.effects import clean_steps
from otklik.tickets.models import BulkAct, BulkItem, ItemState, Ticket
from otklik.tickets.queries import Filters, count_bounded, count_query, get_page, list_tickets
from otklik.tickets.queries.walking import read_count, run
from otklik.workspace.queries.asking import ask

_PAGE = 200
_LISTED = 500  # failures on the page; REST has all


@dataclass(frozen=True, slots=True)
class Selection:
    """Ticked tickets, or with ``filters`` all that a list shows. ``count`` is bounded."""

    ids: list[int] = field(default_factory=list)
    filters: Filters | None = None
    query: str = ""
    count: int = 0

    @property
    def is_whole(self) -> bool:
        return self.filters is not None

    @property
    def is_more(self) -> bool:
        return self.count > MOST

    def all_ids(self, actor: Actor) -> list[int]:
        """Raises Invalid for more than an act may change."""
        return self.ids if self.filters is None else ids_of_filters(actor, self.filters)


def read_selection(actor: Actor, ids: Sequence[int], query: QueryDict | None) -> Selection:
    """Raises Invalid for a list that makes no sense."""
    if query is None:
        unique = list(dict.fromkeys(ids))[: MOST + 1]
        return Selection(ids=unique, count=len(unique))
    asked = ask(actor, query)
    if asked.problem is not None:
        raise asked.problem
    filters = asked.filters
    if filters.match is not None and not filters.q:
        question = count_query(actor, filters)
        count = 0
        if question.statement is not None:
            count = read_count(run(question.statement)[0], question)[0]
    elif filters.q:
        count = len(get_page(actor, filters, size=_PAGE, columns=("number",)).tickets)
    else:
        count = count_bounded(list_tickets(actor, filters), MOST)
    return Selection(filters=filters, query=query.urlencode(), count=count)


@dataclass(frozen=True, slots=True)
class Failure:
    number: int | None
    url: str
    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    act: BulkAct
    title: str
    words: str
    left: str
    failures: list[Failure]
    more_failures: int
    is_finished: bool
    is_cancelled: bool
    may_undo: bool
    undo_url: str
    url: str
    version: int


def get_report(act: BulkAct) -> Report:
    """What was done and what was not. Reads only."""
    rows = list(act.items.filter(state=ItemState.FAILED).order_by("pk")[:_LISTED])
    tickets = Ticket.objects.in_bulk([row.ticket_id for row in rows])
    undo = BulkAct.objects.filter(undoes=act).first() if act.undoes_id is None else None
    operation = act.operation
    may = act.is_finished and act.undoes_id is None and undo is None and bool(act.changed)
    is_open = operation is not None and operation.undone_at is None
    return Report(
        act=act,
        title=_title(act),
        words=_words(act),
        left=_left(act),
        failures=[_failure(row, tickets) for row in rows],
        more_failures=max(0, act.failed - len(rows)),
        is_finished=act.is_finished,
        is_cancelled=act.state == "cancelled",
        may_undo=may and is_open,
        undo_url=reverse("workspace:bulk_act", args=[undo.pk]) if undo else "",
        url=reverse("workspace:bulk_act", args=[act.pk]),
        version=act.done + act.is_finished,
    )


def list_acts(actor: Actor) -> list[Report]:
    rows: QuerySet[BulkAct] = BulkAct.objects.visible_to(actor).select_related("operation")
    return [get_report(act) for act in rows.order_by("-pk")[:20]]


def _title(act: BulkAct) -> str:
    what = act.title or _effects(act)
    if act.undoes_id is not None:
        return _("Undo: %(what)s") % {"what": act.title or _("a change of many")}
    return what


def _effects(act: BulkAct) -> str:
    try:
        steps = clean_steps(act.steps)
    except Invalid:
        return _("A change of many")
    return ", ".join(str(effect.label) for effect, _params in steps[:4])


def _words(act: BulkAct) -> str:
    changed = ngettext("%(n)d ticket changed", "%(n)d tickets changed", act.changed)
    told = [changed % {"n": act.changed}]
    same = act.done - act.changed - act.failed
    if same > 0:
        words = ngettext("%(n)d was so already", "%(n)d were so already", same)
        told.append(words % {"n": same})
    if act.failed:
        words = ngettext("%(n)d could not", "%(n)d could not", act.failed)
        told.append(words % {"n": act.failed})
    return ", ".join(told)


def _left(act: BulkAct) -> str:
    """How long it will take from here, by how long it took so far."""
    if act.is_finished or act.started_at is None or not act.done:
        return ""
    passed = (timezone.now() - act.started_at).total_seconds()
    seconds = int(passed / act.done * (act.total - act.done)) + 1
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}


def _failure(row: BulkItem, tickets: dict[int, Ticket]) -> Failure:
    ticket = tickets.get(row.ticket_id)
    if ticket is None:
        return Failure(None, "", _("A ticket that is gone"), row.why)
    address = reverse("workspace:ticket", args=[ticket.number])
    return Failure(ticket.number, address, ticket.subject, row.why)
