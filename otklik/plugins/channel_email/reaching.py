"""Whom a mailbox may connect to, and connections that end in time.

Mail servers often stand beside the desk, so an administrator may name any. In a public demo
everybody is an administrator: there they are held to what other outgoing requests are, and the
socket goes to the very address that was judged, so that a name which answers differently the second
time ends at the same wall.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from otklik.core.settings import config
from otklik.kit import targets


def connect(host: str, port: int, timeout: float, *, is_the_desks: bool = False) -> socket.socket:
    """A connected TCP socket. OSError kinds as sockets raise them; ConnectionRefusedError for a
    private target in a public demo, unless the operator named the server (``is_the_desks``)."""
    if is_the_desks or config().demo != "public":
        return socket.create_connection((host, port), timeout)
    try:
        return targets.connect(host, port, timeout=timeout, allowed=config().private_targets)
    except targets.OutboundError as error:
        raise ConnectionRefusedError(str(error)) from error


@contextmanager
def cut_after(seconds: float, connection: socket.socket | None) -> Iterator[None]:
    """Shut a socket when the block lasts too long: a time-out of each single read is no bound, a
    server that says one byte a minute would hold its thread for ever. Whoever reads sees OSError or
    the end of the stream."""

    def cut() -> None:
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
