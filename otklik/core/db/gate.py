"""The write gate: writers on SQLite take turns.

SQLite has one writer and wakes waiting ones by chance, so beside a busy writer a web write may
wait for seconds. Two file locks make a turnstile: whoever waits holds the first lock, so at most
one waits at the second and nobody who comes later overtakes by luck. The locks belong to open
file descriptions, hence work between threads and processes alike, and vanish with a process.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

from prometheus_client import Histogram

WAIT = Histogram(
    "otklik_write_gate_wait_seconds",
    "Time a transaction waited for its turn to write",
    buckets=(0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
HELD = Histogram(
    "otklik_write_gate_held_seconds",
    "Time a transaction kept other writers waiting",
    buckets=(0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)


class WriteGate:
    """One gate per database file. Not re-entrant: the connection takes it once per transaction."""

    def __init__(self, database: Path) -> None:
        self._turnstile = database.with_name(database.name + ".turn")
        self._lock = database.with_name(database.name + ".write")
        self._held: int | None = None
        self._since = 0.0

    def enter(self) -> None:
        started = time.monotonic()
        turnstile = os.open(self._turnstile, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(turnstile, fcntl.LOCK_EX)
            held = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(held, fcntl.LOCK_EX)
            except BaseException:
                os.close(held)
                raise
            self._held = held
        finally:
            os.close(turnstile)
        self._since = time.monotonic()
        WAIT.observe(self._since - started)
        _waits.add(self._since - started)

    def leave(self) -> None:
        if self._held is None:
            return
        HELD.observe(time.monotonic() - self._since)
        os.close(self._held)
        self._held = None


class _RecentWaits:
    """The longest waits of the last minutes, for the health page; kept small and per process."""

    def __init__(self, window: float = 300.0) -> None:
        self._window = window
        self._lock = threading.Lock()
        self._worst: list[tuple[float, float]] = []

    def add(self, wait: float) -> None:
        now = time.monotonic()
        with self._lock:
            self._worst = [(at, value) for at, value in self._worst if now - at < self._window]
            self._worst.append((now, wait))
            if len(self._worst) > 50:
                self._worst.remove(min(self._worst, key=lambda entry: entry[1]))

    def longest(self) -> float:
        now = time.monotonic()
        with self._lock:
            return max((v for at, v in self._worst if now - at < self._window), default=0.0)


_waits = _RecentWaits()


def longest_recent_wait() -> float:
    """Seconds; the longest wait for the gate in this process during the last five minutes."""
    return _waits.longest()
