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
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, NoReturn

from otklik.core.settings import config
from otklik.project.opening import Opening, open_again, open_desk
from otklik.project.parts import refuse_open_demo
from otklik.project.processes import NAMES, Child, Nudge, make_children
from otklik.project.resting import (
    ASKED_TO_END,
    PATIENCE,
    end_processes,
    has_ended,
    read_state,
    rest,
)
from otklik.project.start import give_back_memory, make_home
from otklik.project.stopping import Stop
from otklik.project.words import call, listen_or_stop, print_accounts

if TYPE_CHECKING:
    from io import TextIOWrapper

COMMAND, AGAIN = "up", "--again"  # the latter with what a supervisor at rest says
_STARTING = 20.0  # seconds the front may take to answer for the first time before that is said
_MAIL_PATIENCE = 5.0
_HEALTHY = 60.0  # seconds after which an earlier death is forgiven
_LONGEST_BACK_OFF = 30.0
_BEFORE_TRYING_AGAIN = 5.0


def up() -> int:
    """Run the desk until SIGINT or SIGTERM. Raises Stop, ConfigError."""
    refuse_open_demo()
    make_home()
    lock = _lock_home()
    listener = listen_or_stop()
    try:
        print("Starting Otklik …", flush=True)
        opening = open_desk()
        supervisor = _Supervisor(listener, lock.fileno(), Nudge(), os.pipe())
        return supervisor.run(lambda: _print_ready(opening))
    finally:
        listener.close()
        lock.close()


def take_over(words: str) -> int:
    """Go on for a supervisor at rest, one of whose processes has died."""
    state = read_state(words)
    for name in state.keys() - NAMES:
        os.set_inheritable(state[name], False)
    supervisor = _Supervisor(
        socket.socket(fileno=state["listener"]),
        state["lock"],
        Nudge((state["nudge"], state["nudges"])),
        (state["alive"], state["alive_here"]),
    )
    supervisor.adopt(state)
    try:
        open_again()
    except Exception as error:
        # The others are well. Perhaps it is a disk, or a release that is just being put there.
        print(f"otklik: a process has died and cannot be started again: {error}", file=sys.stderr)
        time.sleep(_BEFORE_TRYING_AGAIN)
        supervisor.rest()
        return supervisor.end()  # asked to while we waited
    supervisor.mourn_lost()
    return supervisor.run()


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


class _Supervisor:
    def __init__(
        self, listener: socket.socket, lock: int, nudge: Nudge, alive: tuple[int, int]
    ) -> None:
        """``alive``: a pipe of which the children hold one end: when we are gone, however, they
        notice and go too."""
        self._listener, self._lock, self._nudge = listener, lock, nudge
        self._alive_read, self._alive_write = alive
        self._children = make_children(listener, nudge)
        self._is_ending = False
        self._is_urgent = False
        self._calm_since = time.monotonic()

    def adopt(self, state: dict[str, int]) -> None:
        """Children that run already; one that has died meanwhile is 0."""
        self._hear_signals()
        for child in self._children:
            child.pid = state[child.name]

    def mourn_lost(self) -> None:
        for child in self._children:
            if not child.pid:
                self._mourn(child)

    def run(self, when_ready: Callable[[], None] | None = None) -> int:
        """``when_ready``: called once the front answers, however late."""
        self._hear_signals()
        give_back_memory()
        gc.freeze()
        is_late = False
        started = time.monotonic()
        while not self._is_ending:
            self._reap()
            self._start_due()
            if when_ready is not None and _answers():
                when_ready()
                when_ready = None
            elif when_ready is None and self._is_calm():
                self.rest()
            elif when_ready is not None and not is_late and time.monotonic() - started > _STARTING:
                print("otklik: the web server does not answer yet; see the log.", file=sys.stderr)
                is_late = True
            time.sleep(0.5 if when_ready is None or is_late else 0.05)
        return self.end()

    def end(self) -> int:
        alive = [child.pid for child in self._children if child.pid]
        end_processes(alive, lambda: self._is_urgent)
        return 0

    def _is_calm(self) -> bool:
        is_long = time.monotonic() - self._calm_since > _HEALTHY
        return is_long and all(child.pid for child in self._children)

    def rest(self) -> None:
        """What was imported for the children is theirs now; here it would only take memory.
        Returns when it cannot be, or when we were asked to end."""
        self._calm_since = time.monotonic()
        words = list(sys.orig_argv[1:])
        if words[-2:-1] == [AGAIN]:
            words = words[:-2]
        if words[-1:] != [COMMAND]:
            return  # somebody's own program called us; what it would do again is not known
        files = {
            "listener": self._listener.fileno(),
            "lock": self._lock,
            "nudge": self._nudge.ends[0],
            "nudges": self._nudge.ends[1],
            "alive": self._alive_read,
            "alive_here": self._alive_write,
        }
        state = files | {child.name: child.pid for child in self._children}
        # What is asked from here on waits until somebody can hear it again.
        signal.pthread_sigmask(signal.SIG_BLOCK, ASKED_TO_END)
        if not self._is_ending:
            with suppress(OSError):
                rest(state, NAMES, [sys.executable, *words, AGAIN])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKED_TO_END)

    def _hear_signals(self) -> None:
        for number in ASKED_TO_END:
            signal.signal(number, self._asked_to_end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKED_TO_END)

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
            for number in ASKED_TO_END:
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
        time.sleep(PATIENCE)
        os._exit(1)

    def _reap(self) -> None:
        for child in self._children:
            if child.pid and has_ended(child.pid):
                self._mourn(child)

    def _mourn(self, child: Child) -> None:
        import structlog

        now = time.monotonic()
        if now - child.started_at > _HEALTHY:
            child.deaths = 0
        wait = 0.0 if child.deaths == 0 else min(2.0 ** (child.deaths - 1), _LONGEST_BACK_OFF)
        child.pid, child.starts_at = 0, now + wait
        child.deaths += 1
        self._calm_since = now
        structlog.get_logger(__name__).error(
            "process_died", process=child.name, deaths=child.deaths, again_in=wait
        )

    def _asked_to_end(self, *_: object) -> None:
        self._is_urgent = self._is_ending
        self._is_ending = True


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
