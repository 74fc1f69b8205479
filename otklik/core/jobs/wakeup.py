"""A nudge to the workers of this process; those of other processes poll."""

from __future__ import annotations

import threading

_events: set[threading.Event] = set()


def listen(event: threading.Event) -> None:
    _events.add(event)


def forget(event: threading.Event) -> None:
    _events.discard(event)


def wake_workers() -> None:
    for event in tuple(_events):
        event.set()
