"""Where a mailbox may connect to, and who gets its password."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import actor_of, make_administrator
from otklik.plugins.channel_email import reaching, smtp
from otklik.plugins.channel_email.account_settings import (
    EmailSettings,
    SmtpServer,
    smtp_server_of,
)
from otklik.plugins.channel_email.checks import check_account
from otklik.plugins.channel_email.forms import MailboxForm
from otklik.plugins.channel_email.imap_session import ImapSession

pytestmark = pytest.mark.django_db


@pytest.fixture
def public_demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OTKLIK_DEMO", "public")
    config.cache_clear()
    yield
    monkeypatch.undo()
    config.cache_clear()


@pytest.fixture
def mailbox() -> Account:
    return make_mailbox(
        "support@demo.example",
        config={
            "imap_host": "imap.provider.example",
            "imap_port": 993,
            "imap_security": "tls",
            "imap_user": "support",
        },
        secrets={"imap_password": "old secret"},
    )


def form_of(mailbox: Account, **changes: Any) -> MailboxForm:
    actor = actor_of(make_administrator())
    empty = MailboxForm(actor=actor, account=mailbox)
    data = {name: empty[name].value() for name in empty.fields}
    data = {name: value for name, value in data.items() if value is not None}
    return MailboxForm({**data, **changes}, actor=actor, account=mailbox)


def test_a_stored_password_goes_to_no_other_server(mailbox: Account) -> None:
    assert form_of(mailbox, name="Renamed").is_valid()
    assert form_of(mailbox, imap_host="IMAP.provider.example").is_valid()
    elsewhere = form_of(mailbox, imap_host="imap.mallory.example")
    assert not elsewhere.is_valid()
    assert "imap_password" in elsewhere.errors
    assert form_of(
        mailbox, imap_host="imap.mallory.example", imap_password="typed again"
    ).is_valid()
    # Without a password of its own the outgoing server would get the incoming one's.
    assert "smtp_password" in form_of(mailbox, smtp_host="smtp.mallory.example").errors


def test_visitors_of_a_public_demo_reach_no_private_network(
    public_demo: None, mailbox: Account
) -> None:
    for host in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "localhost"):
        with pytest.raises(ConnectionRefusedError):
            reaching.connect(host, 143, 1)
    mailbox.config = {**mailbox.config, "imap_host": "127.0.0.1", "imap_port": 1}
    failed = [check for check in check_account(mailbox) if check.state == "failed"]
    assert "not a public address" in failed[0].server_reply


def test_mail_of_a_public_demo_leaves_only_by_the_operators_server(
    mailbox: Account, request: pytest.FixtureRequest
) -> None:
    mailbox.config = {**mailbox.config, "smtp_host": "smtp.mallory.example"}
    server = smtp_server_of(mailbox)
    assert server is not None
    assert server.host == "smtp.mallory.example"
    request.getfixturevalue("public_demo")
    own = smtp_server_of(mailbox)
    assert own is None or own.source == "desk"


def test_a_name_that_answers_differently_the_second_time_leads_nowhere_else(
    public_demo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    went: list[str] = []

    def resolve(host: str, port: int, *more: object, **details: object) -> list[object]:
        found = next(answers) if host == "imap.mallory.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    def create_connection(address: tuple[str, int], *more: object) -> None:
        went.append(address[0])
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    settings = EmailSettings(imap_host="imap.mallory.example", imap_user="x")
    with pytest.raises(OSError, match="no connection"):
        ImapSession(settings, "password").connect()
    server = SmtpServer(host="imap.mallory.example", port=25, security="none")
    with pytest.raises(OSError, match="not a public address"):
        smtp.connect(server)
    assert went == ["93.184.216.34"]


def test_a_server_that_drips_its_words_is_cut_off_after_a_while() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(30)
        with reaching.cut_after(0.3, ours):
            theirs.sendall(b"2")
            assert ours.recv(1) == b"2"
            assert ours.recv(1) == b""
