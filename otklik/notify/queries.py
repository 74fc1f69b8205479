"""What one is told of, as screens and REST show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from otklik.core.access import Actor
from otklik.notify.models import Notification
from otklik.notify.things import Shown, show_all, visible_to
from otklik.notify.topics import find_topic
from otklik.people.models import Person

MOST_UNREAD = 99


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification in words. ``who`` is a person's name, empty for the desk itself."""

    id: int
    topic: str
    line: str
    who: str
    shown: Shown
    thing: str
    created_at: datetime
    is_seen: bool
    is_read: bool
    has_sound: bool


@dataclass(frozen=True, slots=True)
class Group:
    """All of one thing, newest first."""

    thing: str
    shown: Shown
    notices: tuple[Notice, ...]

    @property
    def newest(self) -> Notice:
        return self.notices[0]

    @property
    def earlier(self) -> int:
        """How many there are beyond the three that are told one by one."""
        return max(0, len(self.notices) - 3)

    @property
    def is_read(self) -> bool:
        return all(each.is_read for each in self.notices)


def list_notifications(
    actor: Actor, *, is_unread: bool = False, person_id: int | None = None
) -> QuerySet[Notification]:
    """What this one is told of on screen, of things they may see now; newest first.
    ``person_id``: theirs, said apart where many ask the same (`spelt_once`)."""
    if actor.person_id is None or not actor.is_staff:
        return Notification.objects.none()
    told = actor.person_id if person_id is None else person_id
    rows = Notification.objects.filter(visible_to(actor), person_id=told, is_shown=True)
    if is_unread:
        rows = rows.filter(read_at__isnull=True)
    return rows.order_by("-id")


def count_unread(actor: Actor) -> int:
    """At most one more than MOST_UNREAD; one query."""
    return list_notifications(actor, is_unread=True).order_by()[: MOST_UNREAD + 1].count()


def spell_unread(count: int) -> str:
    return f"{MOST_UNREAD}+" if count > MOST_UNREAD else str(count or "")


def show_notices(actor: Actor, rows: Sequence[Notification]) -> list[Notice]:
    """In words, in the reader's language; left out is what they may not see."""
    shown = show_all(actor, rows)
    names = _names({row.actor_id for row in rows if row.actor_id and row.pk in shown})
    notices = []
    for row in rows:
        topic, thing = find_topic(row.topic), shown.get(row.pk)
        if topic is None or thing is None:
            continue
        notices.append(
            Notice(
                id=row.pk,
                topic=row.topic,
                line=str(topic.line),
                who=names.get(row.actor_id or 0, ""),
                shown=thing,
                thing=row.thing,
                created_at=row.created_at,
                is_seen=row.seen_at is not None or row.read_at is not None,
                is_read=row.read_at is not None,
                has_sound=row.has_sound,
            )
        )
    return notices


def group_notices(notices: Iterable[Notice]) -> list[Group]:
    """By thing, in the order of their newest."""
    grouped: dict[str, list[Notice]] = {}
    for notice in notices:
        grouped.setdefault(notice.thing, []).append(notice)
    return [Group(thing, each[0].shown, tuple(each)) for thing, each in grouped.items()]


def _names(ids: set[int]) -> dict[int, str]:
    return {person.pk: str(person) for person in Person.objects.filter(pk__in=ids)}
