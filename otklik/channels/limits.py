"""Where talk becomes a loop. Generous to people, short with machines."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from otklik.tickets.models import Message, Ticket

MAX_AUTOMATIC_PER_DAY = 5  # machine messages into one ticket
MAX_ACKNOWLEDGED_PER_HOUR = 5  # acknowledgements to one address


def may_append_automatic(ticket: Ticket) -> bool:
    since = timezone.now() - timedelta(days=1)
    rows = Message.objects.filter(ticket=ticket, created_at__gte=since, direction="in").exclude(
        automation__in=("", "human")
    )
    return rows.count() < MAX_AUTOMATIC_PER_DAY


def may_acknowledge(ticket: Ticket) -> bool:
    """One acknowledgement per ticket, few per sender and hour."""
    if ticket.requester_identity_id is None:
        return False
    sent = Message.objects.filter(is_automatic=True, direction="out")
    if sent.filter(ticket=ticket).exists():
        return False
    since = timezone.now() - timedelta(hours=1)
    recent = sent.filter(
        ticket__requester_identity_id=ticket.requester_identity_id, created_at__gte=since
    )
    return recent.count() < MAX_ACKNOWLEDGED_PER_HOUR
