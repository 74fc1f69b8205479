"""One mailbox whose server hangs, and others that go on meanwhile: real sockets all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from otklik.core.outbox import sending
from otklik.core.outbox.models import Delivery
from otklik.desk.models import Account, AccountState
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.plugins.channel_email import imap, imap_session, smtp
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.tickets.actions import open_ticket, reply_to_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Ticket
from tests.services import PATIENCE
from tests.services.dovecot import ImapServer
from tests.services.smtp import token_smtp
from tests.services.talking import talking

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def mailbox_with(address: str, port: int) -> Account:
    return make_mailbox(
        address,
        config={"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"},
    )


def answer_from(account: Account) -> None:
    olga = make_customer()
    marina = actor_of(make_agent("Marina"))
    identity = olga.identities.get()
    opened = open_ticket(
        marina,
        subject="Cold water",
        words=written_by_hand(text="It is cold."),
        requester=olga,
        identity=identity,
        brand=account.brand,
        channel="email",
        account=account,
    )
    reply_to_ticket(
        marina,
        opened.ticket,
        words=written_by_hand(text="Switch it on."),
        recipients=Recipients(to=[identity]),
    )


@pytest.mark.mail
def test_servers_that_hang_hold_up_no_other_mailbox_however_many_they_are(
    monkeypatch: pytest.MonkeyPatch, run: Callable[..., threading.Event]
) -> None:
    monkeypatch.setattr(sending, "HANGS_AFTER", 0.5)
    monkeypatch.setattr(sending, "GRACE", 1.0)
    monkeypatch.setattr(smtp, "CONNECT_WITHIN", 2 * PATIENCE)
    with talking() as (dead, held), token_smtp() as healthy:
        for number in range(5):
            answer_from(mailbox_with(f"a{number}@demo.example", dead))
        answer_from(mailbox_with("zulu@demo.example", healthy.port))
        stop = run(lambda stop: sending.run_outbox(stop, threads=2))
        wait_for(lambda: len(healthy.letters) == 1)
        # Every dead server is being waited for, each by one thread of its own.
        wait_for(lambda: len(held) == 5)
        wait_for(lambda: Delivery.objects.filter(status="sent").count() == 1)
        assert Delivery.objects.filter(status="sending").count() == 5
        for connection in held:
            connection.close()
        stop.set()


@pytest.mark.mail
def test_a_dead_mailbox_delays_no_other_one_and_says_so(
    imap_server: ImapServer,
    run: Callable[..., threading.Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imap_session, "CONNECT_WITHIN", 1.0)
    monkeypatch.setattr(imap, "CHECK_EVERY", 0.1)
    address = "isolated@demo.example"
    with talking() as (dead, held):
        servers = {"imap_host": "127.0.0.1", "imap_security": "none"}
        hanging = make_mailbox(
            "hanging@demo.example", config={**servers, "imap_port": dead, "imap_user": "x"}
        )
        alive = make_mailbox(
            address, config={**servers, "imap_port": imap_server.port, "imap_user": address}
        )
        alive.set_secret("imap_password", imap_server.password)
        alive.save()
        DIRECTORY.forget()
        run(lambda stop: imap.MailboxSupervisor(stop).run())
        wait_for(lambda: bool(held))
        wait_for(lambda: imap.MailboxCursor.objects.filter(account=alive).exists())
        letter = b"From: olga@polden.example\r\nSubject: Cold\r\n\r\nHello\r\n"
        imap_server.put(address, letter)
        wait_for(lambda: Ticket.objects.exists())
        wait_for(
            lambda: AccountState.objects.filter(
                account=hanging, failing_since__isnull=False
            ).exists()
        )
    DIRECTORY.forget()


def test_mailboxes_of_one_server_come_back_at_different_moments() -> None:
    account = make_mailbox("support@demo.example")
    reader = imap.MailboxReader(
        imap.Mailbox(account, imap_session.EmailSettings(), ()), threading.Event()
    )
    reader._failures = 20
    pauses = {round(reader._pause(), 3) for _ in range(20)}
    assert len(pauses) > 10
    assert all(200 < pause < 400 for pause in pauses)
