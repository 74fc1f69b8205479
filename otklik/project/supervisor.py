"""``otklik up``: prepare, fork front, back and mail, keep them running, end them cleanly."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, NoReturn

from otklik.core.settings import config
from otklik.project.opening import Opening, open_desk
from otklik.project.parts import refuse_open_demo
from otklik.project.start import give_back_memory, make_home
from otklik.project.stopping import Stop
from otklik.project.words import call, listen_or_stop, print_accounts

if TYPE_CHECKING:
    from io import TextIOWrapper

_STARTING = 20.0  # seconds the front may take to answer for the first time before that is said
_MAIL_PATIENCE = 5.0
_ENDING = 9.0  # longer than the services' own patience, shorter than a user's
_HEALTHY = 60.0  # seconds after which an earlier death is forgiven
_LONGEST_BACK_OFF = 30.0


def up() -> int:
    """Run the desk until SIGINT or SIGTERM. Raises Stop, ConfigError."""
    refuse_open_demo()
    make_home()
    lock = _lock_home()
    listener = listen_or_stop()
    try:
        print("Starting Otklik …", flush=True)
        opening = open_desk()
        nudge = _Nudge()
        children = [
            Child("front", lambda: _front(listener, nudge)),
            Child("back", lambda: _back(listener, nudge)),
            Child("mail", lambda: _mail(listener, nudge)),
        ]
        return _Supervisor(children, lambda: _print_ready(opening)).run()
    finally:
        listener.close()
        lock.close()


def _lock_home() -> TextIOWrapper:
    """One ``up`` per home: two would fight over the socket, the spool and the mail port."""
    path = config().run_dir / "up.lock"
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        pid = lock.read().strip() or "?"
        lock.close()
        raise Stop(
            f"Otklik is running already in {config().home} (process {pid}). End that one first, "
            "or choose another OTKLIK_HOME."
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


_EVENT, _JOB = b"e", b"j"


class _Nudge:
    """A pipe from the others to the back: an event or a job is new, do not wait for a poll."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
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


def _front(listener: socket.socket, nudge: _Nudge) -> None:
    from otklik.project.parts import run_front

    nudge.send_from_here()
    run_front(listener)


def _back(listener: socket.socket, nudge: _Nudge) -> None:
    from otklik.core.hooks.program import Part
    from otklik.project.parts import run_services

    listener.close()
    nudge.hear_here()
    run_services(Part.WORKER)


def _mail(listener: socket.socket, nudge: _Nudge) -> None:
    """Apart from the back: what comes in does not wait for what follows from it."""
    from otklik.core.hooks.program import Part
    from otklik.project.parts import run_services

    listener.close()
    nudge.send_from_here()
    run_services(Part.MAIL)


@dataclass
class Child:
    """One supervised process; ``run`` is called in it."""

    name: str
    run: Callable[[], None]
    pid: int = 0
    started_at: float = 0.0
    starts_at: float = 0.0  # when it may be started (again)
    deaths: int = field(default=0)


