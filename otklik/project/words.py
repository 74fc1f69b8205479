"""What the program says in the terminal."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from otklik.core.settings import config


class Progress:
    """One line that counts up; on a terminal it is redrawn, elsewhere it comes at the end.

    Call it with (done, total or None).
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._is_terminal = sys.stdout.isatty()
        self._drawn_at = 0.0
        self._last = ""

    def __enter__(self) -> Progress:
        self._draw(f"{self._title} …")
        return self

    def __call__(self, done: int, total: int | None = None) -> None:
        now = time.monotonic()
        if now - self._drawn_at < 0.1 and done != total:
            return
        self._drawn_at = now
        self._draw(f"{self._title}: {done:,}" + (f" of {total:,}" if total else ""))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_terminal:
            sys.stdout.write("\n")
        elif self._last:
            sys.stdout.write(f"{self._last}\n")
        sys.stdout.flush()

    def _draw(self, line: str) -> None:
        self._last = line
        if self._is_terminal:
            sys.stdout.write(f"\r\x1b[K{line}")
            sys.stdout.flush()


def listen_or_stop() -> socket.socket:
    """The web server's socket, or one clear line about why there is none."""
    import errno

    from otklik.core.web.listening import listening_socket
    from otklik.project.stopping import Stop

    settings = config()
    try:
        return listening_socket(settings.host, settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Stop(
                f"port {settings.port} is taken by another program. End it, or choose another "
                f"port: OTKLIK_PORT={settings.port + 1}"
            ) from None
        if error.errno in {errno.EACCES, errno.EPERM}:
            raise Stop(
                f"port {settings.port} is not open to this user; take one above 1023."
            ) from None
        raise Stop(
            f"OTKLIK_HOST={settings.host} is no address of this machine ({error.strerror})."
        ) from None


def call(words: str) -> str:
    """How to call this program with these words from here: its name alone if the shell finds it."""
    own = Path(sys.argv[0])
    found = shutil.which("otklik")
    if own.name != "otklik" or (found is not None and Path(found).samefile(own)):
        return f"otklik {words}"
    return f"{min(os.path.relpath(own), str(own), key=len)} {words}"


def print_accounts(accounts: Sequence[tuple[str, str, str]]) -> None:
    """(label, e-mail, password): shown once, nowhere stored."""
    print(f"\nDemo accounts (shown this once; new passwords: {call('demo --new-passwords')})")
    labels = max((len(label) for label, _, _ in accounts), default=0)
    mails = max((len(mail) for _, mail, _ in accounts), default=0)
    for label, mail, password in accounts:
        print(f"  {label:<{labels}}  {mail:<{mails}}  {password}")
    print(flush=True)
