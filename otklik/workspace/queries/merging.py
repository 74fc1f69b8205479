"""What a merge would join: the tickets asked for, and others of the same people that may belong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.tickets.actions.merging import MOST
from otklik.tickets.models import Ticket
from otklik.tickets.queries import Filters, list_tickets
from otklik.tickets.querysets import TicketQuerySet
from otklik.workspace.queries import marks

_SUGGESTED = 5


@dataclass(frozen=True, slots=True)
class MergeRow:
    id: int
    number: int
    subject: str
    url: str
    person: str
    mark: SafeString
    at: datetime
    is_chosen: bool
    is_target: bool


@dataclass(frozen=True, slots=True)
class MergePlan:
    rows: list[MergeRow]
    is_across: bool  # the chosen ones were asked by different people
    most: int = MOST


def get_plan(actor: Actor, ids: Sequence[int], target: int | None = None) -> MergePlan:
    """The chosen, oldest first, then unchosen ones of the same people. Ids one may not see are
    left out. The first one asked for stays, unless ``target`` says otherwise."""
    wanted = list(dict.fromkeys(ids))[: MOST + 1]
    rows = Ticket.objects.visible_to(actor).standing().filter(pk__in=wanted)
    chosen = {row.pk: row for row in _with_people(rows)}
    people = {row.requester_id for row in chosen.values()}
    others: list[Ticket] = []
    for person in sorted(people)[:3]:
        theirs = list_tickets(actor, Filters(list="any", requester=person)).exclude(pk__in=chosen)
        others += _with_people(theirs).order_by("-is_unfinished", "-last_message_at")[:_SUGGESTED]
    known = [pk for pk in wanted if pk in chosen]
    stays = target if target in chosen else (known[0] if known else None)
    listed = [
        *(_row(chosen[pk], is_chosen=True, stays=stays) for pk in sorted(known)),
        *(_row(row, is_chosen=False, stays=stays) for row in others[:_SUGGESTED]),
    ]
    return MergePlan(listed, is_across=len(people) > 1)


def _with_people(rows: TicketQuerySet) -> TicketQuerySet:
    return rows.select_related("status", "requester", "requester_identity")


def _row(ticket: Ticket, *, is_chosen: bool, stays: int | None) -> MergeRow:
    identity = ticket.requester_identity
    return MergeRow(
        id=ticket.pk,
        number=ticket.number,
        subject=ticket.subject or _("No subject"),
        url=reverse("workspace:ticket", args=[ticket.number]),
        person=ticket.requester.name or (str(identity) if identity else _("No name")),
        mark=marks.status_mark(ticket.status),
        at=ticket.last_message_at,
        is_chosen=is_chosen,
        is_target=ticket.pk == stays,
    )
