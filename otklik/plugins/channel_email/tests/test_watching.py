"""The desk watches its own mail: a letter to itself, and what the DNS says of its domain."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from otklik.channels.models import InboundRecord
from otklik.core.hooks.health import State
from otklik.core.jobs.models import Job
from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests import factories as people
from otklik.plugins.channel_email import health, imap, round_trips, tasks
from otklik.plugins.channel_email.accepting import accept_mail
from otklik.plugins.channel_email.account_settings import settings_of
from otklik.plugins.channel_email.checks import check_mailboxes
from otklik.plugins.channel_email.domain_check import Finding, check_domain, keep_report
from otklik.plugins.channel_email.domain_words import _ALL, tell
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.plugins.channel_email.models import RoundTripLetter
from otklik.tickets.models import Ticket
from tests.rest.client import program_of
from tests.services import PATIENCE
from tests.services.dns import DnsServer, dns_server
from tests.services.dovecot import ImapServer
from tests.services.postfix import postfix
from tests.services.smtp import token_smtp

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

KEY = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsServer]:
    with dns_server() as server:
        monkeypatch.setenv("OTKLIK_DNS_SERVERS", f"{server.host}:{server.port}")
        config.cache_clear()
        yield server
        monkeypatch.undo()
        config.cache_clear()


def sending_through(host: str, port: int = 25, **more: object) -> Account:
    return make_mailbox(
        "support@polden.example",
        config={"smtp_host": host, "smtp_port": port, "smtp_security": "none", **more},
    )


@pytest.mark.mail
def test_a_letter_to_ourselves_goes_out_and_comes_back_through_a_real_server(
    listener: int, support: Account
) -> None:
    settings = {"virtual_transport": f"lmtp:inet:127.0.0.1:{listener}"}
    with postfix(settings) as server:
        support.config = {
            "smtp_host": server.host,
            "smtp_port": server.port,
            "smtp_security": "none",
        }
        support.save()
        DIRECTORY.forget()
        sent = round_trips.send_round_trip(support)
        assert sent.failure == ""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not back():
            time.sleep(0.1)
        assert back(), server.log()
    assert not Ticket.objects.exists()
    assert not InboundRecord.objects.exists()
    (item,) = health.look_at_round_trips()
    assert item.state is State.OK
    assert "came back after" in str(item.detail)


def back() -> bool:
    return RoundTripLetter.objects.filter(arrived_at__isnull=False).exists()


@pytest.mark.mail
def test_a_letter_to_ourselves_is_known_in_an_imap_mailbox_too(imap_server: ImapServer) -> None:
    address = "round-trip@demo.example"
    with token_smtp() as outgoing:
        account = make_mailbox(
            address,
            config={
                "imap_host": imap_server.host,
                "imap_port": imap_server.port,
                "imap_security": "none",
                "imap_user": address,
                "smtp_host": "127.0.0.1",
                "smtp_port": outgoing.port,
                "smtp_security": "none",
            },
        )
        # What is signed in with a password would be sent over the wire to a server without it.
        account.set_secret("imap_password", imap_server.password)
        account.config = {**account.config, "imap_user": address}
        account.save()
        mailbox = imap.Mailbox(account, settings_of(account), (address,))
        with imap.open_session(mailbox) as session:
            imap.take_new(mailbox, session, threading.Event())
            round_trips.send_round_trip(_without_sign_in(account))
            ((recipients, raw),) = outgoing.letters
            assert recipients == [address]
            signed = b"DKIM-Signature: v=1; a=rsa-sha256; d=demo.example;\r\n s=mail2026; b=xx\r\n"
            imap_server.put(address, signed + raw)
            session.noop()
            imap.take_new(mailbox, session, threading.Event())
    row = RoundTripLetter.objects.get()
    assert row.arrived_at is not None
    assert (row.dkim_domain, row.dkim_selector) == ("demo.example", "mail2026")
    assert not Ticket.objects.exists()


def _without_sign_in(account: Account) -> Account:
    """The small server takes letters from anybody and offers no sign-in."""
    account.config = {**account.config, "imap_user": "", "smtp_user": ""}
    return account


def test_a_mark_that_is_not_ours_makes_no_letter_disappear() -> None:
    make_mailbox("support@demo.example")
    DIRECTORY.forget()
    for mark in ("x" * 32 + " k1abcdef." + "A" * 43, "", "a b"):
        raw = f"From: olga@polden.example\r\nX-Otklik-Round-Trip: {mark}\r\n\r\nWater {mark}\r\n"
        accept_mail(raw.encode(), ["support@demo.example"], sender="olga@polden.example")
    assert Ticket.objects.count() == 3
    DIRECTORY.forget()


def test_a_letter_that_is_refused_or_stays_away_is_shown(support: Account) -> None:
    support.config = {"smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_security": "none"}
    support.save()
    row = round_trips.send_round_trip(support)
    assert "refused" in row.failure.lower()
    (item,) = health.look_at_round_trips()
    assert item.state is State.FAILED
    assert "could not be sent" in str(item.detail)
    ago = timezone.now() - timedelta(hours=1)
    RoundTripLetter.objects.create(
        account=support, mark="m", sent_at=ago, awaited_until=ago + round_trips.AWAITED
    )
    (item,) = health.look_at_round_trips()
    assert item.state is State.FAILED
    assert "has not come back" in str(item.detail)
    assert "spam folder" in str(item.advice)


def test_letters_are_sent_by_the_clock_of_each_mailbox(support: Account) -> None:
    make_mailbox("quiet@demo.example")
    support.config = {"round_trip": "daily"}
    support.save()
    DIRECTORY.forget()
    tasks.round_trips.function()
    tasks.round_trips.function()
    jobs = Job.objects.filter(name="channel_email.round_trip")
    assert [job.arguments for job in jobs] == [{"account_id": support.pk}]
    now = timezone.now()
    RoundTripLetter.objects.create(account=support, mark="m", awaited_until=now)
    assert not round_trips.is_due(support)
    RoundTripLetter.objects.update(sent_at=now - timedelta(days=1, minutes=1))
    assert round_trips.is_due(support)


def found(account: Account) -> dict[str, Finding]:
    return {one.what: one for one in check_domain(account)}


def test_a_domain_without_records_is_told_what_to_add(names: DnsServer) -> None:
    account = sending_through("smtp.polden.example")
    names.zone |= {"smtp.polden.example": {"A": ["93.184.216.34"]}, "polden.example": {}}
    seen = found(account)
    assert {what: one.state for what, one in seen.items()} == {
        "mx": "failed",
        "spf": "failed",
        "dkim": "warning",
        "dmarc": "failed",
    }
    assert seen["spf"].record == "v=spf1 mx a:smtp.polden.example ~all"
    assert seen["dmarc"].name == "_dmarc.polden.example"
    assert seen["dmarc"].record.startswith("v=DMARC1; p=none; rua=mailto:")
    spf = next(one for one in tell(seen.values()) if "SPF" in one.name)
    assert "look forged" in spf.detail
    assert spf.server_reply == 'polden.example TXT "v=spf1 mx a:smtp.polden.example ~all"'


def test_a_domain_in_order_is_said_to_be(names: DnsServer) -> None:
    account = sending_through("smtp.polden.example", dkim_selectors=["mail2026"])
    names.zone |= {
        "smtp.polden.example": {"A": ["93.184.216.34"]},
        "polden.example": {
            "MX": ["10 mx.polden.example."],
            "TXT": ["google-site-verification=x", "v=spf1 a:smtp.polden.example -all"],
        },
        "mail2026._domainkey.polden.example": {"TXT": [KEY]},
        "_dmarc.polden.example": {"TXT": ["v=DMARC1; p=quarantine"]},
    }
    assert {one.state for one in check_domain(account)} == {"ok"}
    keep_report(account)
    (item,) = health.look_at_domains()
    assert item.state is State.OK


@pytest.mark.parametrize(
    ("records", "code", "state"),
    [
        (["v=spf1 -all"], "spf_without_server", "failed"),
        (["v=spf1 ip4:93.184.216.0/24 -all"], "spf", "ok"),
        (["v=spf1 a:smtp.polden.example -all", "v=spf1 mx -all"], "spf_several", "failed"),
        (["v=spf1 ip4:not-an-address -all"], "spf_wrong", "failed"),
    ],
)
def test_spf_is_judged_for_the_server_we_send_through(
    names: DnsServer, records: list[str], code: str, state: str
) -> None:
    names.zone |= {
        "smtp.polden.example": {"A": ["93.184.216.34"]},
        "polden.example": {"TXT": records},
    }
    seen = found(sending_through("smtp.polden.example"))["spf"]
    assert (seen.code, seen.state) == (code, state)
    if code == "spf_without_server":
        assert seen.record == "v=spf1 a:smtp.polden.example -all"


def test_a_large_providers_record_is_known_by_its_include(names: DnsServer) -> None:
    names.zone |= {
        "smtp.gmail.com": {"A": ["142.250.1.1"]},
        "polden.example": {"TXT": ["v=spf1 include:_spf.google.com ~all"]},
        "_spf.google.com": {"TXT": ["v=spf1 ip4:35.190.247.0/24 ~all"]},
    }
    assert found(sending_through("smtp.gmail.com"))["spf"].state == "ok"
    names.zone["polden.example"] = {"TXT": ["v=spf1 mx ~all"]}
    seen = found(sending_through_again("smtp.gmail.com"))["spf"]
    assert seen.record == "v=spf1 mx include:_spf.google.com ~all"


def sending_through_again(host: str) -> Account:
    return Account.objects.get(config__smtp_host=host)


def test_keys_are_looked_for_where_the_round_trip_letter_was_signed(names: DnsServer) -> None:
    account = sending_through("smtp.polden.example")
    now = timezone.now()
    row = RoundTripLetter.objects.create(
        account=account,
        mark="m",
        awaited_until=now,
        arrived_at=now,
        dkim_domain="polden.example",
        dkim_selector="autumn",
    )
    seen = found(account)["dkim"]
    assert (seen.code, seen.name) == ("dkim_missing", "autumn._domainkey.polden.example")
    names.zone["autumn._domainkey.polden.example"] = {"TXT": ["v=DKIM1; p="]}
    assert found(account)["dkim"].code == "dkim_revoked"
    names.zone["autumn._domainkey.polden.example"] = {"TXT": [KEY]}
    assert found(account)["dkim"].state == "ok"
    RoundTripLetter.objects.filter(pk=row.pk).update(dkim_domain="bulk-sender.example")
    assert found(account)["dkim"].code == "dkim_foreign"


def test_a_name_server_that_is_silent_is_said_and_holds_nobody_up(
    names: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from otklik.plugins.channel_email import domain_check

    monkeypatch.setattr(domain_check, "SECONDS", 1.0)
    monkeypatch.setattr(domain_check, "EACH", 0.3)
    account = sending_through("smtp.polden.example")
    names.silent |= {"polden.example", "_dmarc.polden.example", "smtp.polden.example"}
    names.silent |= {f"{one}._domainkey.polden.example" for one in domain_check.USUAL_SELECTORS}
    started = time.monotonic()
    assert {one.code for one in check_domain(account)} == {"no_answer"}
    assert time.monotonic() - started < PATIENCE


def test_every_finding_has_words_in_plain_language() -> None:
    values = dict.fromkeys(
        ("domain", "server", "name", "policy", "signer", "record", "hosts"), "x.example"
    )
    for code in _ALL:
        (check,) = tell([Finding("spf", "failed", code, {**values, "hosts": ["x.example"]})])
        assert check.detail.endswith(".")
        assert "%(" not in check.detail + "".join(check.advice)


def test_the_page_rest_and_the_command_line_show_the_same(names: DnsServer) -> None:
    account = sending_through("127.0.0.1", 1)
    names.zone["polden.example"] = {}
    dasha = Client()
    administrator = people.make_administrator()
    dasha.force_login(people.user_of(administrator), "otklik.people.backends.EmailBackend")
    marina = Client()
    agent = people.make_agent("Marina")
    marina.force_login(people.user_of(agent), "otklik.people.backends.EmailBackend")
    for name in ("mailbox_domain", "mailbox_round_trips"):
        url = reverse(f"channel_email:{name}", args=[account.pk])
        assert marina.post(url).status_code == 404
        assert dasha.post(url).status_code == 302
    page = dasha.get(reverse("channel_email:mailbox", args=[account.pk])).content.decode()
    assert "v=spf1 mx ip4:127.0.0.1 ~all" in page
    assert Job.objects.filter(name="channel_email.round_trip").exists()

    program = program_of(administrator)
    path = f"/mailboxes/{account.pk}"
    report = program.post(f"{path}/domain-report").json()
    assert report == program.get(f"{path}/domain-report").json() | {
        "checked_at": report["checked_at"]
    }
    spf = next(one for one in report["findings"] if one["what"] == "spf")
    assert (spf["state"], spf["record"]) == ("failed", "v=spf1 mx ip4:127.0.0.1 ~all")
    assert program.post(f"{path}/round-trips").status_code == 202
    round_trips.send_round_trip(account)
    (letter,) = program.get(f"{path}/round-trips").json()
    assert letter["failure"]
    stranger = program_of(agent)
    for ask in (
        lambda: stranger.post(f"{path}/domain-report"),
        lambda: stranger.get(f"{path}/domain-report"),
        lambda: stranger.post(f"{path}/round-trips"),
        lambda: stranger.get(f"{path}/authorisation"),
    ):
        assert ask().status_code == 403

    told = [f"{line.detail} {line.advice}" for line in check_mailboxes()]
    assert any("v=spf1 mx ip4:127.0.0.1 ~all" in line for line in told)
