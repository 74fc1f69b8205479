"""Everything of e-mail that runs by itself, in the back process."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from django.db import close_old_connections

from .imap import MailboxSupervisor
from .lmtp import Listener
from .mailboxes import DIRECTORY
from .receiver import Receiver, SpoolReader

logger = structlog.get_logger(__name__)

START_AGAIN_AFTER = 5.0
PUBLISH_EVERY = 5.0


def start(stop: threading.Event) -> list[threading.Thread]:
    """Start listener, pipe, spool and mailboxes in threads that end soon after ``stop`` is set.

    Returns the threads, so that the caller can wait for them. A part that fails starts again.
    """
    parts: dict[str, Callable[[], None]] = {
        "mail-listener": lambda: Listener(stop).run(),
        "mail-pipe": lambda: Receiver(stop).run(),
        "mail-spool": lambda: SpoolReader(stop).run(),
        "mail-mailboxes": lambda: MailboxSupervisor(stop).run(),
        "mail-addresses": lambda: _publish_addresses(stop),
    }
    threads = [
        threading.Thread(target=_keep_running, args=(name, run, stop), name=name, daemon=True)
        for name, run in parts.items()
    ]
    for thread in threads:
        thread.start()
    return threads


def _keep_running(name: str, run: Callable[[], None], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            run()
        except Exception:
            logger.exception("mail_part_failed", part=name)
        finally:
            close_old_connections()
        stop.wait(START_AGAIN_AFTER)


def _publish_addresses(stop: threading.Event) -> None:
    """Keep the list of addresses beside the pipe's socket current."""
    while not stop.is_set():
        DIRECTORY.publish()
        close_old_connections()
        stop.wait(PUBLISH_EVERY)
