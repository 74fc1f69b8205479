"""XOAUTH2 from the browser to real servers: Dovecot asks the provider about every token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from otklik.core.hooks.health import State
from otklik.core.outbox import TemporaryFailure
from otklik.core.settings import config
from otklik.core.settings.sealed import list_sealed
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.models import User
from otklik.people.tests import factories as people
from otklik.plugins.channel_email import health, imap, oauth, smtp, tasks
from otklik.plugins.channel_email.account_settings import settings_of, smtp_server_of
from otklik.plugins.channel_email.checks import check_account
from otklik.plugins.channel_email.imap_session import RejectedLogin
from otklik.plugins.channel_email.mailboxes import DIRECTORY, Mailbox
from otklik.plugins.channel_email.models import MailboxCursor, MailboxGrant
from otklik.tickets.models import Ticket
from tests.rest.client import program_of
from tests.services import Missing
from tests.services.dovecot import ImapServer, dovecot
from tests.services.oauth import OAuthServer, oauth_server
from tests.services.smtp import token_smtp

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


@pytest.fixture
def provider() -> Iterator[OAuthServer]:
    with oauth_server() as server:
        yield server


@pytest.fixture(autouse=True)
def loopback_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OTKLIK_PRIVATE_TARGETS", "127.0.0.0/8")
    config.cache_clear()
    yield
    monkeypatch.undo()
    config.cache_clear()


@pytest.fixture
def tokens_only(provider: OAuthServer) -> Iterator[ImapServer]:
    try:
        with dovecot(introspection=f"{provider.url}/introspect?token=") as server:
            yield server
    except Missing as missing:
        pytest.skip(str(missing))


def mailbox_at(provider: OAuthServer, **servers: object) -> Account:
    account = make_mailbox(
        "support@demo.example",
        config={
            "sign_in": "oauth",
            "oauth_client_id": provider.client_id,
            "oauth_authorize_url": f"{provider.url}/authorize",
            "oauth_token_url": f"{provider.url}/token",
            "oauth_scope": "mail",
            "imap_host": "127.0.0.1",
            "imap_port": 1,
            "imap_user": "support@demo.example",
            "imap_security": "none",
            "smtp_security": "none",
            **servers,
        },
    )
    account.set_secret("oauth_client_secret", provider.client_secret)
    account.save()
    DIRECTORY.forget()
    return account


@pytest.fixture
def dasha() -> Client:
    return signed_in(people.user_of(people.make_administrator()))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="otklik.people.backends.EmailBackend")
    return client


def way_back(dasha: Client, account: Account) -> dict[str, str]:
    """What the browser brings back after the owner agreed."""
    away = dasha.get(reverse("channel_email:departure", args=[account.pk]))
    assert away.status_code == 302
    agreed = httpx.get(away.headers["Location"])
    assert agreed.status_code == 302
    back = urlsplit(agreed.headers["location"])
    assert back.path == reverse("channel_email:authorisation")
    return dict(parse_qsl(back.query))


def authorise(dasha: Client, account: Account) -> None:
    given = way_back(dasha, account)
    url = reverse("channel_email:authorisation")
    shown = dasha.get(url, given)
    assert shown.status_code == 200
    assert not MailboxGrant.objects.filter(account=account).exists()
    assert dasha.post(url, given).status_code == 302


def test_an_administrator_signs_in_and_the_mailbox_reads_and_sends_by_token(
    dasha: Client, provider: OAuthServer, tokens_only: ImapServer
) -> None:
    def is_good(user: str, token: str) -> bool:
        return provider.introspect(token)["username"] == user != ""

    with token_smtp(is_good) as outgoing:
        account = mailbox_at(
            provider,
            imap_port=tokens_only.port,
            smtp_host="127.0.0.1",
            smtp_port=outgoing.port,
        )
        before = {check.name: check.state for check in check_account(account)}
        assert before["Signed in"] == "skipped"
        authorise(dasha, account)
        assert {check.state for check in check_account(account)} == {"ok"}

        settings = settings_of(account)
        mailbox = Mailbox(account, settings, (account.address,))
        with imap.open_session(mailbox) as session:
            imap.take_new(mailbox, session, threading.Event())
        letter = b"From: olga@polden.example\r\nMessage-ID: <1@polden.example>\r\n\r\nHello\r\n"
        access = oauth.access_token(account, settings)
        tokens_only.put("support@demo.example", letter, token=access)
        # A token that was called back is renewed once, on the same connection.
        provider.call_back()
        with imap.open_session(mailbox) as session:
            assert imap.take_new(mailbox, session, threading.Event()) == 1
        assert provider.renewals == 1
        assert Ticket.objects.count() == 1
        assert MailboxCursor.objects.get().last_uid == 1

        server = smtp_server_of(account)
        assert server is not None
        provider.call_back()
        sent = smtp.transmit(
            server, account.address, ["olga@polden.example"], letter, entering=lambda: None
        )
        assert [one.is_accepted for one in sent] == [True]
        assert outgoing.letters[0][0] == ["olga@polden.example"]
        assert provider.renewals == 2


def test_nothing_of_the_tokens_is_readable_and_a_rotated_key_seals_them_anew(
    dasha: Client, provider: OAuthServer
) -> None:
    account = mailbox_at(provider)
    authorise(dasha, account)
    row = MailboxGrant.objects.get()
    assert provider.refresh
    for token in (provider.refresh, *provider.access):
        assert token not in row.sealed
    assert ("channel_email.MailboxGrant", "sealed") in list_sealed()
    page = dasha.get(reverse("channel_email:mailbox", args=[account.pk])).content.decode()
    assert provider.refresh not in page
    assert provider.client_secret not in page
    assert "lets this desk read and send" in page


def test_only_the_one_who_left_comes_back_and_only_with_what_the_provider_gave(
    dasha: Client, provider: OAuthServer
) -> None:
    account = mailbox_at(provider)
    given = way_back(dasha, account)
    url = reverse("channel_email:authorisation")
    second = signed_in(people.user_of(people.make_administrator("Mallory")))
    marina = signed_in(people.user_of(people.make_agent("Marina")))
    assert second.post(url, given).status_code == 422
    assert marina.post(url, given).status_code == 404
    assert marina.get(reverse("channel_email:departure", args=[account.pk])).status_code == 404
    assert dasha.post(url, given | {"state": given["state"][:-4] + "AAAA"}).status_code == 422
    assert dasha.post(url, given | {"code": "guessed"}).status_code == 422
    assert dasha.get(url, {"state": given["state"], "error": "access_denied"}).status_code == 422
    assert not MailboxGrant.objects.exists()
    # A code that was exchanged once is nobody's any more.
    assert dasha.post(url, given).status_code == 302
    assert dasha.post(url, given).status_code == 422


def test_a_consent_that_was_withdrawn_is_said_in_plain_words(
    dasha: Client, provider: OAuthServer
) -> None:
    account = mailbox_at(provider, smtp_host="127.0.0.1")
    authorise(dasha, account)
    MailboxGrant.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    provider.withdraw()
    tasks.renew_tokens.function()
    (item,) = health.look_at_mailboxes()
    assert item.state is State.FAILED
    assert "the consent was withdrawn" in str(item.detail)
    server = smtp_server_of(account)
    with pytest.raises(oauth.NotAuthorised) as caught:
        oauth.access_token(account, settings_of(account))
    assert "invalid_grant" in caught.value.reply
    asked = len(provider.asked)
    shown = dasha.get(reverse("channel_email:mailbox", args=[account.pk])).content.decode()
    assert "the consent was withdrawn" in shown
    assert server is not None
    with token_smtp(lambda user, token: True) as outgoing, pytest.raises(TemporaryFailure) as told:
        smtp.open_connection(server.model_copy(update={"port": outgoing.port}))
    assert "withdrawn" in str(told.value)
    assert len(provider.asked) == asked
    authorise_again = way_back(dasha, account)
    assert dasha.post(reverse("channel_email:authorisation"), authorise_again).status_code == 302
    (item,) = health.look_at_mailboxes()
    assert item.state is State.OK


def test_many_who_need_a_token_at_once_renew_it_once(dasha: Client, provider: OAuthServer) -> None:
    account = mailbox_at(provider)
    authorise(dasha, account)
    MailboxGrant.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    provider.delay = 0.3
    settings = settings_of(account)
    together = threading.Barrier(6)

    def ask(_number: int) -> str:
        try:
            together.wait(20)
            return oauth.access_token(account, settings)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        given = set(pool.map(ask, range(6)))
    assert len(given) == 1
    assert provider.renewals == 1
    assert provider.introspect(given.pop())["active"]


def test_while_the_provider_is_away_the_present_token_goes_on(
    dasha: Client, provider: OAuthServer
) -> None:
    account = mailbox_at(provider)
    authorise(dasha, account)
    settings = settings_of(account)
    MailboxGrant.objects.update(expires_at=timezone.now() + timedelta(minutes=2))
    provider.is_down = True
    present = oauth.access_token(account, settings)
    assert provider.introspect(present)["active"]
    MailboxGrant.objects.update(expires_at=timezone.now() - timedelta(minutes=2))
    with pytest.raises(oauth.ProviderUnreachable):
        oauth.access_token(account, settings)
    # It was a bad hour, not the end of the consent.
    provider.is_down = False
    assert oauth.access_token(account, settings) != present


def test_tokens_follow_nobody_to_another_server(dasha: Client, provider: OAuthServer) -> None:
    account = mailbox_at(provider)
    authorise(dasha, account)
    for change in (
        {"imap_host": "imap.mallory.example"},
        {"smtp_host": "smtp.mallory.example"},
        {"oauth_token_url": "https://mallory.example/token"},
    ):
        changed = settings_of(account).model_copy(update=change)
        with pytest.raises(oauth.NotAuthorised, match="servers of this mailbox were changed"):
            oauth.access_token(account, changed)
    program = program_of(people.make_administrator("Dasha Two"))
    path = f"/mailboxes/{account.pk}"
    assert program.get(path).json()["authorisation"] == "granted"
    away = program.get(f"{path}/authorisation").json()
    assert away["url"].startswith(f"{provider.url}/authorize?")
    moved = {"config": {"oauth_token_url": "https://mallory.example/token"}}
    shown = program.patch(path, moved).json()
    assert shown["authorisation"] == "needed"
    assert shown["has_oauth_client_secret"] is False


def test_an_unknown_token_is_a_refused_sign_in(
    dasha: Client, provider: OAuthServer, tokens_only: ImapServer
) -> None:
    account = mailbox_at(provider, imap_port=tokens_only.port)
    authorise(dasha, account)
    provider.user = "somebody-else@demo.example"
    mailbox = Mailbox(account, settings_of(account), (account.address,))
    with pytest.raises(RejectedLogin):
        imap.open_session(mailbox).__enter__()
