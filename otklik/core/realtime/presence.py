"""Who is where and does what: kept in the memory of the fronts, gone with the page. No fact.

Pages say it over their socket, programs by a lease; each front tells the others (`roll`). Nothing
is written to the database, so a heartbeat costs nobody a write.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

MOST_PAGES = 200  # of one place; whoever comes later is there unseen
_DOING = re.compile(r"[a-z_]{1,20}\Z")

Told = tuple[int, str, float]  # person, doing, seconds since they began


@dataclass(frozen=True, slots=True)
class Here:
    """``since`` is by the clock of this front: ages travel, times of day do not."""

    person_id: int
    doing: str
    since: datetime


@dataclass(slots=True)
class _Entry:
    person_id: int
    doing: str
    began: float  # monotonic
    until: float | None = None  # monotonic; None: until the page leaves


class Presence:
    """What one front knows. Safe for threads: pages are rendered beside the event loop."""

    def __init__(self) -> None:
        self.front = secrets.token_hex(6)
        self.generation = 0  # moves with every change of who is where
        self._lock = threading.Lock()
        self._places: dict[str, dict[tuple[str, str], _Entry]] = {}
        self._listeners: list[Callable[[set[str]], None]] = []

    def listen(self, listener: Callable[[set[str]], None]) -> Callable[[], None]:
        """Have topics told whose picture changed, from any thread; returns how to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def arrive(
        self, page: str, topic: str, person_id: int, doing: str, *, lasts: float | None = None
    ) -> None:
        """A page of this front shows ``topic``; ``lasts`` seconds, or until it leaves.

        Raises ValueError for a ``doing`` that is no short word.
        """
        if not is_doing(doing):
            raise ValueError(f"no doing: {doing!r}")
        until = None if lasts is None else time.monotonic() + lasts
        with self._lock:
            is_news = self._put((self.front, page), topic, person_id, doing, 0.0, until)
        if is_news:
            self._tell({topic})

    def leave(self, page: str, topic: str) -> None:
        with self._lock:
            is_news = self._drop((self.front, page), topic)
        if is_news:
            self._tell({topic})

    def hear(self, front: str, topics: Mapping[str, Mapping[str, Told]], lasts: float) -> None:
        """Another front tells all that it has; what it no longer names has left."""
        news: set[str] = set()
        with self._lock:
            for topic in [name for name, held in self._places.items() if _has(held, front)]:
                for key in [key for key in self._places[topic] if key[0] == front]:
                    if key[1] not in topics.get(topic, {}) and self._drop(key, topic):
                        news.add(topic)
            for topic, pages in topics.items():
                for page, (person_id, doing, age) in pages.items():
                    until = time.monotonic() + lasts
                    if self._put((front, page), topic, person_id, doing, age, until):
                        news.add(topic)
        self._tell(news)

    def sweep(self) -> None:
        """Forget what has run out: leases of programs, fronts that are silent."""
        now, news = time.monotonic(), set()
        with self._lock:
            for topic, held in list(self._places.items()):
                for key, entry in list(held.items()):
                    if entry.until is not None and entry.until < now and self._drop(key, topic):
                        news.add(topic)
        self._tell(news)

    def own(self) -> dict[str, dict[str, Told]]:
        """What this front tells the others."""
        now = time.monotonic()
        with self._lock:
            told: dict[str, dict[str, Told]] = {}
            for topic, held in self._places.items():
                for (front, page), entry in held.items():
                    if front == self.front and (entry.until is None or entry.until > now):
                        age = round(now - entry.began, 1)
                        told.setdefault(topic, {})[page] = (entry.person_id, entry.doing, age)
            return told

    def list_here(self, topic: str) -> list[Here]:
        """Each person once for each thing they do, whoever began first first."""
        with self._lock:
            return _merged(self._places.get(topic, {}).values())

    def list_places(self, prefix: str) -> dict[str, list[Here]]:
        """Ident → who is there, of all topics ``prefix:ident``."""
        begin = f"{prefix}:"
        with self._lock:
            return {
                topic.removeprefix(begin): _merged(held.values())
                for topic, held in self._places.items()
                if topic.startswith(begin)
            }

    def _put(
        self,
        key: tuple[str, str],
        topic: str,
        person_id: int,
        doing: str,
        age: float,
        until: float | None,
    ) -> bool:
        held = self._places.setdefault(topic, {})
        known = held.get(key)
        if known is not None and (known.person_id, known.doing) == (person_id, doing):
            known.until = until
            return False
        if known is None and len(held) >= MOST_PAGES:
            return False
        held[key] = _Entry(person_id, doing, time.monotonic() - age, until)
        self.generation += 1
        return True

    def _drop(self, key: tuple[str, str], topic: str) -> bool:
        held = self._places.get(topic, {})
        if held.pop(key, None) is None:
            return False
        if not held:
            del self._places[topic]
        self.generation += 1
        return True

    def _tell(self, topics: set[str]) -> None:
        if topics:
            for listener in list(self._listeners):
                listener(topics)


# What this process knows; a front's hub keeps it true.
here = Presence()

_summaries: dict[str, str] = {}


def register_summary(prefix: str, topic: str) -> None:
    """Whoever shows ``topic`` is told of every change of presence at ``prefix:…``."""
    _summaries[prefix] = topic


def with_summaries(topics: Iterable[str]) -> set[str]:
    told = set(topics)
    return told | {name for name in (_summaries.get(t.partition(":")[0]) for t in told) if name}


def is_doing(value: Any) -> bool:
    return isinstance(value, str) and _DOING.match(value) is not None


def _has(held: Mapping[tuple[str, str], _Entry], front: str) -> bool:
    return any(key[0] == front for key in held)


def _merged(entries: Iterable[_Entry]) -> list[Here]:
    began: dict[tuple[int, str], float] = {}
    now = time.monotonic()
    for entry in entries:
        if entry.until is None or entry.until > now:
            key = (entry.person_id, entry.doing)
            began[key] = min(began.get(key, entry.began), entry.began)
    at = timezone.now()
    merged = [
        Here(person, doing, at - timedelta(seconds=now - start))
        for (person, doing), start in began.items()
    ]
    return sorted(merged, key=lambda one: (one.since, one.person_id, one.doing))
