"""Mailboxes on a real Dovecot."""

from __future__ import annotations

import imaplib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from otklik.channels.models import Quarantined
from otklik.desk.models import Account, AccountState
from otklik.desk.tests.factories import make_mailbox
from otklik.plugins.channel_email import checks, imap
from otklik.plugins.channel_email.mailboxes import DIRECTORY, Mailbox
from otklik.plugins.channel_email.models import MailboxCursor
from otklik.tickets.models import Ticket
from tests.services import PATIENCE
from tests.services.dovecot import ImapServer

pytestmark = [pytest.mark.mail, pytest.mark.data]
_numbers = count(1)


def letter(number: int, body: str = "Hello") -> bytes:
    return (
        f"From: Olga <olga@polden.example>\r\nTo: support@demo.example\r\n"
        f"Subject: Help {number}\r\n"
        f"Message-ID: <imap{number}@polden.example>\r\n\r\n{body}\r\n"
    ).encode()


@pytest.fixture
def mailbox(transactional_db: None, imap_server: ImapServer) -> Iterator[Account]:
    user = f"support{next(_numbers)}"
    account = make_mailbox(
        f"{user}@demo.example",
        config={
            "imap_host": imap_server.host,
            "imap_port": imap_server.port,
            "imap_security": "none",
            "imap_user": user,
        },
        secrets={"imap_password": imap_server.password},
    )
    DIRECTORY.forget()
    yield account
    DIRECTORY.forget()


def found(account: Account) -> Mailbox:
    DIRECTORY.forget()
    mailbox = DIRECTORY.find_account(account)
    assert mailbox is not None
    return mailbox


def look(account: Account) -> int:
    mailbox = found(account)
    with imap.open_session(mailbox) as session:
        return imap.take_new(mailbox, session, threading.Event())


def put(server: ImapServer, account: Account, *letters: bytes) -> None:
    for one in letters:
        server.put(account.config["imap_user"], one)


def subjects() -> list[str]:
    return list(Ticket.objects.order_by("number").values_list("subject", flat=True))


def flags(server: ImapServer, account: Account) -> list[bytes]:
    with imaplib.IMAP4(server.host, server.port) as client:
        client.login(account.config["imap_user"], server.password)
        client.select("INBOX", readonly=True)
        data = client.fetch("1:*", "(FLAGS)")[1]
        return [line for line in data if isinstance(line, bytes)]


def test_a_new_mailbox_starts_at_now_and_seen_mail_is_not_skipped(
    mailbox: Account, imap_server: ImapServer
) -> None:
    put(imap_server, mailbox, letter(1))
    assert look(mailbox) == 0

    put(imap_server, mailbox, letter(2))
    with imaplib.IMAP4(imap_server.host, imap_server.port) as client:
        client.login(mailbox.config["imap_user"], imap_server.password)
        client.select("INBOX")
        client.store("2", "+FLAGS", r"(\Seen)")
    put(imap_server, mailbox, letter(3))

    assert look(mailbox) == 2
    assert look(mailbox) == 0
    assert subjects() == ["Help 2", "Help 3"]


def test_nothing_on_the_server_is_marked_or_deleted_unless_set(
    mailbox: Account, imap_server: ImapServer
) -> None:
    look(mailbox)
    put(imap_server, mailbox, letter(1))
    look(mailbox)
    assert [line for line in flags(imap_server, mailbox) if b"Seen" in line] == []

    mailbox.config |= {"after_fetch": "mark_seen"}
    mailbox.save()
    put(imap_server, mailbox, letter(2))
    look(mailbox)
    assert [b"Seen" in line for line in flags(imap_server, mailbox)] == [False, True]

    mailbox.config |= {"after_fetch": "delete"}
    mailbox.save()
    put(imap_server, mailbox, letter(3))
    look(mailbox)
    assert len(flags(imap_server, mailbox)) == 2
    assert subjects() == ["Help 1", "Help 2", "Help 3"]


def test_a_crash_after_the_commit_repeats_a_letter_and_makes_no_second_ticket(
    mailbox: Account, imap_server: ImapServer
) -> None:
    look(mailbox)
    put(imap_server, mailbox, letter(1))
    look(mailbox)
    MailboxCursor.objects.update(last_uid=0)

    assert look(mailbox) == 1
    assert subjects() == ["Help 1"]


