"""After a restore: what had not been heard when the backup was made is heard as a replay.

Handlers that write to the outside listen to live events only; what they would have done may have
happened since the backup.
"""

from __future__ import annotations

from collections.abc import Collection

from otklik.core.access import Origin
from otklik.core.db import write
from otklik.core.events.models import EventRow

_BATCH = 200


def quiet_unheard(also: Collection[int] = ()) -> int:
    """Turn live events that wait, and those in ``also``, into replays. Returns how many."""
    ids = list(
        EventRow.objects.filter(dispatched_at__isnull=True, origin=Origin.LIVE).values_list(
            "pk", flat=True
        )
    )
    ids = sorted({*ids, *also})
    changed = 0
    for start in range(0, len(ids), _BATCH):
        with write():
            rows = EventRow.objects.filter(pk__in=ids[start : start + _BATCH], origin=Origin.LIVE)
            changed += rows.update(origin=Origin.REPLAY, lease="", leased_until=None)
    return changed
