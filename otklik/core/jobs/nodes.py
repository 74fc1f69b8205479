"""Which processes run the desk now, and of which release: they say so themselves."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import structlog
from django.db import DatabaseError, connections
from django.utils import timezone

from otklik import __version__
from otklik.core.db import write
from otklik.core.jobs.models import Node
from otklik.kit.memory import give_back

EVERY = 30.0  # seconds between two signs of life
SILENT_AFTER = timedelta(seconds=100)
_FORGOTTEN_AFTER = timedelta(days=1)

logger = structlog.get_logger(__name__)


@contextmanager
def being_seen(part: str) -> Iterator[None]:
    """Give signs of life, from a thread, while the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_keep_saying, args=(part, stop), name="node", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(2.0)


def say_alive(part: str) -> None:
    now = timezone.now()
    with write():
        row, is_new = Node.objects.update_or_create(
            name=_own_name(), defaults={"part": part, "version": __version__, "seen_at": now}
        )
        if is_new:
            Node.objects.filter(seen_at__lt=now - _FORGOTTEN_AFTER).exclude(pk=row.pk).delete()


def list_running(database: str = "default") -> list[Node]:
    """Those seen lately; a process of this machine that is gone is not among them."""
    rows = Node.objects.using(database)
    recent = rows.filter(seen_at__gte=timezone.now() - SILENT_AFTER).order_by("name")
    return [node for node in recent if not _is_known_dead(node.name)]


def _keep_saying(part: str, stop: threading.Event) -> None:
    try:
        while True:
            try:
                say_alive(part)
            except DatabaseError as error:
                logger.warning("node_not_seen", error=type(error).__name__)
            connections.close_all()  # 500 kB of SQLite, for two statements in half a minute
            give_back()  # what a burst of pages or letters has left
            if stop.wait(EVERY):
                break
        with suppress(DatabaseError), write():
            Node.objects.filter(name=_own_name()).delete()
    finally:
        connections.close_all()


def _own_name() -> str:
    return f"{socket.gethostname()[:100]}:{os.getpid()}"


def _is_known_dead(name: str) -> bool:
    host, _, pid = name.rpartition(":")
    if host != socket.gethostname()[:100]:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
