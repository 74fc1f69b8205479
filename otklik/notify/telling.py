"""Telling people: rows for those who want them, each event once for each person.

Called by listeners after the commit, as often as they like: what was told is not told again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from otklik.core.db import write
from otklik.core.realtime import publish
from otklik.notify.models import Notification
from otklik.notify.times import next_digest, quiet_until
from otklik.notify.topics import Mail, Ways, find_topic
from otklik.notify.wanting import Table, read_table

TOGETHER = timedelta(seconds=1)
# More rows would hold up whoever else writes for longer than they should.
_CHUNK = 100

Part = tuple[int, int, int]  # person, thing, part of it


@dataclass(frozen=True, slots=True)
class Wish:
    """That one person be told of one event. ``part_id`` is what of the thing it is about, such as
    a message; ``actor_id`` the person who did it, who is never told."""

    person_id: int
    topic: str
    thing_kind: str
    thing_id: int
    event_id: int
    part_id: int | None = None
    actor_id: int | None = None


def notify(
    person_id: int,
    topic: str,
    thing: tuple[str, int],
    *,
    event_id: int,
    part_id: int | None = None,
    actor_id: int | None = None,
) -> bool:
    """Tell one person of ``thing`` (its kind and id), if they want to know. Idempotent by event.
    Returns whether anything was told. Raises LookupError for a topic nobody registered."""
    if find_topic(topic) is None:
        raise LookupError(f"no room registered the topic {topic!r}")
    wish = Wish(person_id, topic, *thing, event_id, part_id, actor_id)
    return notify_many([wish]) == 1


def notify_many(wishes: Iterable[Wish]) -> int:
    """The same for many at once, in short transactions. Returns how many rows were made."""
    table = read_table()
    wanted, outdone = _wanted(wishes, table)
    if not wanted:
        return 0
    now = timezone.now()
    made = [_row(wish, table, now) for wish in wanted]
    for start in range(0, len(made), _CHUNK):
        _store(made[start : start + _CHUNK], outdone)
    return len(made)


def _wanted(wishes: Iterable[Wish], table: Table) -> tuple[list[Wish], list[int]]:
    """What is new to somebody who wants it, in the order of events, and the rows that it takes the
    place of. Of several reasons to tell somebody of one event, or of one message, the first topic
    in order is the reason."""
    asked = [
        wish
        for wish in wishes
        if wish.person_id != wish.actor_id and table.ways(wish.person_id, wish.topic).is_any
    ]
    if not asked:
        return [], []
    told_events, told_parts = _told(asked)
    wanted, outdone = [], []
    for wish in sorted(asked, key=lambda wish: (_order(wish.topic), wish.event_id)):
        by_event, by_part = (wish.person_id, wish.event_id), _part(wish)
        if by_event in told_events:
            continue
        if by_part is not None and by_part in told_parts:
            row_id, order = told_parts[by_part]
            if order <= _order(wish.topic):
                continue
            outdone.append(row_id)
        told_events.add(by_event)
        if by_part is not None:
            told_parts[by_part] = (0, 0)
        wanted.append(wish)
    return sorted(wanted, key=lambda wish: wish.event_id), outdone


def _told(asked: Sequence[Wish]) -> tuple[set[tuple[int, int]], dict[Part, tuple[int, int]]]:
    """What these people know already: (person, event), and part → (row, order of its topic)."""
    events = {wish.event_id for wish in asked}
    parts = {wish.part_id for wish in asked if wish.part_id}
    things = {wish.thing_id for wish in asked if wish.part_id}
    same = Q(event_id__in=events)
    if parts:
        same |= Q(thing_id__in=things, part_id__in=parts, read_at__isnull=True)
    rows = Notification.objects.filter(same, person_id__in={wish.person_id for wish in asked})
    found = list(rows.values_list("pk", "person_id", "event_id", "thing_id", "part_id", "topic"))
    return (
        {(person, event) for _pk, person, event, _thing, _part_id, _topic in found},
        {
            (person, thing, part): (pk, _order(topic))
            for pk, person, _event, thing, part, topic in found
            if part
        },
    )


def _part(wish: Wish) -> Part | None:
    return (wish.person_id, wish.thing_id, wish.part_id) if wish.part_id else None


def _order(code: str) -> int:
    topic = find_topic(code)
    return topic.order if topic else 1000


def _row(wish: Wish, table: Table, now: datetime) -> Notification:
    ways = table.ways(wish.person_id, wish.topic)
    pace, zone = table.pace(wish.person_id), table.zone(wish.person_id)
    quiet_end = None if ways.in_quiet_hours else quiet_until(pace.quiet, now, zone)
    mail, mail_at = ways.mail, None
    if mail is Mail.DIGEST:
        due = next_digest(pace.digest, pace.digest_times, now, zone)
        mail_at = quiet_until(pace.quiet, due, zone) or due
    elif mail is Mail.NOW:
        # After quiet hours one letter tells of all of them.
        mail, mail_at = (Mail.DIGEST, quiet_end) if quiet_end else (mail, now + table.letter_after)
    return Notification(
        person_id=wish.person_id,
        topic=wish.topic,
        thing_kind=wish.thing_kind,
        thing_id=wish.thing_id,
        part_id=wish.part_id,
        event_id=wish.event_id,
        actor_id=wish.actor_id,
        created_at=now,
        is_shown=ways.screen,
        has_sound=_sounds(ways) and quiet_end is None,
        mail="" if mail is Mail.OFF else mail.value,
        mail_at=mail_at,
        push_at=(quiet_end or now) if _pushes(ways, wish, table) else None,
    )


def _sounds(ways: Ways) -> bool:
    return ways.screen and ways.sound


def _pushes(ways: Ways, wish: Wish, table: Table) -> bool:
    return ways.push and wish.person_id in table.with_devices


def _store(rows: Sequence[Notification], outdone: Sequence[int]) -> None:
    with write():
        if outdone:
            Notification.objects.filter(pk__in=outdone).delete()
        # Two dispatchers may hear the same event once each: the second finds it told.
        Notification.objects.bulk_create(rows, ignore_conflicts=True)
        if any(row.push_at for row in rows):
            _push_soon(rows)
        for person_id, event_id in _newest(rows):
            publish(f"person:{person_id}", None, event_id)


def _push_soon(rows: Sequence[Notification]) -> None:
    from otklik.notify.tasks import push_due

    now = timezone.now()
    if any(row.push_at and row.push_at <= now for row in rows):
        # What comes within a second shares a push.
        push_due.using(run_at=now + TOGETHER).enqueue()


def _newest(rows: Sequence[Notification]) -> Iterator[tuple[int, int]]:
    yield from {row.person_id: row.event_id for row in rows}.items()
