"""Who looks after what is being sent: whoever may handle all of it, and of the messages of a ticket
those who may reply there."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Missing
from otklik.core.outbox.models import Delivery
from otklik.core.outbox.permissions import HANDLE
from otklik.tickets.models import Message, Ticket
from otklik.tickets.permissions import REPLY


def as_handler(actor: Actor, delivery: Delivery) -> Actor:
    """The actor with the right to handle this one delivery. Raises Missing, and Forbidden for who
    sees its ticket and may not reply there."""
    if actor.can(HANDLE):
        return actor
    if delivery.kind != "message" or not is_shown(actor, delivery.subject_id):
        raise Missing(_("There is no such delivery."))
    if not actor.can(REPLY):
        raise Forbidden(_("Your role does not allow this. An administrator can change that."))
    return replace(actor, permissions=actor.permissions | {HANDLE})


def is_shown(actor: Actor, message_id: int | None) -> bool:
    """Whether this one sees the deliveries of a message: staff who see its ticket."""
    if message_id is None or not actor.is_staff:
        return False
    rows = Message.objects.filter(pk=message_id, ticket__in=Ticket.objects.visible_to(actor))
    return rows.exists()
