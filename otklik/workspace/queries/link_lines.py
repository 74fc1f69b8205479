"""Linked tickets as the panel beside a ticket shows them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.tickets.models import Ticket
from otklik.tickets.queries.links import Linked, list_links
from otklik.workspace.queries import marks

# What the other one is → what the form calls this ticket towards it, to take the tie away.
_FORM_KINDS = {
    "related": "related",
    "original": "duplicate",
    "duplicate": "original",
    "parent": "child",
    "child": "parent",
}


@dataclass(frozen=True, slots=True)
class LinkLine:
    ticket: Ticket
    words: str
    mark: SafeString
    form_kind: str

    @property
    def is_removable(self) -> bool:
        return bool(self.form_kind)


@dataclass(frozen=True, slots=True)
class TicketLinks:
    all: list[LinkLine] = field(default_factory=list)
    children: list[Ticket] = field(default_factory=list)
    open_children: list[Ticket] = field(default_factory=list)
    solved: int = 0


def get_links(actor: Actor, ticket_id: int) -> TicketLinks:
    found = list_links(actor, ticket_id)
    return TicketLinks(
        all=[_line(one) for one in found.all],
        children=[one.ticket for one in found.children],
        open_children=found.open_children,
        solved=found.solved,
    )


def _line(one: Linked) -> LinkLine:
    words = {
        "parent": _("the whole"),
        "child": _("a part"),
        "original": _("the original"),
        "duplicate": _("a duplicate"),
        "related": _("related"),
        "follow_up": _("a later request"),
        "followed": _("an earlier request"),
        "split": _("split off from this"),
        "source": _("this was split off from it"),
    }
    return LinkLine(
        ticket=one.ticket,
        words=words.get(one.kind, one.kind),
        mark=marks.status_mark(one.ticket.status),
        form_kind=_FORM_KINDS.get(one.kind, ""),
    )