def test_new_numbers_lose_nothing_and_double_nothing(
    mailbox: Account, imap_server: ImapServer
) -> None:
    look(mailbox)
    put(imap_server, mailbox, letter(1))
    look(mailbox)
    put(imap_server, mailbox, letter(2))
    MailboxCursor.objects.update(uid_validity=1, last_uid=900)

    look(mailbox)

    assert subjects() == ["Help 1", "Help 2"]
    assert MailboxCursor.objects.get().uid_validity != 1


def test_older_mail_comes_on_request_as_an_import(
    mailbox: Account, imap_server: ImapServer
) -> None:
    put(imap_server, mailbox, letter(1), letter(2))
    look(mailbox)
    box = found(mailbox)
    with imap.open_session(box) as session:
        taken = imap.take_older(box, session, timezone.now() - timedelta(days=30), 100)

    assert taken == 2
    assert subjects() == ["Help 1", "Help 2"]
    from otklik.core.events.models import EventRow

    origins = EventRow.objects.filter(name="ticket.opened").values_list("origin", flat=True)
    assert set(origins) == {"import"}


def test_a_letter_too_large_is_left_on_the_server_and_shown(
    mailbox: Account, imap_server: ImapServer, configured: Callable[..., None]
) -> None:
    look(mailbox)
    configured(max_message=10_000)
    put(imap_server, mailbox, letter(1, "x" * 20_000), letter(2))

    look(mailbox)

    assert subjects() == ["Help 2"]
    assert "still on the server" in Quarantined.objects.get().reason


def test_idle_brings_a_letter_within_seconds_and_a_slow_mailbox_delays_nobody(
    mailbox: Account,
    imap_server: ImapServer,
    run: Callable[[Callable[[threading.Event], None]], threading.Event],
) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        make_mailbox(
            "slow@demo.example",
            config={
                "imap_host": "127.0.0.1",
                "imap_port": silent.getsockname()[1],
                "imap_security": "none",
                "imap_user": "slow",
            },
        )
        DIRECTORY.forget()
        run(lambda stop: imap.MailboxSupervisor(stop).run())
        until = time.monotonic() + PATIENCE
        while not MailboxCursor.objects.filter(last_success_at__isnull=False).exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        put(imap_server, mailbox, letter(1))
        started = time.monotonic()
        while not Ticket.objects.exists():
            assert time.monotonic() - started < PATIENCE  # a look without news is minutes away
            time.sleep(0.05)
        # Noted beside the letter, a moment after it is in.
        while not AccountState.objects.filter(last_received_at__isnull=False).exists():
            assert time.monotonic() - started < 2 * PATIENCE
            time.sleep(0.05)

    state = AccountState.objects.get(account=mailbox)
    assert state.failing_since is None


def test_a_wrong_password_is_shown_with_the_servers_words(
    mailbox: Account, run: Callable[[Callable[[threading.Event], None]], threading.Event]
) -> None:
    mailbox.set_secret("imap_password", "wrong")
    mailbox.save()
    box = found(mailbox)
    stop = run(lambda stop: imap.MailboxReader(box, stop).run())
    until = time.monotonic() + PATIENCE
    while not AccountState.objects.filter(failing_since__isnull=False).exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    stop.set()

    state = AccountState.objects.get(account=mailbox)
    assert "password" in state.error
    assert "AUTH" in state.server_reply.upper()


def test_the_connection_test_says_each_step_in_words(
    mailbox: Account, configured: Callable[..., None]
) -> None:
    good = checks.check_account(mailbox)
    mailbox.set_secret("imap_password", "wrong")
    bad = checks.check_account(mailbox)
    mailbox.config |= {"imap_port": 1}
    gone = checks.check_account(mailbox)
    mailbox.config |= {"imap_port": "no number"}
    senseless = checks.check_account(mailbox)

    assert [check.state for check in good[:4]] == ["ok"] * 4
    assert [check.state for check in bad[:4]] == ["ok", "ok", "failed", "skipped"]
    assert bad[2].advice
    assert bad[2].server_reply
    assert [check.state for check in gone[:4]] == ["failed", "skipped", "skipped", "skipped"]
    assert "port 1" in gone[0].detail
    assert [check.state for check in senseless] == ["failed"]
