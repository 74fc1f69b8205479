"""The servers that tests run against are real and answer."""

from __future__ import annotations

import imaplib
import subprocess

import dns.resolver
import psycopg
import pytest
import redis
from playwright.sync_api import Page

from tests.services import PATIENCE
from tests.services.desk import desk
from tests.services.dns import dns_server
from tests.services.dovecot import ImapServer
from tests.services.postfix import SmtpServer
from tests.services.seeing import becomes


@pytest.mark.data
def test_postgresql_starts_and_answers(postgres_server: str) -> None:
    with psycopg.connect(postgres_server) as connection:
        row = connection.execute(
            "select count(*) from pg_collation where collname = 'C'"
        ).fetchone()
    assert row is not None
    assert row[0] >= 1


@pytest.mark.redis
def test_redis_starts_and_answers(redis_server: str) -> None:
    with redis.Redis.from_url(redis_server) as client:
        assert client.ping()


@pytest.mark.screen
def test_chromium_draws_a_page(page: Page) -> None:
    page.set_content("<h1>Отклик</h1>")
    assert page.locator("h1").inner_text() == "Отклик"


@pytest.mark.mail
def test_dovecot_shows_a_letter_that_was_put_there(imap_server: ImapServer) -> None:
    imap_server.put("marina@otklik.example", b"Subject: Coffee\r\n\r\nIs it ready?\r\n")
    with imaplib.IMAP4(imap_server.host, imap_server.port) as client:
        client.login("marina@otklik.example", imap_server.password)
        _, counts = client.select("INBOX", readonly=True)
    assert counts == [b"1"]


@pytest.mark.mail
def test_postfix_keeps_a_letter_that_swaks_sent(smtp_server: SmtpServer) -> None:
    server = f"{smtp_server.host}:{smtp_server.port}"
    command = ["swaks", "--server", server, "--from", "olga@polden.example"]
    sent = subprocess.run([*command, "--to", "support@otklik.example", "--body", "Привет"])
    assert sent.returncode == 0
    assert "Привет".encode() in smtp_server.wait_for(1)[0]


def test_an_empty_desk_becomes_ready_and_finds_itself_in_order() -> None:
    with desk() as live:
        checked = live.otklik("check")
        becomes(lambda: str(live.mail_port) in live.printed(), True)
        assert live.url in live.printed()
    assert checked.returncode == 0, checked.stdout.decode()


def test_a_name_server_answers_from_its_zone_and_knows_no_other_name() -> None:
    long = "v=DKIM1; p=" + "A" * 600
    zone = {
        "polden.example": {"TXT": ["v=spf1 mx -all"], "MX": ["10 mx.polden.example."]},
        "mx.polden.example": {"A": ["192.0.2.25"]},
        "mail._domainkey.polden.example": {"CNAME": ["keys.polden.example."]},
        "keys.polden.example": {"TXT": [long]},
    }
    with dns_server(zone) as server:
        asker = dns.resolver.Resolver(configure=False)
        asker.nameservers, asker.port, asker.lifetime = [server.host], server.port, PATIENCE
        assert asker.resolve("polden.example", "MX")[0].exchange.to_text() == "mx.polden.example."
        strings = asker.resolve("mail._domainkey.polden.example", "TXT")[0].strings
        assert b"".join(strings).decode() == long
        with pytest.raises(dns.resolver.NoAnswer):
            asker.resolve("polden.example", "AAAA")
        with pytest.raises(dns.resolver.NXDOMAIN):
            asker.resolve("elsewhere.example", "A")
        server.broken.add("polden.example")
        with pytest.raises(dns.resolver.NoNameservers):
            asker.resolve("polden.example", "A")
