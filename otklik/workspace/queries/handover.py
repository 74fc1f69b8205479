"""Drafts given to a colleague, and by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from otklik.core.access import Actor
from otklik.core.db.spelling import spelt_once
from otklik.kit.html import sanitise_rich_text
from otklik.tickets.models import DraftHandover, HandoverState, Ticket

MOST = 100


@dataclass(frozen=True, slots=True)
class GivenDraft:
    id: int
    number: int
    url: str
    subject: str
    kind: str
    giver: str
    receiver: str
    is_for_me: bool
    is_mine: bool
    html: SafeString
    comment: str
    at: datetime


def list_given(actor: Actor) -> list[GivenDraft]:
    """What colleagues gave to this one, the newest first."""
    return _shown(actor, _rows(actor).filter(receiver_id=actor.person_id or 0))


def list_given_by(actor: Actor) -> list[GivenDraft]:
    return _shown(actor, _rows(actor).filter(giver_id=actor.person_id or 0))


def list_of_ticket(actor: Actor, ticket: Ticket) -> list[GivenDraft]:
    return _shown(actor, _of_ticket(ticket.pk))


def _rows(actor: Actor) -> QuerySet[DraftHandover]:
    rows = DraftHandover.objects.select_related("ticket", "giver", "receiver")
    rows = rows.filter(state=HandoverState.GIVEN, ticket__in=Ticket.objects.visible_to(actor))
    return rows.order_by("-id")


@spelt_once
def _of_ticket(ticket_id: int) -> QuerySet[DraftHandover]:
    rows = DraftHandover.objects.select_related("ticket", "giver", "receiver")
    return rows.filter(ticket=ticket_id, state="given").order_by("id")[:20]


def _shown(actor: Actor, rows: Iterable[DraftHandover]) -> list[GivenDraft]:
    return [
        GivenDraft(
            id=row.pk,
            number=row.ticket.number,
            url=f"/tickets/{row.ticket.number}/",
            subject=row.ticket.subject,
            kind=row.kind,
            giver=row.giver.name,
            receiver=row.receiver.name,
            is_for_me=row.receiver_id == actor.person_id,
            is_mine=row.giver_id == actor.person_id,
            html=mark_safe(sanitise_rich_text(row.html)),  # noqa: S308 - cleaned there
            comment=row.comment,
            at=row.created_at,
        )
        for row in list(rows)[:MOST]
    ]
