"""Who holds a lease: a mark of this process that tells others on this machine when it is gone.

A lease protects against machines that vanish without a word, so it lasts a minute or two. Of a
process on this machine the kernel knows at once; what it held can be taken over without waiting.
Every lease is fenced as well, so a wrong guess costs a repeated look, never a second letter.
"""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache
from hashlib import sha256
from pathlib import Path

LENGTH = 36


def own_mark() -> str:
    """``<machine>.<pid>.<start>.<random>``, at most 36 characters; another one each time."""
    pid = os.getpid()
    return f"{_machine()}.{pid:x}.{_started(pid):x}.{secrets.token_hex(4)}"


def is_gone(mark: str) -> bool:
    """Whether the process that made the mark ran on this machine and runs no more."""
    parts = mark.split(".")
    if len(parts) != 4 or parts[0] != _machine():
        return False
    try:
        pid, started = int(parts[1], 16), int(parts[2], 16)
        # A number that was given to another process since is told by its start.
        return started != 0 and _started(pid) != started
    except (ValueError, PermissionError):
        return False


@cache
def _machine() -> str:
    """The host and its space of process numbers: two containers may be called the same."""
    try:
        space = os.readlink("/proc/self/ns/pid")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        space = boot = ""
    return sha256(f"{socket.gethostname()}\0{space}\0{boot}".encode()).hexdigest()[:8]


def _started(pid: int) -> int:
    """Clock ticks since boot when the process began; 0 when there is none, or no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    # The name of the program, in brackets, may hold anything (proc(5)).
    fields = stat.rpartition(b")")[2].split()
    is_dead = fields[0] in (b"Z", b"X")
    return 0 if is_dead else int(fields[19])
