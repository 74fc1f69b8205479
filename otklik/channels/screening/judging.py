"""What follows when a screener calls a new ticket spam."""

from __future__ import annotations

import structlog

from otklik.channels.models import SpamVerdict
from otklik.channels.screening.screeners import list_screeners
from otklik.core.access import SYSTEM, Actor
from otklik.core.db import write
from otklik.tickets.actions import mark_as_spam
from otklik.tickets.models import Message, Ticket

logger = structlog.get_logger(__name__)


def judge_ticket(ticket: Ticket, message: Message, *, actor: Actor = SYSTEM) -> bool:
    """Put a new ticket into the list of spam when any screener says so; True when one did.

    Safe to repeat: a ticket is put there once, and what an agent has decided since is left alone.
    """
    findings = [found for look in list_screeners() if (found := look(ticket, message))]
    if not findings:
        return False
    with write():
        _row, is_new = SpamVerdict.objects.get_or_create(
            ticket=ticket,
            defaults={
                "is_spam": True,
                "score": round(max(found.score for found in findings), 4),
                "reasons": [found.as_reason() for found in findings],
            },
        )
        if not is_new:
            return False
        mark_as_spam(actor, ticket)
    kinds = [found.kind for found in findings]
    logger.info("ticket_taken_for_spam", ticket=ticket.pk, kinds=kinds)
    return True
