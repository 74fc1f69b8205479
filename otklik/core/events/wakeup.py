"""A nudge to the dispatcher: there is something new. Losing one costs a poll, nothing else."""

from __future__ import annotations

from collections.abc import Callable

_wakers: list[Callable[[], None]] = []


def register_waker(waker: Callable[[], None]) -> None:
    _wakers.append(waker)


def wake_dispatcher() -> None:
    for waker in _wakers:
        waker()
