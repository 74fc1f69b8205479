"""What pages may subscribe to. A topic is ``<prefix>:<ident>``, such as ``ticket:42``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest

from otklik.core.access import Actor

_TOPIC = re.compile(r"([a-z][a-z_]{0,30}):([A-Za-z0-9_.-]{1,64})\Z")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a page asks to be drawn of a topic that was told: the piece at ``address``, in the
    language and time zone it was drawn in; ``has``: part → digest of what it shows. ``told_at``:
    monotonic moment when the change was heard; what is drawn must be read after it. ``ident`` is
    the topic's, ``request`` makes one with the page's cookies.
    """

    actor: Actor
    address: str
    language: str
    zone: str
    has: dict[str, str]
    told_at: float
    ident: str = ""
    request: Callable[[], HttpRequest] = HttpRequest


Draw = Callable[[Wish], str | None]
DrawAll = Callable[[Sequence[Wish]], Iterable[str | None]]
MayAll = Callable[[Sequence[tuple[Actor, str]]], Sequence[bool]]


@dataclass(frozen=True, slots=True)
class TopicKind:
    """The callables run in a worker thread and must be one or two indexed queries.

    ``current_version`` is None where the topic has no version of its own (a list of tickets):
    such topics catch up by the event log, unless ``is_logged`` says that no event tells of them.
    ``interval``: seconds between two frames about it. ``beat``: seconds in which changes gather
    before all its pages are told at once, so that what they share is drawn once.

    ``may_all`` answers as ``may_subscribe`` does, for many at a time. ``may_name``: who may be
    told which things a change was about. ``draw`` gives the parts of a piece that a page does not
    have, None for what only the piece's address can answer; ``draw_all`` the same for several
    pages in their order, where what each shows is read together. A page gets its own as soon as
    it is drawn.
    """

    prefix: str
    may_subscribe: Callable[[Actor, str], bool]
    current_version: Callable[[str], int | None]
    interval: float = 0.0
    is_logged: bool = True
    beat: float = 0.0
    may_all: MayAll | None = None
    may_name: Callable[[Actor], bool] | None = None
    draw: Draw | None = None
    draw_all: DrawAll | None = None

    @property
    def is_drawn(self) -> bool:
        return self.draw is not None or self.draw_all is not None


_kinds: dict[str, TopicKind] = {}


def register_topic(
    prefix: str,
    may_subscribe: Callable[[Actor, str], bool],
    current_version: Callable[[str], int | None] | None = None,
    *,
    interval: float = 0.0,
    is_logged: bool = True,
    beat: float = 0.0,
    may_all: MayAll | None = None,
    may_name: Callable[[Actor], bool] | None = None,
    draw: Draw | None = None,
) -> None:
    """Add a kind of topic, from ``apps.ready()``; `TopicKind` says what each is."""
    _kinds[prefix] = TopicKind(
        prefix,
        may_subscribe,
        current_version or _no_version,
        interval,
        is_logged,
        beat,
        may_all,
        may_name,
        draw,
    )


def register_drawing(prefix: str, draw_all: DrawAll) -> None:
    """Who draws what changed of a topic, from a room above the one whose topic it is. KeyError for
    a topic that is not registered."""
    _kinds[prefix] = replace(_kinds[prefix], draw_all=draw_all)


def take_apart(topic: object) -> tuple[TopicKind, str] | None:
    """(kind, ident), or None for what is no topic of ours."""
    match = _TOPIC.match(topic) if isinstance(topic, str) else None
    kind = _kinds.get(match.group(1)) if match else None
    return (kind, match.group(2)) if kind and match else None


def is_topic(topic: str) -> bool:
    return _TOPIC.match(topic) is not None


def _no_version(_ident: str) -> int | None:
    return None
