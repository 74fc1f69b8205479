"""Where talk becomes a loop. Generous to people, short with machines."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from otklik.kit.addresses import split_plus
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
    recent = sent.filter(_one_postbox(ticket), created_at__gte=since)
    return recent.count() < MAX_ACKNOWLEDGED_PER_HOUR


def _one_postbox(ticket: Ticket) -> Q:
    """Requesters whose mail arrives in one place: olga+1@ and olga+2@ are one person's patience."""
    value = ticket.requester_identity.value if ticket.requester_identity else ""
    base = split_plus(value)[0]
    local, _at, domain = base.rpartition("@")
    name = "ticket__requester_identity__value"
    details = {f"{name}__startswith": f"{local}+", f"{name}__endswith": f"@{domain}"}
    return Q(**{name: base}) | Q(**details)
