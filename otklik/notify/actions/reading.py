"""Seen and read: marks, no facts, so without events. Open pages hear of them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from otklik.core.access import Actor
from otklik.core.db import action, write
from otklik.core.realtime import publish
from otklik.notify.hearers import own_person
from otklik.notify.models import Notification

_CHUNK = 200


def read_thing(actor: Actor, kind: str, thing_id: int, *, up_to: int | None = None) -> int:
    """This one looked at a thing: what told them of it is read. ``up_to`` is the last part they
    saw; what is about later ones stays. Asks before it writes. Returns how many were read."""
    if actor.person_id is None:
        return 0
    rows = _unread(actor.person_id).filter(thing_kind=kind, thing_id=thing_id)
    if up_to is not None:
        rows = rows.filter(Q(part_id__isnull=True) | Q(part_id__lte=up_to))
    return _read(actor.person_id, rows)


def read_notifications(actor: Actor, ids: Collection[int]) -> int:
    """Mark one's own notifications as read. Raises Missing without a person."""
    person_id = own_person(actor)
    return _read(person_id, _unread(person_id).filter(pk__in=list(ids)[:_CHUNK]))


def read_all(actor: Actor, *, up_to: int) -> int:
    """Everything up to the notification one saw as the newest, so that none is read unseen."""
    person_id = own_person(actor)
    return _read(person_id, _unread(person_id).filter(pk__lte=up_to))


@action
def see_notifications(actor: Actor, *, up_to: int) -> int:
    """The list was open: what it showed is no longer new."""
    person_id = own_person(actor)
    unseen = Notification.objects.filter(
        person_id=person_id, is_shown=True, seen_at__isnull=True, read_at__isnull=True
    )
    seen = unseen.filter(pk__lte=up_to).update(seen_at=timezone.now())
    if seen:
        publish(f"person:{person_id}", None)
    return seen


def _unread(person_id: int) -> QuerySet[Notification]:
    return Notification.objects.filter(person_id=person_id, read_at__isnull=True)


def _read(person_id: int, rows: QuerySet[Notification]) -> int:
    """In steps: somebody back from a holiday has thousands."""
    read = 0
    while found := list(rows.order_by("pk")[:_CHUNK]):
        with write():
            count = _mark(found)
            if count:
                _take_back(person_id, found)
                publish(f"person:{person_id}", None)
        read += count
        if len(found) < _CHUNK:
            break
    return read


def _mark(rows: Iterable[Notification]) -> int:
    now = timezone.now()
    waiting = Notification.objects.filter(pk__in=[row.pk for row in rows], read_at__isnull=True)
    return waiting.update(read_at=now, mail_at=None, push_at=None)


def _take_back(person_id: int, rows: Iterable[Notification]) -> None:
    """What devices show of it disappears there."""
    pushed = {row.thing: row.pk for row in rows if row.is_pushed}
    if pushed:
        from otklik.notify.pushing import take_back

        take_back(person_id, pushed)
