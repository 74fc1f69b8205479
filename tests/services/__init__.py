"""Real servers, started for a test run and stopped after it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


class Missing(Exception):
    """A server is not to be had here; the text names the package that brings it."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody has right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    ready: Callable[[], bool], child: subprocess.Popen[bytes], log: Path, *, seconds: float = 30
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
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def stop(child: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
    """End a server politely, then firmly."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
    child.wait()
