"""When people last wrote or signed in. No fact of its own: it follows from what they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

from otklik.core.db import write
from otklik.core.events import Phase, on
from otklik.core.events.models import EventRow
from otklik.people.events import UserSignedIn

# Many people in one round: the ORM would spell a statement for each.
_HERE = """
UPDATE people_person SET last_seen_at = %s
WHERE id = %s AND erased_at IS NULL AND (last_seen_at IS NULL OR last_seen_at < %s)
"""


def wire() -> None:
    on(UserSignedIn, name="people.seen", phase=Phase.NOTIFY, gathers=True)(_hear)


def note_seen(moments: Mapping[int, datetime]) -> None:
    """Each person (id) was here then; an earlier moment than the known one changes nothing."""
    if not moments:
        return
    stored = connection.ops.adapt_datetimefield_value
    rows = [(stored(at), pk, stored(at)) for pk, at in sorted(moments.items())]
    with write(), connection.cursor() as cursor:
        cursor.executemany(_HERE, rows)


def seen_in(rows: Sequence[EventRow]) -> dict[int, datetime]:
    """The last moment of each person in events of what people did themselves."""
    found: dict[int, datetime] = {}
    for row in rows:
        if row.person_id is not None:
            found[row.person_id] = max(found.get(row.person_id, row.occurred_at), row.occurred_at)
    return found


def _hear(rows: Sequence[EventRow]) -> None:
    note_seen(seen_in(rows))
