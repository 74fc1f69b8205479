"""What servers in front of the desk say of a sender, and who is believed."""

from __future__ import annotations

import pytest

from otklik.plugins.channel_email.reading import Envelope, ReadingRules, read_message

RULES = ReadingRules(
    trusted_hosts=("mx.demo.example",), filter_hosts=("filter.demo.example",), is_checking=True
)


def told(
    *head: str, sender: str = "olga@polden.ru", client: dict[str, str] | None = None
) -> dict[str, str]:
    raw = "\r\n".join([*head, f"From: {sender}", "Subject: x", "", "hello", ""]).encode()
    message = read_message(raw, rules=RULES, envelope=Envelope("bounce@polden.ru", (), client))
    return dict(message.authentication)


def test_only_the_server_we_named_is_believed_and_its_topmost_word() -> None:
    found = told(
        "Authentication-Results: mx.demo.example; dmarc=fail (p=REJECT) header.from=polden.ru;",
        " spf=softfail smtp.mailfrom=polden.ru",
        "Authentication-Results: mx.demo.example; dmarc=pass",
        "Authentication-Results: mx.evil.example; dkim=pass",
    )
    assert found == {"dmarc": "fail", "policy": "reject", "spf": "softfail"}
    forged = told("Authentication-Results: mx.evil.example; dmarc=pass; spf=pass; dkim=pass")
    assert forged == {"checks": "pending"}


@pytest.mark.parametrize(
    "repeated",
    [
        # What a stranger gave as return path or HELO, as servers repeat it (RFC 8601 §2.2).
        'spf=pass smtp.mailfrom="x; dmarc=pass "@evil.example',
        "spf=fail (evil.example: helo a(b);dmarc=pass (c) is not permitted)",
        'spf=fail reason="\\"; dmarc=pass; \\""',
        "spf=none (dmarc=fail p=none",
    ],
)
def test_words_of_strangers_that_a_server_repeats_are_no_verdict(repeated: str) -> None:
    found = told(f"Authentication-Results: mx.demo.example; {repeated}")
    assert "dmarc" not in found
    fails = f"Authentication-Results: mx.demo.example; dmarc=fail (p=reject dis=none); {repeated}"
    assert (told(fails)["dmarc"], told(fails)["policy"]) == ("fail", "reject")


def test_a_verdict_about_another_from_than_ours_proves_nothing() -> None:
    passes = "Authentication-Results: mx.demo.example; dmarc=pass header.from="
    assert told(f"{passes}polden.ru")["dmarc"] == "pass"
    assert told(f"{passes}polden.ru", sender="olga@mail.polden.ru")["dmarc"] == "pass"
    assert told(f"{passes}evil.ru")["dmarc"] == "permerror"
    assert told(f"{passes}polden.ru", sender="olga@den.polden.ru.evil.ru")["dmarc"] == "permerror"
    two = told("Authentication-Results: mx.demo.example; dmarc=pass", "From: mallory@evil.ru")
    assert two["dmarc"] == "permerror"


def test_of_two_verdicts_of_one_server_the_worse_counts() -> None:
    found = told("Authentication-Results: mx.demo.example; dmarc=pass; dmarc=fail p=reject")
    assert found["dmarc"] == "fail"


def test_a_domain_that_asks_for_nothing_is_told_apart() -> None:
    found = told("Authentication-Results: mx.demo.example; dmarc=fail policy.dmarc=none")
    assert found == {"dmarc": "fail", "policy": "none"}


def test_the_stranger_is_who_spoke_to_the_outermost_server_of_ours() -> None:
    found = told(
        "Received: from mx.demo.example (localhost [127.0.0.1]) by mx.demo.example with LMTP",
        "Received: from mx.polden.ru (host.polden.ru [203.0.113.9])",
        "\tby mx.demo.example (Postfix) with ESMTPS id 1; Fri, 20 Nov 2026 13:10:22 +0300",
        "Received: from bank.example (bank.example [192.0.2.1]) by mx.polden.ru with ESMTP",
    )
    assert (found["client_ip"], found["helo"]) == ("203.0.113.9", "mx.polden.ru")
    assert found["mail_from"] == "bounce@polden.ru"
    forged = told("Received: from bank.example (bank.example [192.0.2.1]) by mx.evil.example")
    assert "client_ip" not in forged


def test_what_the_transport_knows_goes_before_what_the_letter_says() -> None:
    found = told(
        "Received: from x (x [192.0.2.1]) by mx.demo.example with ESMTP",
        client={"client_ip": "203.0.113.9", "helo": "mx.polden.ru"},
    )
    assert found["client_ip"] == "203.0.113.9"


def test_nobody_is_asked_about_domains_that_nobody_has() -> None:
    assert told(sender="olga@polden.example") == {}
    assert told(sender="olga@localhost.localdomain.local") == {}
    assert told(sender="olga@polden.ru") == {"checks": "pending"}


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            (
                "X-Rspamd-Server: filter.demo.example",
                "X-Spamd-Result: default: True [17.30 / 15.00]; BAYES_SPAM(5.1)[99.99%]",
            ),
            {"filter": "spam", "filter_name": "rspamd", "filter_score": "17.30"},
        ),
        (
            (
                "X-Rspamd-Server: filter.demo.example",
                "X-Spamd-Result: default: False [-2.10 / 15.00]; DKIM_ALLOW(-0.20)",
            ),
            {"filter": "clean", "filter_name": "rspamd", "filter_score": "-2.10"},
        ),
        (
            (
                "X-Spam-Checker-Version: SpamAssassin 4.0.0 (2022-12-13) on filter.demo.example",
                "X-Spam-Status: Yes, score=9.2 required=5.0 tests=BAYES_99,URIBL_BLACK",
            ),
            {"filter": "spam", "filter_name": "SpamAssassin", "filter_score": "9.2"},
        ),
        (("X-Spam-Status: Yes, score=99", "X-Spam-Flag: YES"), {}),
        (("X-Rspamd-Server: elsewhere.example", "X-Spam: Yes"), {}),
    ],
)
def test_a_filter_in_front_is_believed_when_it_is_ours(
    head: tuple[str, ...], expected: dict[str, str]
) -> None:
    assert told(*head, sender="olga@polden.example") == expected
