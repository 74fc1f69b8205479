"""Real servers, started for a test run and stopped after it."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


class Missing(Exception):
    """A server is not to be had here; the text names the package that brings it."""


# Seconds that a test waits for what other threads, processes and browsers do: what comes ends the
# wait, so only a test that fails takes so long, however slow and busy the machine is.
PATIENCE = 60.0

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 11_000
_chance = random.SystemRandom()
_given: set[int] = set()


def environment_without_desk() -> dict[str, str]:
    """What a desk of its own is started with: nothing of what is said here to another."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody has right now, and that nobody is given unasked until it
    is taken: below those that the kernel chooses for connections and for servers on port 0."""
    end = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    for _attempt in range(100 if end > _LOWEST + 1000 else 0):
        port = _chance.randrange(_LOWEST, end)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until(
    ready: Callable[[], bool],
    child: subprocess.Popen[bytes],
    log: Path,
    *,
    seconds: float = 2 * PATIENCE,
) -> None:
    """Wait for a server that was just started; raises ``RuntimeError`` with the end of its log."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and child.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    fate = "did not become ready"
    if child.poll() is not None:
        fate = f"ended with {child.returncode} before it was ready"
    stop(child)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
    raise RuntimeError(f"{child.args!r} {fate}:\n{tail}")


def answers(port: int) -> bool:
    """Whether somebody listens on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def stop(child: subprocess.Popen[bytes], *, seconds: float = 30) -> None:
    """End a server politely, then firmly."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
    child.wait()
