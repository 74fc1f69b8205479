"""What screens ask about what came in."""

from __future__ import annotations

from django.db.models import QuerySet

from otklik.channels.models import Quarantined

MAX_COUNT = 999


def list_quarantined() -> QuerySet[Quarantined]:
    """What still waits for a decision, newest first."""
    rows = Quarantined.objects.filter(resolved_at__isnull=True)
    return rows.select_related("account", "raw").order_by("-received_at", "-pk")
