"""What is happening, as customers say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from otklik.channels.acknowledging import promise
from otklik.tickets.models import StatusKind, Ticket
from otklik.ui import marks

_WORDS: dict[str, str | Promise] = {
    StatusKind.NEW: pgettext_lazy("status for customers", "We have received it"),
    StatusKind.OPEN: pgettext_lazy("status for customers", "We are working on it"),
    StatusKind.PENDING: pgettext_lazy("status for customers", "We wait for your answer"),
    StatusKind.ON_HOLD: pgettext_lazy("status for customers", "We wait for others"),
    StatusKind.SOLVED: pgettext_lazy("status for customers", "Solved"),
    StatusKind.CLOSED: pgettext_lazy("status for customers", "Closed"),
}
_SHAPES = {
    StatusKind.NEW: "disc-hole",
    StatusKind.OPEN: "half",
    StatusKind.PENDING: "dots",
    StatusKind.ON_HOLD: "bars",
    StatusKind.SOLVED: "tick",
    StatusKind.CLOSED: "dash",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of what is happening: ``mark`` and ``words``, then when or what to do."""

    mark: SafeString
    words: str
    at: datetime | None = None
    note: str = ""
    is_current: bool = False
    is_ahead: bool = False


def status_words(kind: str) -> str:
    return str(_WORDS[StatusKind(kind)])


def status_mark_of(kind: str) -> SafeString:
    """Decoration: the words stand beside it."""
    return marks.status_mark(_SHAPES[StatusKind(kind)])


def list_steps(ticket: Ticket, first_reply_at: datetime | None) -> list[Step]:
    """From received to solved; ``ticket.brand`` with its calendar comes along."""
    kind = StatusKind(ticket.status_kind)
    done = marks.icon("check")
    steps = [Step(done, _("We have received your request"), ticket.created_at)]
    if first_reply_at is not None and kind is not StatusKind.NEW:
        steps.append(Step(done, _("We have answered"), first_reply_at))
    if kind is StatusKind.NEW:
        steps.append(_first_answer(ticket))
    elif kind in (StatusKind.OPEN, StatusKind.PENDING, StatusKind.ON_HOLD):
        steps.append(
            Step(status_mark_of(kind), status_words(kind), note=_note(kind), is_current=True)
        )
    if kind not in (StatusKind.SOLVED, StatusKind.CLOSED):
        steps.append(Step(marks.status_mark("dashed"), _("Solution"), is_ahead=True))
        return steps
    steps.append(
        Step(
            status_mark_of(StatusKind.SOLVED),
            status_words(StatusKind.SOLVED),
            ticket.solved_at,
            is_current=kind is StatusKind.SOLVED,
        )
    )
    if kind is StatusKind.CLOSED:
        steps.append(
            Step(status_mark_of(kind), status_words(kind), ticket.closed_at, is_current=True)
        )
    return steps


def _first_answer(ticket: Ticket) -> Step:
    promised = promise(ticket.brand, ticket.created_at)
    mark = status_mark_of(StatusKind.NEW)
    if promised <= timezone.now():
        # A promise that was not kept is not repeated.
        return Step(mark, _("An answer is being prepared"), is_current=True)
    return Step(mark, _("First answer at the latest"), promised, is_current=True)


def _note(kind: StatusKind) -> str:
    if kind is StatusKind.PENDING:
        return _("Write below, and we go on.")
    if kind is StatusKind.ON_HOLD:
        return _("A supplier or a colleague has to answer first.")
    return ""
