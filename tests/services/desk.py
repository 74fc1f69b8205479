"""A whole desk for tests: `otklik up` with a home and ports of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import environment_without_desk, free_port, stop, wait_until
from tests.services.ready import fill_demo_home, fill_home

_PROGRAM = Path(sys.executable).with_name("otklik")


@dataclass(frozen=True)
class LiveDesk:
    """A running desk. ``otklik`` runs a command of the program against it."""

    url: str
    mail_port: int
    home: Path
    environment: Mapping[str, str]

    def printed(self) -> str:
        """What the desk has said on its terminal: addresses, accounts, passwords, the log."""
        return (self.home / "terminal").read_text(errors="replace")

    def otklik(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [str(_PROGRAM), *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, env=self.environment)


@contextmanager
def desk(settings: Mapping[str, str] | None = None, *, seconds: float = 400) -> Iterator[LiveDesk]:
    """Start a desk and wait until it is ready; ``settings`` are ``OTKLIK_*`` variables.

    Its home has its first start behind it, with the demo company where it is asked for.
    """
    home = Path(tempfile.mkdtemp(prefix="otklik-desk-"))
    port, mail_port = free_port(), free_port()
    inherited = environment_without_desk()
    environment = {
        **inherited,
        "OTKLIK_HOME": str(home),
        "OTKLIK_PORT": str(port),
        "OTKLIK_MAIL_PORT": str(mail_port),
        "OTKLIK_DEMO": "0",
        **(settings or {}),
    }
    live = LiveDesk(f"http://127.0.0.1:{port}", mail_port, home, environment)
    try:
        if environment["OTKLIK_DEMO"] == "1":
            fill_demo_home(home)
        else:
            fill_home(home)
        with (home / "terminal").open("ab") as terminal:
            child = subprocess.Popen(
                [str(_PROGRAM), "up"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
            )
        try:
            wait_until(lambda: _is_ready(live.url), child, home / "terminal", seconds=seconds)
            yield live
        finally:
            stop(child)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
