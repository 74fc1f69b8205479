"""What of e-mail runs by itself, in the back process; registered with ``core.hooks.program``."""

from __future__ import annotations

import threading

from otklik.core.db.connections import tidy_connections
from otklik.core.hooks.program import Part, register_early, register_service

PUBLISH_EVERY = 5.0  # seconds
_HERE = __package__


def register_services() -> None:
    """Each part in a thread of its own, started again when it fails."""
    register_service("mail listener", run_listener, part=Part.MAIL)
    register_service("mail pipe", run_pipe, part=Part.MAIL)
    register_service("mail spool", run_spool, part=Part.MAIL)
    register_service("mailboxes", run_mailboxes, part=Part.MAIL)
    register_service("mail addresses", publish_addresses, part=Part.MAIL)
    register_early(
        *(f"{_HERE}.{name}" for name in ("lmtp", "receiver", "sender_checks.checking")),
        *("css_inline", "dkim", "publicsuffixlist", "dns.rdtypes.ANY.TXT"),
    )


def run_listener(stop: threading.Event) -> None:
    from .lmtp import Listener

    Listener(stop).run()


def run_pipe(stop: threading.Event) -> None:
    from .receiver import Receiver

    Receiver(stop).run()


def run_spool(stop: threading.Event) -> None:
    from .receiver import SpoolReader

    SpoolReader(stop).run()


def run_mailboxes(stop: threading.Event) -> None:
    from .imap import MailboxSupervisor

    MailboxSupervisor(stop).run()


def publish_addresses(stop: threading.Event) -> None:
    """Keep the list of addresses beside the pipe's socket current."""
    from .mailboxes import DIRECTORY

    while not stop.is_set():
        with tidy_connections():
            DIRECTORY.publish()
        stop.wait(PUBLISH_EVERY)
