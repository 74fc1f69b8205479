"""A nudge to the outbox of this process; that of another process polls."""

from __future__ import annotations

import threading

_events: set[threading.Event] = set()


def listen(event: threading.Event) -> None:
    _events.add(event)


def forget(event: threading.Event) -> None:
    _events.discard(event)


def wake_outbox() -> None:
    for event in tuple(_events):
        event.set()
