"""Tickets have custom fields, and some must be filled in before a ticket is solved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Invalid, Origin
from otklik.core.fields.actions import change_fields
from otklik.core.fields.owners import Owner, register_owner
from otklik.core.fields.queries import list_missing
from otklik.tickets import permissions
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.models import Ticket

THING = "ticket"


def wire() -> None:
    register_owner(Owner(THING, Ticket._meta.label, gettext_lazy("Tickets"), _lock, _save, _told))


def is_held_to_rules(actor: Actor) -> bool:
    """Whether this one must fill in what is needed: an agent or their program, now. Customers,
    rules, imports and the desk's own clocks could not."""
    return actor.origin is Origin.LIVE and actor.kind in (ActorKind.AGENT, ActorKind.TOKEN)


def require_filled(actor: Actor, ticket: Ticket, moment: str) -> None:
    """Raises Invalid naming every field that is still empty."""
    if not is_held_to_rules(actor):
        return
    missing = list_missing(ticket, moment)
    if not missing:
        return
    language = (get_language() or "").partition("-")[0]
    names = ", ".join(field.label(language) for field in missing)
    words = (
        _("Fill in first: %(names)s")
        if moment == "opening"
        else _("Fill in before solving: %(names)s")
    )
    told = _("This is needed.")
    raise Invalid(
        words % {"names": names},
        code="incomplete",
        fields={f"field-{field.key}": told for field in missing},
    )


def fill_new(actor: Actor, ticket: Ticket, values: Mapping[str, Any]) -> None:
    """The fields of a ticket just opened, in the same transaction. Raises what `change_fields`
    does, and Invalid when one that is needed is missing."""
    filled: Ticket = change_fields(actor, ticket, values) if values else ticket
    require_filled(actor, filled, "opening")


def _lock(actor: Actor, pk: int) -> Ticket:
    ticket = lock_ticket(actor, pk)
    require(actor, permissions.CHANGE)
    return ticket


def _save(ticket: Any) -> None:
    write_columns(ticket, changed=["custom"])


def _told(ticket: Any) -> Mapping[str, int]:
    return {"ticket_id": ticket.pk}
