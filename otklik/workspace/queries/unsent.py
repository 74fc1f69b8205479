"""What waits to be sent, and for whom."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from otklik.core.access import Actor
from otklik.tickets import permissions
from otklik.tickets.models import (
    PRESENT,
    DraftHandover,
    HandoverState,
    Ticket,
    Traineeship,
    WaitingReply,
    WaitingState,
)


def want_me(actor: Actor) -> list[QuerySet[Any]]:
    """What asks this one to do something: own replies held back, replies to approve, drafts given
    to this one."""
    given = DraftHandover.objects.filter(
        receiver_id=actor.person_id or 0, state=HandoverState.GIVEN
    )
    return [list_mine(actor).filter(state=WaitingState.HELD), list_for_review(actor), given]


def list_mine(actor: Actor) -> QuerySet[WaitingReply]:
    """What waits of this one, the next to leave first."""
    rows = with_people().filter(author_id=actor.person_id or 0, state__in=PRESENT)
    return rows.filter(_in_sight(actor)).order_by("due_at", "id")


def list_for_review(actor: Actor) -> QuerySet[WaitingReply]:
    """What waits for this one as a mentor; for who may review, of all trainees."""
    rows = with_people().filter(state=WaitingState.REVIEW).exclude(author_id=actor.person_id)
    rows = rows.filter(_in_sight(actor))
    if not actor.can(permissions.REVIEW):
        rows = rows.filter(author_id__in=_trainees_of(actor))
    return rows.order_by("created_at", "id")


def _in_sight(actor: Actor) -> Exists:
    """Asked of each reply, its talk within the question: joined to the talks, or given a list of
    tickets, SQLite may begin with every talk there is, whatever its statistics say."""
    return Exists(Ticket.objects.visible_to(actor).filter(threads__pk=OuterRef("thread_id")))


def _trainees_of(actor: Actor) -> QuerySet[Any]:
    own = Traineeship.objects.filter(mentor__person_id=actor.person_id or 0)
    return own.values("agent__person_id")


def with_people() -> QuerySet[WaitingReply]:
    return WaitingReply.objects.select_related("author", "thread__ticket")
