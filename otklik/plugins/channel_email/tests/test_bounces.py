"""What delivery reports of all kinds of servers are understood to say."""

from __future__ import annotations

import pytest

from otklik.channels.contract import Automation, BounceKind, BounceReport
from otklik.plugins.channel_email.reading import ReadingRules, read_message
from otklik.plugins.channel_email.tests import bounce_letters as letters

HARD, SOFT, REFUSED = BounceKind.HARD, BounceKind.SOFT, BounceKind.REFUSED
DELAYED = BounceKind.DELAYED
OLGA = "olga@polden.example"
RULES = ReadingRules(own_addresses=frozenset({"support@demo.example"}))


def report_of(letter: str) -> BounceReport:
    message = read_message(letter.replace("\n", "\r\n").encode(), rules=RULES)
    assert message.automation is Automation.BOUNCE
    assert message.bounce is not None
    return message.bounce


@pytest.mark.parametrize(
    ("letter", "kind"),
    [
        ("POSTFIX", HARD),
        ("POSTFIX_DELAYED", DELAYED),
        ("EXPIRED", SOFT),
        ("DELIVERED", BounceKind.DELIVERED),
        ("SENDMAIL", HARD),
        ("OFFICE_RU", HARD),
        ("GMAIL", HARD),
        ("GMAIL_INCOMPLETE", DELAYED),
        ("SES", SOFT),
        ("MAILGUN", HARD),
        ("COMMUNIGATE", SOFT),
        ("ICLOUD", HARD),
        ("COMPLAINT", BounceKind.COMPLAINT),
        ("EXIM", HARD),
        ("EXIM_WARNING", DELAYED),
        ("QMAIL", HARD),
        ("YANDEX", HARD),
        ("MAIL_RU", SOFT),
        ("MAIL_RU_UNKNOWN", HARD),
        ("RAMBLER", HARD),
        ("YAHOO", HARD),
        ("DOMINO", HARD),
        ("EXCHANGE_TEXT_FR", HARD),
        ("GERMAN", SOFT),
        ("REFUSED", REFUSED),
    ],
)
def test_a_report_says_who_did_not_get_our_letter_and_why(letter: str, kind: BounceKind) -> None:
    report = report_of(getattr(letters, letter))
    assert [(one.address, one.kind) for one in report.recipients] == [(OLGA, kind)]
    assert report.external_ids == ("m17.a1b2@desk.demo.example",)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Unrouteable address", HARD),
        ("Host or domain name not found. Name service error for x: Host not found", HARD),
        ("Name service error for x: Host not found, try again (4.4.3)", SOFT),
        ("550 5.5.0 Requested action not taken: mailbox unavailable", HARD),
        ("450 4.2.1 Requested mail action not taken: mailbox unavailable", SOFT),
        ("was blocked by our Spam Firewall. Your letter has NOT BEEN DELIVERED", REFUSED),
        ("has not yet been delivered after 4 hours", DELAYED),
    ],
)
def test_the_words_of_servers_are_weighed_with_their_codes(words: str, kind: BounceKind) -> None:
    told = letters.QMAIL.replace("Sorry, no mailbox here by that name. (#5.1.1)", words)
    report = report_of(told.replace("This is a permanent error; I've given up. ", ""))

    assert [(one.address, one.kind) for one in report.recipients] == [(OLGA, kind)]


@pytest.mark.parametrize("spelt", ["ольга@polden.example", r"\x{43E}\x{43B}ьга@polden.example"])
def test_a_report_of_letters_beyond_ascii_names_its_reader(spelt: str) -> None:
    told = letters.POSTFIX.replace("message/delivery-status", "message/global-delivery-status")
    told = told.replace("rfc822; olga@polden.example", f"utf-8; {spelt}")

    told = told.replace("message/rfc822", "message/global-headers")

    report = report_of(told)
    assert [one.address for one in report.recipients] == ["ольга@polden.example"]
    assert report.external_ids == ("m17.a1b2@desk.demo.example",)


def test_a_sentence_that_begins_before_the_address_is_read_whole() -> None:
    report = report_of(
        "Return-Path: <>\nFrom: MAILER-DAEMON@corp.example\nSubject: Delivery failed\n"
        "Content-Type: text/plain; charset=utf-8\n\n"
        f"К сожалению, письмо не доставлено.\n\nПолучатель {OLGA} не найден. Проверьте адрес.\n"
    )

    assert [(one.address, one.kind) for one in report.recipients] == [(OLGA, HARD)]


def test_each_recipient_has_their_own_outcome_and_the_address_we_wrote_to() -> None:
    full, spam = report_of(letters.TWO_RECIPIENTS).recipients
    assert (full.address, full.kind, full.status) == (OLGA, SOFT, "5.2.2")
    assert (spam.address, spam.kind) == ("petr@polden.example", REFUSED)
    assert spam.detail == "554 5.7.1 Message rejected as spam by Content Filtering"


def test_a_read_receipt_is_no_bounce_and_a_letter_about_bounces_is_a_persons() -> None:
    receipt = letters.POSTFIX.replace("delivery-status", "disposition-notification")
    assert read_message(receipt.encode()).automation is Automation.AUTO_REPLY
    asked = (
        "From: Olga <olga@polden.example>\nTo: support@demo.example\n"
        "Subject: Undelivered Mail Returned to Sender\n\nWhat does this mean?\n"
    )
    assert read_message(asked.encode()).automation is Automation.HUMAN


def test_a_broken_report_brings_nobody_down() -> None:
    for cut in range(0, len(letters.TWO_RECIPIENTS), 37):
        raw = letters.TWO_RECIPIENTS[:cut].encode() or b"Subject: x\n\n"
        read_message(b"X: y\n" + raw, rules=RULES)
    endless = letters.EXIM + "olga@polden.example: " * 50_000
    assert len(report_of(endless).recipients) <= 100
