"""A court or a dispute wants a ticket kept: no clock, trash or erasure touches it meanwhile."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people.permissions import ERASE
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import TicketHoldLifted, TicketHoldPlaced
from otklik.tickets.models import Ticket


@action
def place_ticket_hold(actor: Actor, ticket: Ticket) -> Ticket:
    """Raises Conflict for a ticket that is being purged."""
    ticket = lock_ticket(actor, ticket)
    require(actor, ERASE)
    if ticket.purging_since is not None:
        raise Conflict(_("This ticket is being purged. Nothing brings it back."))
    if ticket.legal_hold_since is None:
        ticket.legal_hold_since = timezone.now()
        write_columns(ticket, changed=["legal_hold_since"])
        record(actor, TicketHoldPlaced(ticket_id=ticket.pk))
    return ticket


@action
def lift_ticket_hold(actor: Actor, ticket: Ticket) -> Ticket:
    ticket = lock_ticket(actor, ticket)
    require(actor, ERASE)
    if ticket.legal_hold_since is not None:
        ticket.legal_hold_since = None
        write_columns(ticket, changed=["legal_hold_since"])
        record(actor, TicketHoldLifted(ticket_id=ticket.pk))
    return ticket
