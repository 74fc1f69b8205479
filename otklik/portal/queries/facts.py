"""What a request's fields tell its requester, and whether they may change something of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import formats
from django.utils.translation import get_language

from otklik.core.access import Actor
from otklik.core.fields.models import FieldKind
from otklik.core.fields.queries import Shown, list_shown
from otklik.tickets.models import StatusKind, Ticket


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Facts:
    """``lines``: those with a value, and empty ones that this one may fill in. ``may_change``:
    something of them."""

    lines: list[Fact]
    may_change: bool

    def __bool__(self) -> bool:
        return bool(self.lines)


def find_facts(actor: Actor, ticket: Ticket) -> Facts:
    is_changeable = _is_changeable(ticket)
    language = (get_language() or "").partition("-")[0]
    shown = list_shown(actor, ticket, language)
    return Facts(
        lines=[
            Fact(each.label, _words(each))
            for each in shown
            if each.words or (each.may_edit and is_changeable)
        ],
        may_change=is_changeable and any(each.may_edit for each in shown),
    )


def _is_changeable(ticket: Ticket) -> bool:
    """Not when it is closed, nor where it is worked on as part of another one."""
    return ticket.status_kind != StatusKind.CLOSED and ticket.merged_into_id is None


def _words(shown: Shown) -> str:
    if shown.value is None:
        return "—"
    if shown.field.kind == FieldKind.DATE:
        return str(formats.date_format(date.fromisoformat(shown.value), "DATE_FORMAT"))
    if shown.field.kind == FieldKind.NUMBER:
        return str(formats.number_format(shown.value, use_l10n=True, force_grouping=True))
    return shown.words
