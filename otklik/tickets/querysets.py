"""Tickets as one may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from otklik.core.access import Actor
from otklik.people.models import Identity

if TYPE_CHECKING:
    from otklik.tickets.models import Ticket  # noqa: F401 — named in the base class


def sees_all(actor: Actor) -> bool:
    """Whether no ticket is hidden from this one."""
    return actor.is_let_in or actor.can("tickets.view")


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, actor: Actor) -> TicketQuerySet:
        """The tickets this one may see, trash included for those who may restore.

        Staff with ``tickets.view`` see all, with ``tickets.view_team`` their teams', their own and
        those nobody has. A customer sees tickets whose requester identity they have proven, also
        merged ones: of what these were merged into they see their own threads (`homes`).
        """
        if sees_all(actor):
            return self
        if actor.can("tickets.view_team") and actor.is_staff:
            mine = Q(team_id__in=actor.team_ids) | Q(team__isnull=True)
            return self.filter(mine | Q(assignee__person_id=actor.person_id))
        if actor.person_id is None:
            return self.none()
        proven = Identity.objects.verified().proving_for(actor.person_id)
        return self.filter(
            requester_identity__in=proven.values("pk"),
            trashed_at__isnull=True,
            merged_into__trashed_at__isnull=True,
        )

    def standing(self) -> TicketQuerySet:
        """Without those that were merged into another: that one stands for them."""
        return self.filter(merged_into__isnull=True)

    def alive(self) -> TicketQuerySet:
        return self.filter(trashed_at__isnull=True)

    def unfinished(self) -> TicketQuerySet:
        return self.filter(is_unfinished=True)

    def with_people(self) -> TicketQuerySet:
        """All that the ticket page and REST show, in one query."""
        related: tuple[Any, ...] = (
            "status",
            "brand",
            "team",
            "assignee__person",
            "requester",
            "requester_identity",
            "organisation",
            "category",
            "merged_into__status",
        )
        return self.select_related(*related)
