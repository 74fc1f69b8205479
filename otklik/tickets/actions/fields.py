"""Who works a ticket, and what it says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people.models import Agent, Team
from otklik.tickets import permissions
from otklik.tickets.actions.words import keep_note
from otklik.tickets.changes import change_journalled
from otklik.tickets.columns import write_columns
from otklik.tickets.contract import Words
from otklik.tickets.doors import lock_ticket, require, require_unchanged, require_version
from otklik.tickets.events import TicketAssigned, TicketChanged, TicketTransferred
from otklik.tickets.models import (
    Category,
    Kind,
    Priority,
    Ticket,
)

# What `change_ticket` may change, by the name screens and REST use; values as they are stored.
FIELDS = ("subject", "kind", "priority", "category_id", "language")
# Texts are not told in events: they would outlive an erasure.
_UNTOLD = frozenset({"subject"})


@action
def assign_ticket(
    actor: Actor,
    ticket: Ticket,
    agent: Agent | None,
    *,
    was: int | object | None = ...,
    occurred_at: datetime | None = None,
) -> Ticket:
    """Give a ticket to an agent, or to nobody. ``was`` is the agent id the person saw."""
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.ASSIGN)
    if was is not ...:
        require_unchanged(ticket, {"assignee_id": was})
    if agent is not None and not agent.is_active:
        raise Invalid(_("This agent no longer works here."), fields={"assignee": agent.pk})
    old, new = ticket.assignee_id, agent.pk if agent else None
    if old == new:
        return ticket
    actor = change_journalled(actor, ticket, "tickets.assign", {"assignee_id": new})
    write_columns(ticket, changed=["assignee"])
    assigned = TicketAssigned(ticket_id=ticket.pk, old=old, new=new)
    record(actor, assigned, occurred_at=occurred_at)
    return ticket


@action
def transfer_ticket(
    actor: Actor,
    ticket: Ticket,
    team: Team | None,
    *,
    reason: str = "",
    keep_assignee: bool = False,
    occurred_at: datetime | None = None,
) -> Ticket:
    """Hand a ticket to another team; the reason becomes a note. Nobody has it there yet."""
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.ASSIGN)
    old, new = ticket.team_id, team.pk if team else None
    if old == new:
        return ticket
    values: dict[str, Any] = {"team_id": new}
    stays = keep_assignee or _is_member(ticket.assignee_id, new)
    if not stays and ticket.assignee_id is not None:
        values["assignee_id"] = None
    note = None
    if reason.strip():
        text = reason.strip()[:4000]
        note = keep_note(actor, ticket, Words(text=text), created_at=occurred_at)
    was = ticket.assignee_id
    actor = change_journalled(actor, ticket, "tickets.transfer", values)
    write_columns(ticket, changed=["team", "assignee"])
    record(
        actor,
        TicketTransferred(ticket_id=ticket.pk, old=old, new=new, note_id=note.pk if note else None),
        occurred_at=occurred_at,
    )
    if "assignee_id" in values:
        dropped = TicketAssigned(ticket_id=ticket.pk, old=was, new=None)
        record(actor, dropped, occurred_at=occurred_at)
    return ticket


@action
def change_ticket(
    actor: Actor,
    ticket: Ticket,
    values: Mapping[str, Any],
    *,
    was: Mapping[str, Any] | None = None,
    version: int | None = None,
    occurred_at: datetime | None = None,
) -> Ticket:
    """Set fields (`FIELDS`). ``was`` holds what the person saw: a crossing change raises Conflict
    with the present values and changes nothing. ``version`` does the same for the whole ticket.
    """
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.CHANGE)
    require_version(ticket, version)
    require_unchanged(ticket, dict(was or {}))
    clean = {name: _clean(name, value) for name, value in values.items()}
    changes = {name: new for name, new in clean.items() if getattr(ticket, name) != new}
    if not changes:
        return ticket
    before = {name: getattr(ticket, name) for name in changes}
    actor = change_journalled(actor, ticket, "tickets.change", changes)
    columns = [name.removesuffix("_id") for name in changes]
    write_columns(ticket, changed=columns)
    for name, new in changes.items():
        told = name not in _UNTOLD
        record(
            actor,
            TicketChanged(
                ticket_id=ticket.pk,
                field=name.removesuffix("_id"),
                old=before[name] if told else None,
                new=new if told else None,
            ),
            occurred_at=occurred_at,
        )
    return ticket


def _clean(name: str, value: Any) -> Any:
    if name not in FIELDS:
        raise Invalid(_("There is no such field."), fields={name: _("Unknown field.")})
    if name == "subject":
        subject = " ".join(str(value).split())[:300]
        if not subject:
            raise Invalid(_("A subject is needed."), fields={"subject": _("A subject is needed.")})
        return subject
    if name == "kind" and value not in Kind.values:
        raise Invalid(_("There is no such kind."), fields={"kind": value})
    if name == "priority" and value not in Priority.values:
        raise Invalid(_("There is no such priority."), fields={"priority": value})
    if name == "category_id" and value is not None:
        if not Category.objects.filter(pk=value, is_active=True).exists():
            raise Invalid(_("There is no such category."), fields={"category": value})
        return int(value)
    if name == "language":
        return str(value)[:10]
    return value


def _is_member(agent_id: int | None, team_id: int | None) -> bool:
    if agent_id is None or team_id is None:
        return False
    return Agent.objects.filter(pk=agent_id, teams=team_id).exists()
