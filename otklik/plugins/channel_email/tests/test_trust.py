"""Where a mailbox may connect to, and who gets its password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import actor_of, make_administrator
from otklik.plugins.channel_email.account_settings import smtp_server_of
from otklik.plugins.channel_email.checks import check_account
from otklik.plugins.channel_email.forms import MailboxForm
from otklik.plugins.channel_email.reaching import demand_reachable

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
            demand_reachable(host, 143)
    demand_reachable("192.0.9.1", 143)
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
    demand_reachable("127.0.0.1", 25)
    request.getfixturevalue("public_demo")
    own = smtp_server_of(mailbox)
    assert own is None or own.source == "desk"
