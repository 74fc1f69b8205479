"""Whose replies wait for a mentor. Reads only; every door that writes to the outside asks here."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Forbidden
from otklik.core.db.spelling import spelt_once
from otklik.tickets.models import (
    FINISHED,
    Direction,
    Message,
    MessageKind,
    ReviewScope,
    Status,
    Ticket,
    Traineeship,
    WaitingReply,
    WaitingState,
)

_PEOPLE = (ActorKind.AGENT, ActorKind.TOKEN)


def find_traineeship(actor: Actor) -> Traineeship | None:
    """Of the agent who acts, by hand or by a token of theirs."""
    if actor.person_id is None or actor.kind not in _PEOPLE:
        return None
    return next(iter(_of_person(actor.person_id)), None)


def waits_for_mentor(
    actor: Actor, ticket: Ticket | None, *, status: Status | str = "", is_side: bool = False
) -> bool:
    """Whether what this one writes to the outside has to wait. ``ticket`` is None for a new one."""
    row = find_traineeship(actor)
    if row is None:
        return False
    if row.scope == ReviewScope.ALL:
        return True
    if is_side:
        return False
    if row.scope == ReviewScope.SOLVING:
        return (status.kind if isinstance(status, Status) else status) in FINISHED
    earlier = Message.objects.filter(
        ticket=ticket,
        author_id=actor.person_id,
        direction=Direction.OUT,
        kind=MessageKind.PUBLIC,
    )
    return ticket is None or not earlier.exists()


def demand_approval(
    actor: Actor,
    ticket: Ticket | None,
    *,
    status: Status | str = "",
    is_side: bool = False,
    client_key: UUID | None = None,
) -> None:
    """Raises Forbidden for a trainee's words that nobody has approved, whichever way they came."""
    if not waits_for_mentor(actor, ticket, status=status, is_side=is_side):
        return
    if client_key is not None:
        approved = WaitingReply.objects.filter(
            client_key=client_key, state=WaitingState.WAITING, reviewer__isnull=False
        )
        if approved.exclude(reviewer_id=actor.person_id).exists():
            return
    raise Forbidden(
        _("What you write to customers waits for your mentor. Write it as a reply in the ticket."),
        code="needs_review",
    )


@spelt_once
def _of_person(person_id: int) -> QuerySet[Traineeship]:
    return Traineeship.objects.filter(agent__person=person_id)
