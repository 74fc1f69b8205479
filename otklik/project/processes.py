"""What ``otklik up`` runs: front, back and mail, each in a process of its own."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

NAMES = ("front", "back", "mail")


@dataclass
class Child:
    """One supervised process; ``run`` is called in it."""

    name: str
    run: Callable[[], None]
    pid: int = 0
    started_at: float = 0.0
    starts_at: float = 0.0  # when it may be started (again)
    deaths: int = field(default=0)


def make_children(listener: socket.socket, nudge: Nudge) -> list[Child]:
    return [
        Child("front", lambda: _front(listener, nudge)),
        Child("back", lambda: _back(listener, nudge)),
        Child("mail", lambda: _mail(listener, nudge)),
    ]


_EVENT, _JOB = b"e", b"j"


class Nudge:
    """A pipe from the others to the back: an event or a job is new, do not wait for a poll."""

    def __init__(self, ends: tuple[int, int] | None = None) -> None:
        """``ends``: of a pipe that is there already."""
        self.ends = self._read, self._write = ends or os.pipe()
        os.set_blocking(self._write, False)

    def send_from_here(self) -> None:
        from otklik.core.events.wakeup import register_waker
        from otklik.core.jobs.wakeup import listen

        register_waker(partial(self._send, _EVENT))
        listen(_FarEvent(partial(self._send, _JOB)))

    def hear_here(self) -> None:
        threading.Thread(target=self._hear, name="nudge", daemon=True).start()

    def _send(self, what: bytes) -> None:
        with suppress(BlockingIOError):  # full: nudges are on their way already
            os.write(self._write, what)

    def _hear(self) -> None:
        from otklik.core.events.wakeup import wake_dispatcher
        from otklik.core.jobs.wakeup import wake_workers

        while news := os.read(self._read, 4096):
            if _EVENT in news:
                wake_dispatcher()
            if _JOB in news:
                wake_workers()


class _FarEvent(threading.Event):
    """Looks to the jobs like a worker of this process that waits; wakes those of the back."""

    def __init__(self, send: Callable[[], None]) -> None:
        super().__init__()
        self._send = send

    def set(self) -> None:
        self._send()


def _front(listener: socket.socket, nudge: Nudge) -> None:
    from otklik.project.parts import run_front

    nudge.send_from_here()
    run_front(listener)


def _back(listener: socket.socket, nudge: Nudge) -> None:
    from otklik.core.hooks.program import Part
    from otklik.project.parts import run_services

    listener.close()
    nudge.hear_here()
    run_services(Part.WORKER)


def _mail(listener: socket.socket, nudge: Nudge) -> None:
    """Apart from the back: what comes in does not wait for what follows from it."""
    from otklik.core.hooks.program import Part
    from otklik.project.parts import run_services

    listener.close()
    nudge.send_from_here()
    run_services(Part.MAIL)
