"""The desk's end of the wire, for tests that talk to it as other programs do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from tests.services import PATIENCE, Missing, free_port
from tests.services.dovecot import ImapServer, dovecot
from tests.services.postfix import SmtpServer, postfix

MESSAGES = Path(__file__).parent / "messages"
_MODULES = (
    "accepting",
    "account_settings",
    "channel",
    "imap",
    "lmtp",
    "mailboxes",
    "receiver",
)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings of the running process: ``configured(mail_port=2600)``."""
    import importlib

    def change(**values: object) -> None:
        changed = replace(config(), **values)
        for name in _MODULES:
            module = importlib.import_module(f"otklik.plugins.channel_email.{name}")
            if hasattr(module, "config"):
                monkeypatch.setattr(module, "config", lambda: changed)

    return change


@pytest.fixture
def support(transactional_db: None) -> Iterator[Account]:
    """The mailbox support@demo.example, known to the listener."""
    account = make_mailbox("support@demo.example")
    DIRECTORY.forget()
    yield account
    DIRECTORY.forget()


@pytest.fixture
def run() -> Iterator[Callable[[Callable[[threading.Event], None]], threading.Event]]:
    """Run a service in a thread until the test ends."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def start(service: Callable[[threading.Event], None]) -> threading.Event:
        thread = threading.Thread(target=service, args=(stop,), daemon=True)
        thread.start()
        threads.append(thread)
        return stop

    yield start
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def listener(support: Account, configured: Callable[..., None]) -> Iterator[int]:
    """The port of a running listener."""
    from otklik.plugins.channel_email.lmtp import Listener

    configured(mail_port=free_port(), max_message=300_000)
    stop = threading.Event()
    listening = Listener(stop)
    thread = threading.Thread(target=listening.run, daemon=True)
    thread.start()
    assert listening.ready.wait(PATIENCE)
    yield listening.port
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def imap_server() -> Iterator[ImapServer]:
    try:
        with dovecot() as server:
            yield server
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    try:
        with postfix() as server:
            yield server
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def home() -> Path:
    return config().home


def raw_letter(name: str) -> bytes:
    return (MESSAGES / f"{name}.eml").read_bytes()
