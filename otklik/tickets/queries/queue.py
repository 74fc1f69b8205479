"""The queue of work: what an agent who asks for the next ticket may be given, most urgent first.

A room above that knows more (skills, capacity, shifts) registers a rule from ``apps.ready()``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Coalesce

from otklik.core.access import Actor
from otklik.tickets.models import StatusKind, Ticket
from otklik.tickets.querysets import TicketQuerySet

# What waits for the customer or for others is nobody's next work.
WORKABLE = (StatusKind.NEW, StatusKind.OPEN)


@dataclass(frozen=True, slots=True)
class QueueRule:
    """``narrow`` leaves out tickets that are not for this one, by conditions in the query alone.
    ``refuse`` says in words why this one gets nothing just now, "" when they may."""

    narrow: Callable[[Actor, TicketQuerySet], TicketQuerySet] | None = None
    refuse: Callable[[Actor], str] | None = None


_rules: dict[str, QueueRule] = {}


def register_queue_rule(name: str, rule: QueueRule) -> None:
    """Add a rule; the same name again takes its place."""
    _rules[name] = rule


def why_refused(actor: Actor) -> str:
    """The first rule's reason to give this one nothing; "" when there is none."""
    reasons = (rule.refuse(actor) for rule in _rules.values() if rule.refuse is not None)
    return next((words for words in reasons if words), "")


def list_queue(actor: Actor) -> TicketQuerySet:
    """What this one may take: visible, nobody's, of their teams or of none, ready to be worked.

    By priority, then by how long the customer waits. Walks an index of its own.
    """
    theirs = Q(team__isnull=True) | Q(team_id__in=actor.team_ids)
    rows = Ticket.objects.visible_to(actor).unfinished()
    rows = rows.filter(theirs, assignee__isnull=True, status_kind__in=WORKABLE)
    for rule in _rules.values():
        if rule.narrow is not None:
            rows = rule.narrow(actor, rows)
    return rows.order_by("-priority", Coalesce("waiting_since", "last_message_at"), "id")
