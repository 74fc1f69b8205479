"""What a text may say of a ticket, and what such a text is filled with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from otklik.core.access import Actor
from otklik.core.settings import config
from otklik.core.vocabulary import Placeholder, register_placeholder
from otklik.desk.vocabulary import spell_date, tongue_of
from otklik.people.models import Person
from otklik.tickets.models import Ticket


def context_of(
    ticket: Ticket | None, actor: Actor, *, person: Person | None = None, language: str = ""
) -> dict[str, Any]:
    """Everything a text about a ticket may name. ``person`` is who reads it, by default who
    asked; ``language`` that of the text, for dates and the words of statuses."""
    author = Person.objects.filter(pk=actor.person_id).first() if actor.person_id else None
    found: dict[str, Any] = {"agent": author, "language": language, "person": person}
    if ticket is not None:
        found |= {
            "ticket": ticket,
            "person": person or ticket.requester,
            "organisation": ticket.organisation,
            "brand": ticket.brand,
            "team": ticket.team,
        }
    return {name: value for name, value in found.items() if value is not None}


def portal_address(number: int) -> str:
    """Where its requester reads a ticket."""
    return f"{config().public_url}/portal/requests/{number}/"


def wire() -> None:
    for placeholder in (
        Placeholder("ticket.number", _("Ticket number"), lambda found: _of(found, "number")),
        Placeholder("ticket.subject", _("Subject"), lambda found: _of(found, "subject")),
        Placeholder("ticket.url", _("Address of the request in the portal"), _address),
        Placeholder("ticket.status", _("Status of the ticket"), _status),
        Placeholder("ticket.category", _("Category of the ticket"), _category),
        Placeholder("ticket.opened", _("Day the ticket was opened"), _opened),
        Placeholder("team.name", _("Name of the team"), lambda found: str(found.get("team") or "")),
    ):
        register_placeholder(placeholder)


def _ticket(context: Mapping[str, Any]) -> Ticket | None:
    found = context.get("ticket")
    return found if isinstance(found, Ticket) else None


def _of(context: Mapping[str, Any], name: str) -> str:
    ticket = _ticket(context)
    return str(getattr(ticket, name)) if ticket is not None else ""


def _address(context: Mapping[str, Any]) -> str:
    ticket = _ticket(context)
    return portal_address(ticket.number) if ticket is not None else ""


def _status(context: Mapping[str, Any]) -> str:
    ticket = _ticket(context)
    language = tongue_of(context)
    with override(language):
        return ticket.status.label(language) if ticket is not None else ""


def _category(context: Mapping[str, Any]) -> str:
    ticket = _ticket(context)
    category = ticket.category if ticket is not None else None
    return category.label(tongue_of(context)) if category is not None else ""


def _opened(context: Mapping[str, Any]) -> str:
    ticket = _ticket(context)
    return spell_date(ticket.created_at, context) if ticket is not None else ""
