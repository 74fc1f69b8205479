"""The supervisor at rest: what watches over the processes of ``otklik up`` while all are well.

The supervisor runs this file in its own place (``exec``: same process, same children, same open
files) once nobody has died for a while, because what it imported for the others would only lie in
memory. It imports nothing but what Python itself begins with. When a process dies it becomes
``otklik up`` again, which imports and starts that one.

Arguments: the state as one word per entry, ``--``, the command that takes over.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping

ASKED_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 9.0  # seconds for all to end; longer than the services' own, shorter than a user's
_HEARD = (*ASKED_TO_END, signal.SIGCHLD)

State = Mapping[str, int]  # open files and processes by name; a process that has died is 0


def spell_state(state: State) -> str:
    return " ".join(f"{name}={number}" for name, number in state.items())


def read_state(text: str) -> dict[str, int]:
    """Raises ValueError."""
    pairs = (entry.split("=") for entry in text.split())
    return {name: int(number) for name, number in pairs}


def rest(state: State, processes: Iterable[str], command: list[str]) -> None:
    """Become this program; ``command`` is run with the state as its last word when one of the
    processes has died. What asks to end has to be blocked. Raises OSError."""
    for name, number in state.items():
        if name not in processes:
            os.set_inheritable(number, True)
    sys.stdout.flush()
    sys.stderr.flush()
    words = [spell_state(state), " ".join(processes), *command]
    os.execv(sys.executable, [sys.executable, "-I", "-S", __file__, *words])  # noqa: S606


def has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def end_processes(pids: Iterable[int], is_urgent: Callable[[], bool]) -> None:
    """In order; who is not done in time, or when it becomes urgent, is killed."""
    print("\nEnding …", flush=True)
    deadline = time.monotonic() + PATIENCE
    alive = list(pids)
    _signal(alive, signal.SIGTERM)
    while alive and time.monotonic() < deadline and not is_urgent():
        alive = [pid for pid in alive if not has_ended(pid)]
        time.sleep(0.02)
    _signal(alive, signal.SIGKILL)
    for pid in alive:
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            continue
    print("Otklik has ended.", flush=True)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def main() -> int:
    state, processes, command = read_state(sys.argv[1]), sys.argv[2].split(), sys.argv[3:]
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    # The system may drop the news of a process's end when nobody says that it is wanted.
    signal.signal(signal.SIGCHLD, _nothing)
    while True:
        dead = [name for name in processes if not state[name] or has_ended(state[name])]
        if dead:
            state |= dict.fromkeys(dead, 0)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD,))
            os.execv(command[0], [*command, spell_state(state)])  # noqa: S606
        if signal.sigwait(_HEARD) in ASKED_TO_END:
            end_processes((state[name] for name in processes), _is_asked_again)
            return 0


def _is_asked_again() -> bool:
    return not signal.sigpending().isdisjoint(ASKED_TO_END)


def _nothing(*_: object) -> None:
    return None


if __name__ == "__main__":
    sys.exit(main())
