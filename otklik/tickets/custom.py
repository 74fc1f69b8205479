"""Tickets have custom fields, and some must be filled in before a ticket is solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Forbidden, Invalid, Origin
from otklik.core.fields.actions import change_fields
from otklik.core.fields.models import Field
from otklik.core.fields.owners import Owner, register_owner
from otklik.core.fields.queries import defaults_of, list_missing
from otklik.desk.models import Brand
from otklik.people.models import Person, Team
from otklik.tickets import permissions
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.models import StatusKind, Ticket

THING = "ticket"


def wire() -> None:
    label = gettext_lazy("Tickets")
    register_owner(
        Owner(THING, Ticket._meta.label, label, _lock, _save, _told, is_for_customers=True)
    )


def is_held_to_rules(actor: Actor) -> bool:
    """Whether this one must fill in what is needed: an agent or their program, now. Customers,
    rules, imports and the desk's own clocks could not."""
    return actor.origin is Origin.LIVE and actor.kind in (ActorKind.AGENT, ActorKind.TOKEN)


def require_filled(actor: Actor, ticket: Ticket, moment: str) -> None:
    """Raises Invalid naming every field that is still empty."""
    if not is_held_to_rules(actor):
        return
    missing = list_missing(ticket, moment)
    if missing:
        raise words_of_missing(missing, moment)


def words_of_missing(missing: Sequence[Field], moment: str) -> Invalid:
    language = (get_language() or "").partition("-")[0]
    names = ", ".join(field.label(language) for field in missing)
    words = (
        _("Fill in first: %(names)s")
        if moment == "opening"
        else _("Fill in before solving: %(names)s")
    )
    told = _("This is needed.")
    return Invalid(
        words % {"names": names},
        code="incomplete",
        fields={f"field-{field.key}": told for field in missing},
    )


def fill_new(actor: Actor, ticket: Ticket, values: Mapping[str, Any]) -> None:
    """The fields of a ticket just opened, in the same transaction. Raises what `change_fields`
    does, and Invalid when one that is needed is missing."""
    filled: Ticket = change_fields(actor, ticket, values) if values else ticket
    require_filled(actor, filled, "opening")


def ticket_asked(
    brand: Brand, person: Person | None, *, channel: str, team: Team | None = None
) -> Ticket:
    """A request as it would be opened, not saved: what conditions of fields are asked of while
    somebody fills in a form. ``person``: only who has proven to be it, for fields may tell of
    their organisation."""
    return Ticket(
        brand=brand,
        team=team,
        requester=person,
        organisation_id=person.organisation_id if person else None,
        last_channel=channel,
        last_message_by="customer",
        message_count=1,
        custom=defaults_of(THING) or None,
    )


def _lock(actor: Actor, pk: int) -> Ticket:
    """Of customers, the requester: which fields are theirs to change is asked of each."""
    ticket = lock_ticket(actor, pk)
    if actor.is_staff:
        require(actor, permissions.CHANGE)
    elif ticket.status_kind == StatusKind.CLOSED:
        raise Forbidden(_("This request is closed. Write a new one, and we will see both."))
    return ticket


def _save(ticket: Any) -> None:
    write_columns(ticket, changed=["custom"])


def _told(ticket: Any) -> Mapping[str, int]:
    return {"ticket_id": ticket.pk}
