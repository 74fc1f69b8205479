"""One ticket with all that its page and REST show along."""

from __future__ import annotations

from django.db.models import BigIntegerField, QuerySet

from otklik.core.access import Actor
from otklik.core.db.spelling import spelt_once
from otklik.tickets.models import Tag, Ticket
from otklik.tickets.querysets import sees_all


def find_ticket(actor: Actor, number: int) -> Ticket | None:
    """By its number, with its people. None for a foreign one and none at all."""
    if not 0 < number <= BigIntegerField.MAX_BIGINT:
        return None  # a database cannot even be asked for it
    for found in _with_people(number):
        if sees_all(actor) or Ticket.objects.visible_to(actor).filter(pk=found.pk).exists():
            return found
    return None


@spelt_once
def tags_of(ticket_id: int) -> QuerySet[Tag]:
    rows = Ticket(pk=ticket_id).tags.all()
    return rows.filter(removed_at__isnull=True, merged_into__isnull=True)


@spelt_once
def _with_people(number: int) -> QuerySet[Ticket]:
    rows = Ticket.objects.with_people().select_related("account", "follow_up_of")
    return rows.filter(number=number)
