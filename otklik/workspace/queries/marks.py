"""How statuses and priorities look: a shape and a word, never a colour alone."""

from __future__ import annotations

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.tickets.models import Priority, Status, StatusKind
from otklik.ui import marks

_STATUS_SHAPES = {
    StatusKind.NEW: "disc-hole",
    StatusKind.OPEN: "half",
    StatusKind.PENDING: "dots",
    StatusKind.ON_HOLD: "bars",
    StatusKind.SOLVED: "tick",
    StatusKind.CLOSED: "dash",
}
_PRIORITY_SHAPES = {
    Priority.LOW: "bars-1",
    Priority.NORMAL: "bars-2",
    Priority.HIGH: "bars-3",
    Priority.URGENT: "square-bang",
}


def status_words(status: Status) -> str:
    return status.label((get_language() or "").partition("-")[0])


def status_mark(status: Status, *, is_named: bool = True) -> SafeString:
    shape = _STATUS_SHAPES[StatusKind(status.kind)]
    return marks.status_mark(shape, status_words(status) if is_named else "")


def kind_mark(kind: str) -> SafeString:
    """The mark of a kind of status beside its words."""
    return marks.status_mark(_STATUS_SHAPES[StatusKind(kind)])


def priority_words(rank: int) -> str:
    return str(Priority(rank).label)


def priority_mark(rank: int, *, is_named: bool = True) -> SafeString:
    shape = _PRIORITY_SHAPES[Priority(rank)]
    return marks.priority_mark(shape, priority_words(rank) if is_named else "")


def checks_mark(progress: tuple[int, int] | None) -> SafeString | str:
    """ "2/5" with a tick-list, of a ticket whose checklists have open items; "" of any other."""
    if progress is None:
        return ""
    done, total = progress
    words = _("Checklist: %(done)d of %(total)d done") % {"done": done, "total": total}
    return format_html(
        '<span class="row-checks">{}<span aria-hidden="true">{}/{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        *(marks.icon("list-checks", 14), done, total, words),
    )


@cache
def channel_icon(channel: str) -> str:
    known = {"email": "mail", "phone": "phone", "visit": "store", "letter": "file-text"}
    return known.get(channel, "message-circle" if channel != "web" else "globe")
