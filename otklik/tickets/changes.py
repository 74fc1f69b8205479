"""Changes that can be undone: what a ticket's field was is written down before it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from otklik.core.access import Actor
from otklik.core.operations.actions import join, journal
from otklik.tickets.models import Ticket


def change_journalled(actor: Actor, ticket: Ticket, name: str, values: Mapping[str, Any]) -> Actor:
    """Set attributes (``status_id``, ``subject``…) on the ticket held, journalling each.

    Joins the actor's operation or begins one called ``name``; the row is saved by
    `columns.write_columns`. Returns the actor within that operation, for the event.
    """
    operation = join(actor, name)
    for attribute, value in values.items():
        journal(operation, ticket, attribute, getattr(ticket, attribute), value)
        setattr(ticket, attribute, value)
    return actor.within(operation.pk)
