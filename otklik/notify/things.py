"""What notifications are about. A room registers how its things are shown, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q

from otklik.core.access import Actor

if TYPE_CHECKING:
    from otklik.notify.models import Notification


@dataclass(frozen=True, slots=True)
class Shown:
    """A thing as its reader sees it now. ``name`` holds no personal text ("№ 4812"), ``title`` and
    ``excerpt`` may. ``url`` is a path. ``number`` and ``brand_id`` are for letters about it."""

    name: str
    title: str
    url: str
    excerpt: str = ""
    number: int | None = None
    brand_id: int | None = None


Show = Callable[[Actor, Sequence["Notification"]], Mapping[int, Shown]]
Narrow = Callable[[Actor], Q]


@dataclass(frozen=True, slots=True)
class ThingKind:
    """``show`` gives what a reader may see, by the notification's id, in a fixed number of queries;
    what they may not see is absent. ``narrow`` is the same right as a condition on rows."""

    code: str
    show: Show
    narrow: Narrow


_kinds: dict[str, ThingKind] = {}


def register_thing(code: str, *, show: Show, narrow: Narrow) -> None:
    """From ``apps.ready()``."""
    _kinds[code] = ThingKind(code, show, narrow)


def show_all(actor: Actor, notifications: Sequence[Notification]) -> dict[int, Shown]:
    """By the notification's id; absent is what this one may not see or nobody can show."""
    shown: dict[int, Shown] = {}
    for code, kind in _kinds.items():
        of_kind = [each for each in notifications if each.thing_kind == code]
        if of_kind:
            shown |= kind.show(actor, of_kind)
    return shown


def visible_to(actor: Actor) -> Q:
    """A condition on notifications: about things that this one may see."""
    parts = [Q(thing_kind=code) & kind.narrow(actor) for code, kind in _kinds.items()]
    return reduce(or_, parts, Q(pk__in=[]))
