"""Deliveries that are over and that nobody looks for any more, removed in small steps."""

from __future__ import annotations

from datetime import datetime

from otklik.core.db import write
from otklik.core.outbox.models import FINAL, Delivery, DeliveryRecipient, Status

_STEP = 50
_MOST = 20_000  # the next call goes on


def remove_old(kind: str, *, before: datetime, key: str = "") -> int:
    """Those of a kind, and whose key begins so, that were sent, dropped or refused for good before
    then. Dead letters stay: somebody may still want them. Returns how many."""
    over = sorted({*FINAL, Status.FAILED})
    rows = Delivery.objects.filter(
        kind=kind, status__in=over, dead_at=None, created_at__lt=before, key__startswith=key
    )
    removed = 0
    while removed < _MOST:
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:_STEP])
        if ids:
            with write():
                still = list(rows.filter(pk__in=ids).values_list("pk", flat=True))
                recipients = DeliveryRecipient.objects.filter(delivery_id__in=still)
                recipients._raw_delete(recipients.db)
                found = Delivery.objects.filter(pk__in=still)
                removed += found._raw_delete(found.db) or 0
        if len(ids) < _STEP:
            break
    return removed
