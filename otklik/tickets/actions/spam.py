"""Spam and no spam. What is spam stands in a list of its own; nothing of it is deleted."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Forbidden
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.tickets import permissions
from otklik.tickets.changes import change_journalled
from otklik.tickets.columns import rebuild_columns, write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import MessageHidden, TicketMarkedSpam, TicketUnmarkedSpam
from otklik.tickets.models import Message, Ticket


@action
def mark_as_spam(actor: Actor, ticket: Ticket) -> Ticket:
    """Put a ticket into the list of spam. By an agent's mark the desk learns (`channels`).

    Raises Forbidden and Missing; a ticket that is there already stays there.
    """
    ticket = lock_ticket(actor, ticket)
    _require(actor)
    if ticket.spam_at is not None:
        return ticket
    actor = change_journalled(actor, ticket, "tickets.spam", {"spam_at": timezone.now()})
    write_columns(ticket, changed=["spam_at"])
    record(actor, TicketMarkedSpam(ticket_id=ticket.pk))
    return ticket


@action
def unmark_spam(actor: Actor, ticket: Ticket) -> Ticket:
    """Say that a ticket is no spam: it is back in its lists. Raises Forbidden and Missing."""
    ticket = lock_ticket(actor, ticket)
    _require(actor)
    if ticket.spam_at is None:
        return ticket
    actor = change_journalled(actor, ticket, "tickets.no_spam", {"spam_at": None})
    write_columns(ticket, changed=["spam_at"])
    record(actor, TicketUnmarkedSpam(ticket_id=ticket.pk))
    return ticket


@action
def hide_message(actor: Actor, message: Message) -> None:
    """Show an incoming message to staff alone: found out later that its sender is not who it
    seems. `confirm_participant` shows it again. Only the desk itself does this."""
    if actor.kind is not ActorKind.SYSTEM:
        raise Forbidden(_("Only the desk itself does this."))
    ticket = lock_ticket(actor, message.ticket_id)
    hidden = Message.objects.filter(pk=message.pk, direction="in", is_hidden=False)
    if not hidden.update(is_hidden=True):
        return
    rebuild_columns([ticket.pk])
    record(actor, MessageHidden(ticket_id=ticket.pk, message_id=message.pk))


def _require(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        require(actor, permissions.CHANGE)
