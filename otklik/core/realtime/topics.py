"""What pages may subscribe to. A topic is ``<prefix>:<ident>``, such as ``ticket:42``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from otklik.core.access import Actor

_TOPIC = re.compile(r"([a-z][a-z_]{0,30}):([A-Za-z0-9_.-]{1,64})\Z")


@dataclass(frozen=True, slots=True)
class TopicKind:
    """Both callables run in a worker thread and must be one or two indexed queries.

    ``current_version`` is None where the topic has no version of its own (a list of tickets):
    such topics catch up by the event log, unless ``is_logged`` says that no event tells of them.
    ``interval``: seconds between two frames about it.
    """

    prefix: str
    may_subscribe: Callable[[Actor, str], bool]
    current_version: Callable[[str], int | None]
    interval: float = 0.0
    is_logged: bool = True


_kinds: dict[str, TopicKind] = {}


def register_topic(
    prefix: str,
    may_subscribe: Callable[[Actor, str], bool],
    current_version: Callable[[str], int | None] | None = None,
    *,
    interval: float = 0.0,
    is_logged: bool = True,
) -> None:
    """Add a kind of topic, from ``apps.ready()``. ``interval`` slows down one that changes all the
    time and is looked at in passing."""
    version = current_version or _no_version
    _kinds[prefix] = TopicKind(prefix, may_subscribe, version, interval, is_logged)


def take_apart(topic: object) -> tuple[TopicKind, str] | None:
    """(kind, ident), or None for what is no topic of ours."""
    match = _TOPIC.match(topic) if isinstance(topic, str) else None
    kind = _kinds.get(match.group(1)) if match else None
    return (kind, match.group(2)) if kind and match else None


def is_topic(topic: str) -> bool:
    return _TOPIC.match(topic) is not None


def _no_version(_ident: str) -> int | None:
    return None
