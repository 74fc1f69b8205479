"""One letter that comes to several of our mailboxes, by several ways, at once."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Callable

import pytest
from django.db import connection

from otklik.channels.models import InboundRecord
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.plugins.channel_email import imap
from otklik.plugins.channel_email.account_settings import settings_of
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.tickets.models import Message, Participant, Ticket
from tests.services.dovecot import ImapServer

pytestmark = [pytest.mark.mail, pytest.mark.data]

OLGA, SUPPORT, SALES = "olga@polden.example", "support@demo.example", "sales@demo.example"


def letter(number: int, *, trace: str, subject: str = "Cold", footer: str = "") -> bytes:
    return (
        f"Received: from {trace} by mx.demo.example; Sun, 22 Nov 2026 10:00:00 +0300\r\n"
        f"From: Olga <{OLGA}>\r\n"
        f"To: {SUPPORT}, {SALES}\r\n"
        "Cc: hilfe@demo.example, boss@polden.example\r\n"
        "Date: Sun, 22 Nov 2026 09:59:00 +0300\r\n"
        f"Subject: {subject}\r\n"
        f"Message-ID: <both-{number}@polden.example>\r\n"
        "\r\n"
        f"The water is cold again, number {number}.\r\n{footer}"
    ).encode()


@pytest.fixture
def sales(support: Account, imap_server: ImapServer) -> Account:
    """The second mailbox is read by IMAP, the first gets its mail by LMTP; one has an alias."""
    support.config = {"aliases": ["hilfe@demo.example"]}
    support.save()
    account = make_mailbox(
        SALES,
        config={
            "imap_host": imap_server.host,
            "imap_port": imap_server.port,
            "imap_security": "none",
            "imap_user": SALES,
        },
    )
    account.set_secret("imap_password", imap_server.password)
    account.save()
    DIRECTORY.forget()
    return account


def test_by_lmtp_and_imap_at_the_same_moment_it_is_one_ticket(
    listener: int, sales: Account, imap_server: ImapServer
) -> None:
    mailbox = imap.Mailbox(sales, settings_of(sales), (SALES,))
    with imap.open_session(mailbox) as session:
        imap.take_new(mailbox, session, threading.Event())
        for number in range(3):
            imap_server.put(SALES, letter(number, trace="lists.polden.example"))
        session.noop()
        together = threading.Barrier(2)

        def by_imap() -> None:
            try:
                together.wait(20)
                imap.take_new(mailbox, session, threading.Event())
            finally:
                connection.close()

        def by_lmtp() -> None:
            with smtplib.LMTP("127.0.0.1", listener) as client:
                together.wait(20)
                for number in range(3):
                    client.sendmail(OLGA, [SUPPORT], letter(number, trace="mail.polden.example"))

        run_both(by_imap, by_lmtp)
    assert Ticket.objects.count() == 3
    assert Message.objects.count() == 3
    people = Participant.objects.values_list("identity__value", flat=True).distinct()
    assert set(people) == {OLGA, "boss@polden.example"}


def run_both(*functions: Callable[[], None]) -> None:
    failed: list[BaseException] = []

    def run(function: Callable[[], None]) -> None:
        try:
            function()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert not failed, failed


def test_two_of_our_recipients_of_one_delivery_and_a_list_with_a_footer_are_one_ticket(
    listener: int, sales: Account
) -> None:
    through_list = letter(
        9,
        trace="lists.demo.example",
        subject="[office] Cold",
        footer="-- \r\nOffice mailing list\r\n",
    )
    with smtplib.SMTP("127.0.0.1", listener) as client:
        client.sendmail(OLGA, [SALES, SUPPORT], letter(9, trace="mail.polden.example"))
        client.sendmail("office-bounces@demo.example", [SALES], through_list)
    ticket = Ticket.objects.get()
    # The one its writer named first.
    assert ticket.account is not None
    assert ticket.account.address == SUPPORT
    assert Message.objects.count() == 1
    assert InboundRecord.objects.count() == 1