class _Supervisor:
    def __init__(self, children: list[Child], when_ready: Callable[[], None]) -> None:
        self._children = children
        self._when_ready = when_ready
        self._is_ending = False
        self._is_urgent = False
        # The children hold the other end: when we are gone, however, they notice and go too.
        self._alive_read, self._alive_write = os.pipe()

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_end)
        give_back_memory()
        gc.freeze()
        is_announced = is_late = False
        started = time.monotonic()
        while not self._is_ending:
            self._reap()
            self._start_due()
            if not is_announced and _answers():
                is_announced = True
                self._when_ready()
            elif not is_announced and not is_late and time.monotonic() - started > _STARTING:
                print("otklik: the web server does not answer yet; see the log.", file=sys.stderr)
                is_late = True
            time.sleep(0.5 if is_announced or is_late else 0.05)
        return self._end()

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.pid == 0 and now >= child.starts_at:
                self._start(child)

    def _start(self, child: Child) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._become(child)
        child.pid = pid
        child.started_at = time.monotonic()

    def _become(self, child: Child) -> NoReturn:
        """In the new process: run, and never return into the supervisor's code."""
        code = 1
        try:
            os.close(self._alive_write)
            # A Ctrl-C at the terminal goes to the supervisor, which ends us in order.
            os.setpgid(0, 0)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            threading.Thread(target=self._follow_parent, name="parent", daemon=True).start()
            _log_here(child.name)
            child.run()
            code = 0
        except BaseException:
            import structlog

            structlog.get_logger(__name__).exception("process_failed", process=child.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _follow_parent(self) -> None:
        os.read(self._alive_read, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_ENDING)
        os._exit(1)

    def _reap(self) -> None:
        for child in self._children:
            if child.pid and _has_ended(child.pid):
                self._mourn(child)

    def _mourn(self, child: Child) -> None:
        import structlog

        now = time.monotonic()
        if now - child.started_at > _HEALTHY:
            child.deaths = 0
        wait = 0.0 if child.deaths == 0 else min(2.0 ** (child.deaths - 1), _LONGEST_BACK_OFF)
        child.pid, child.starts_at = 0, now + wait
        child.deaths += 1
        structlog.get_logger(__name__).error(
            "process_died", process=child.name, deaths=child.deaths, again_in=wait
        )

    def _end(self) -> int:
        print("\nEnding …", flush=True)
        deadline = time.monotonic() + _ENDING
        alive = [child for child in self._children if child.pid]
        _signal(alive, signal.SIGTERM)
        while alive and time.monotonic() < deadline and not self._is_urgent:
            alive = [child for child in alive if not _has_ended(child.pid)]
            time.sleep(0.02)
        _signal(alive, signal.SIGKILL)
        for child in alive:
            with suppress(ChildProcessError):
                os.waitpid(child.pid, 0)
        print("Otklik has ended.", flush=True)
        return 0

    def _asked_to_end(self, *_: object) -> None:
        self._is_urgent = self._is_ending
        self._is_ending = True


def _signal(children: list[Child], number: signal.Signals) -> None:
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child.pid, number)


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def _log_here(name: str) -> None:
    """On a terminal the lines go to a file each, and only what is wrong is shown."""
    from otklik.core.web.logs import log_to_file

    if sys.stderr.isatty():
        log_to_file(config().home / "log" / f"{name}.log", config().log_level)


def _answers() -> bool:
    settings = config()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    connection = HTTPConnection(host.strip("[]"), settings.port, timeout=0.3)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _print_ready(opening: Opening) -> None:
    from otklik.core.hooks.program import Part, list_services
    from otklik.core.web.announcing import find_announced

    settings = config()
    print(f"\nOtklik runs at {settings.public_url}")
    if list_services(Part.MAIL):
        deadline = time.monotonic() + _MAIL_PATIENCE
        while (mail := find_announced("mail")) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if mail is None:
            print(f"Mail: the listener has not started; see the log and {call('check')}.")
        else:
            print(f"Mail is taken in at {mail} (LMTP and SMTP)")
    if settings.is_demo and not settings.smtp_url:
        print("Outgoing mail stays in the outgoing tray; OTKLIK_SMTP_URL sends it out.")
    if sys.stderr.isatty():
        print(f"Logs: {settings.home / 'log'}")
    if opening.accounts:
        print_accounts(opening.accounts)
    elif opening.has_demo:
        again = call("demo --new-passwords")
        print(f"Demo passwords were shown at the first start; new ones: {again}")
        if not settings.is_demo:
            print(f"To work without the demo company: {call('demo --remove')}")
            print("or start in another folder: OTKLIK_HOME")
    if opening.setup_link:
        print(f"\nSet up the desk here, once: {settings.public_url}{opening.setup_link}")
    print("Ctrl-C ends it.", flush=True)
