"""One ticket with all that its page and REST show along."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BigIntegerField, Model, QuerySet

from otklik.core.access import Actor
from otklik.core.db.briefly import briefly
from otklik.core.db.spelling import spelt_once
from otklik.core.db.together import Ahead
from otklik.desk.models import Account, Brand
from otklik.people.models import Team
from otklik.tickets.models import Category, Tag, Ticket
from otklik.tickets.querysets import sees_all
from otklik.tickets.steps import list_statuses


def find_ticket(actor: Actor, number: int) -> Ticket | None:
    """By its number, with its people. None for a foreign one and none at all."""
    if not 0 < number <= BigIntegerField.MAX_BIGINT:
        return None  # a database cannot even be asked for it
    for found in _with_people(number):
        _add_configured(found)
        if sees_all(actor) or Ticket.objects.visible_to(actor).filter(pk=found.pk).exists():
            return found
    return None


def ask_ahead(ahead: Ahead, numbers: Iterable[int]) -> list[Ticket | None]:
    """For `find_ticket`, of each. Whether somebody may see them is asked there."""
    asked = [(number,) for number in numbers]
    return [next(iter(rows), None) for rows in ahead.ask(_with_people, asked)]


@spelt_once
def tags_of(ticket_id: int) -> QuerySet[Tag]:
    rows = Ticket(pk=ticket_id).tags.all()
    return rows.filter(removed_at__isnull=True, merged_into__isnull=True)


@spelt_once
def _with_people(number: int) -> QuerySet[Ticket]:
    """PostgreSQL plans each further table longer than it takes to read it: what is configuration
    comes from `_configured`, what few tickets have (another one they went into) when asked for."""
    rows = Ticket.objects.filter(number=number)
    return rows.select_related(
        "requester", "requester_identity", "organisation", "assignee__person"
    )


_CONFIGURED: tuple[tuple[str, type[Model]], ...] = (
    ("brand", Brand),
    ("team", Team),
    ("category", Category),
    ("account", Account),
)


def _add_configured(ticket: Ticket) -> None:
    for status in list_statuses():  # in use; another one is asked for
        if status.pk == ticket.status_id:
            ticket.status = status
    for name, model in _CONFIGURED:
        pk = getattr(ticket, f"{name}_id")
        row = _configured(model, pk) if pk is not None else None
        if row is not None:
            setattr(ticket, name, row)


@briefly
def _configured(model: type[Model], pk: int) -> Model | None:
    return model._default_manager.filter(pk=pk).first()
