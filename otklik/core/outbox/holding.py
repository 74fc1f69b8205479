"""After a restore: what waited when the backup was made may have left since."""

from __future__ import annotations

from django.db.models import Q

from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.outbox.models import Delivery, ErrorKind, Status
from otklik.core.outbox.settling import record_change

_BATCH = 10


def hold_waiting(why: str) -> int:
    """Make everything that waits or is being sent uncertain, so that a person decides.

    May be interrupted and repeated. Returns how many deliveries it was.
    """
    held = 0
    waiting = Q(status__in=[Status.QUEUED, Status.SENDING])
    while True:
        with write():
            rows = list(
                Delivery.objects.select_for_update().filter(waiting).order_by("pk")[:_BATCH]
            )
            for delivery in rows:
                previous, previous_kind = delivery.status, delivery.error_kind
                delivery.status, delivery.error_kind = Status.UNCERTAIN, ErrorKind.UNCERTAIN
                delivery.error_text = why
                delivery.next_attempt_at = delivery.leased_until = None
                # Whoever still holds it from before must not be able to settle it.
                delivery.lease_token += 1
                delivery.save()
                record_change(SYSTEM, delivery, previous, previous_kind)
        held += len(rows)
        if len(rows) < _BATCH:
            return held
