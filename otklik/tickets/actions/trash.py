"""Trash and back. What is in the trash is in no list but the trash's own."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.tickets import permissions
from otklik.tickets.changes import change_journalled
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import TicketRestored, TicketTrashed
from otklik.tickets.models import Ticket


@action
def trash_ticket(actor: Actor, ticket: Ticket) -> Ticket:
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.TRASH)
    if ticket.trashed_at is not None:
        return ticket
    actor = change_journalled(actor, ticket, "tickets.trash", {"trashed_at": timezone.now()})
    write_columns(ticket, changed=["trashed_at"])
    record(actor, TicketTrashed(ticket_id=ticket.pk))
    return ticket


@action
def restore_ticket(actor: Actor, ticket: Ticket) -> Ticket:
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.TRASH)
    if ticket.trashed_at is None:
        return ticket
    if ticket.purging_since is not None:
        raise Conflict(_("This ticket is being purged. Nothing brings it back."))
    actor = change_journalled(actor, ticket, "tickets.restore", {"trashed_at": None})
    write_columns(ticket, changed=["trashed_at"])
    record(actor, TicketRestored(ticket_id=ticket.pk))
    return ticket
