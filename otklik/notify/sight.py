"""Things that nobody is told of while they are out of sight, such as tickets in the trash."""

from __future__ import annotations

from collections.abc import Collection

from otklik.core.db import write
from otklik.core.realtime import publish
from otklik.notify.models import Notification
from otklik.notify.wanting import read_table


def tell_out_of_sight(kind: str, ids: Collection[int], *, are_gone: bool = True) -> int:
    """Open pages count and list anew, devices take away what they show. What was not read is
    there again when the thing is. Returns how many people are concerned.

    What is counted follows from `things`; this only says that it changed.
    """
    # By people first: the index of what is unread begins with them.
    rows = Notification.objects.filter(
        person_id__in=list(read_table().hearers),
        thing_kind=kind,
        thing_id__in=list(ids),
        read_at__isnull=True,
    )
    pushed: dict[int, dict[str, int]] = {}
    for row in rows.only("pk", "person_id", "thing_kind", "thing_id", "is_pushed"):
        own = pushed.setdefault(row.person_id, {})
        if row.is_pushed and are_gone:
            own[row.thing] = row.pk
    if not pushed:
        return 0
    from otklik.notify.pushing import take_back

    with write():
        for person_id, things in pushed.items():
            if things:
                take_back(person_id, things)
            publish(f"person:{person_id}", None)
    return len(pushed)
