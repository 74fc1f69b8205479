"""Messages and notes at the top of their ticket."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.tickets import permissions
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.later_events import MessagePinned, MessageUnpinned
from otklik.tickets.models import Message, Ticket

MOST_PINS = 10


@action
def pin_message(actor: Actor, message: Message) -> None:
    """Keep it in sight at the top of its ticket. Raises Forbidden, Missing, Invalid."""
    ticket = lock_ticket(actor, message.ticket_id)
    require(actor, permissions.NOTE)
    pinned = Message.objects.filter(ticket=ticket, pinned_at__isnull=False)
    if pinned.filter(pk=message.pk).exists():
        return
    if pinned.count() >= MOST_PINS:
        raise Invalid(_("Ten messages are pinned already. Unpin one first."))
    operation = join(actor, "tickets.pin")
    journal(operation, ticket, f"pin:{message.pk}", False, True)
    set_pin(actor.within(operation.pk), ticket, message.pk, is_pinned=True)


@action
def unpin_message(actor: Actor, message: Message) -> None:
    ticket = lock_ticket(actor, message.ticket_id)
    require(actor, permissions.NOTE)
    if not is_pinned(message.pk):
        return
    operation = join(actor, "tickets.unpin")
    journal(operation, ticket, f"pin:{message.pk}", True, False)
    set_pin(actor.within(operation.pk), ticket, message.pk, is_pinned=False)


def is_pinned(message_id: int) -> bool:
    return Message.objects.filter(pk=message_id, pinned_at__isnull=False).exists()


def set_pin(actor: Actor, ticket: Ticket, message_id: int, *, is_pinned: bool) -> None:
    """Inside ``write()``, the ticket held."""
    at = timezone.now() if is_pinned else None
    Message.objects.filter(pk=message_id, ticket=ticket).update(pinned_at=at)
    write_columns(ticket)
    told = MessagePinned if is_pinned else MessageUnpinned
    record(actor, told(ticket_id=ticket.pk, message_id=message_id))
