"""The listener as mail servers meet it: LMTP and SMTP on one port."""

from __future__ import annotations

import shutil
import smtplib
import socket
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path

import pytest

from otklik.channels.contract import Disposition
from otklik.channels.intake import take_in
from otklik.channels.models import InboundRecord, Quarantined
from otklik.channels.quarantine import retry_quarantined
from otklik.core.access import SYSTEM
from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.plugins.channel_email import accepting
from otklik.plugins.channel_email.accepting import quarantine_mail
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.plugins.channel_email.reading import Envelope
from otklik.tickets.models import Message, Ticket
from tests.services import PATIENCE

MESSAGES = Path(__file__).parent / "messages"
OLGA, DESK = "olga@polden.example", "support@demo.example"

pytestmark = pytest.mark.data


def letter(**fields: str) -> bytes:
    message = EmailMessage()
    values = {
        "From": f"Olga Nesterova <{OLGA}>",
        "To": DESK,
        "Subject": "The machine does not heat water",
        "Message-ID": "<first@polden.example>",
        "Date": "Fri, 20 Nov 2026 12:30:00 +0300",
    }
    for name, value in (values | fields).items():
        message[name] = value
    message.set_content("The pump works, the water stays cold.")
    return message.as_bytes().replace(b"\n", b"\r\n")


def test_a_letter_by_smtp_is_a_ticket(listener: int) -> None:
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.sendmail(OLGA, [DESK], letter())

    ticket = Ticket.objects.get()
    message = Message.objects.get()
    assert ticket.subject == "The machine does not heat water"
    assert message.external_id == "first@polden.example"
    assert ticket.requester.name == "Olga Nesterova"


def test_the_server_in_front_says_who_connected_to_it(listener: int) -> None:
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.ehlo("mx.demo.example")
        assert client.has_extn("xforward")
        told = "NAME=[UNAVAILABLE] ADDR=203.0.113.9 HELO=mx.polden.example"
        assert client.docmd("XFORWARD", told)[0] == 250
        client.sendmail(OLGA, [DESK], letter())
    found = Message.objects.select_related("body").get().body.authentication
    assert (found["client_ip"], found["helo"]) == ("203.0.113.9", "mx.polden.example")
    assert found["mail_from"] == OLGA


def test_strangers_to_the_desk_get_550_at_rcpt_and_nothing_is_relayed(listener: int) -> None:
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.ehlo("polden.example")
        client.mail(OLGA)
        outside, _ = client.rcpt("somebody@elsewhere.example")
        unknown, words = client.rcpt("nobody@demo.example")
        ours, _ = client.rcpt("Support@Demo.Example")
        plus, _ = client.rcpt("support+anything@demo.example")

    assert (outside, unknown, ours, plus) == (550, 550, 250, 250)
    assert b"5.1.1" in words
    assert not Ticket.objects.exists()


def test_a_mailbox_without_plus_addressing_refuses_them(listener: int, support: Account) -> None:
    support.config = {"plus_addresses": False}
    support.save()
    DIRECTORY.forget()

    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.ehlo("polden.example")
        client.mail(OLGA)
        assert client.rcpt("support+anything@demo.example")[0] == 550
        assert client.rcpt(DESK)[0] == 250


def test_lmtp_answers_once_for_each_recipient_and_two_mailboxes_get_one_ticket(
    listener: int,
) -> None:
    make_mailbox("sales@demo.example")
    DIRECTORY.forget()
    with smtplib.LMTP("127.0.0.1", listener, timeout=60) as client:
        client.ehlo("mx.example")
        assert client.has_extn("pipelining")
        client.mail(OLGA)
        for address in (DESK, "sales@demo.example", "nobody@demo.example"):
            client.rcpt(address)
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(letter(To="sales@demo.example, support@demo.example") + b"\r\n.\r\n")
        answers = [client.getreply(), client.getreply()]
        client.putcmd("noop")
        assert client.getreply()[0] == 250

    assert [code for code, _ in answers] == [250, 250]
    ticket = Ticket.objects.get()
    assert ticket.account is not None
    assert ticket.account.address == "sales@demo.example"  # named first by its writer


def test_the_same_letter_again_is_a_duplicate(listener: int) -> None:
    for _ in range(2):
        with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
            client.sendmail(OLGA, [DESK], letter())

    assert Ticket.objects.count() == 1
    assert InboundRecord.objects.count() == 1


def test_the_size_limit_is_told_and_kept(listener: int) -> None:
    big = letter() + b"x" * 400_000
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.ehlo("polden.example")
        assert client.esmtp_features["size"] == "300000"
        assert client.mail(OLGA, [f"SIZE={len(big)}"])[0] == 552
        client.mail(OLGA)
        client.rcpt(DESK)
        code, words = client.data(big)
        assert code == 552
        assert b"larger than 300000" in words
        assert client.noop()[0] == 250
    with smtplib.LMTP("127.0.0.1", listener, timeout=60) as client:
        client.ehlo("mx.example")
        client.mail(OLGA)
        client.rcpt(DESK)
        client.rcpt("support+a@demo.example")
        client.putcmd("data")
        client.getreply()
        client.send(big + b"\r\n.\r\n")
        assert [client.getreply()[0], client.getreply()[0]] == [552, 552]

    assert not Ticket.objects.exists()


def test_what_cannot_be_read_is_quarantined_and_accepted(listener: int) -> None:
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.ehlo("polden.example")
        client.mail(OLGA)
        client.rcpt(DESK)
        assert client.data(b"no header at all, not even one\r\n")[0] == 250

    row = Quarantined.objects.get()
    assert row.envelope_to == DESK
    assert row.envelope_from == OLGA
    assert not Ticket.objects.exists()


def test_a_desk_that_cannot_write_says_later_and_takes_the_letter_then(
    listener: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = take_in

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(accepting, "take_in", full)
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail(OLGA, [DESK], letter())
        assert refused.value.smtp_code == 451
        monkeypatch.setattr(accepting, "take_in", real)
        client.sendmail(OLGA, [DESK], letter())

    assert Ticket.objects.count() == 1


def test_a_mistake_of_ours_loses_nothing_and_blocks_nobody(
    listener: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise KeyError("bug")

    monkeypatch.setattr(accepting, "take_in", broken)
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.sendmail(OLGA, [DESK], letter())

    assert "KeyError" in Quarantined.objects.get().reason


def test_too_many_recipients_and_connections_are_asked_to_come_again(
    listener: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from otklik.plugins.channel_email import lmtp

    monkeypatch.setattr(lmtp, "MAX_RECIPIENTS", 2)
    monkeypatch.setattr(lmtp, "MAX_CONNECTIONS", 1)
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.ehlo("polden.example")
        client.mail(OLGA)
        codes = [client.rcpt(f"support+{n}@demo.example")[0] for n in range(3)]
        assert codes == [250, 250, 452]
        with socket.create_connection(("127.0.0.1", listener), timeout=60) as second:
            assert second.recv(100).startswith(b"421 ")


def test_one_peer_that_takes_all_its_places_leaves_room_for_others(
    listener: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from otklik.plugins.channel_email import lmtp

    monkeypatch.setattr(lmtp, "MAX_PER_NEIGHBOUR", 2)
    with ExitStack() as open_ones:

        def knock(source: str) -> bytes:
            client = open_ones.enter_context(
                socket.create_connection(("127.0.0.1", listener), PATIENCE, (source, 0))
            )
            return client.recv(100)[:4]

        assert [knock("127.0.0.7") for _ in range(3)] == [b"220 ", b"220 ", b"421 "]
        assert knock("127.0.0.8") == b"220 "


def test_a_taken_port_gives_the_next_free_one(
    listener: int, configured: Callable[..., None]
) -> None:
    import threading

    from otklik.core.web.announcing import find_announced
    from otklik.plugins.channel_email.lmtp import Listener

    configured(mail_port=listener)
    stop = threading.Event()
    second = Listener(stop)
    thread = threading.Thread(target=second.run, daemon=True)
    thread.start()
    assert second.ready.wait(PATIENCE)
    try:
        assert listener < second.port <= listener + 50
        assert find_announced("mail") == f"{config().mail_host}:{second.port}"
    finally:
        stop.set()
        thread.join(PATIENCE)


def test_the_null_return_path_is_a_machine(listener: int) -> None:
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.sendmail("", [DESK], letter())

    assert InboundRecord.objects.get().disposition == "auto_reply"
    # It is still one when it is tried again out of the quarantine.
    head = {"Message-ID": "<second@polden.example>"}
    quarantine_mail(letter(**head), Envelope("", (DESK,)), None, "odd")
    retried = retry_quarantined(SYSTEM, Quarantined.objects.get())
    assert retried.disposition is Disposition.AUTO_REPLY
    assert not Ticket.objects.exists()


@pytest.mark.mail
@pytest.mark.parametrize("protocol", ["ESMTP", "LMTP"])
def test_swaks_delivers_a_real_letter(listener: int, protocol: str) -> None:
    swaks = shutil.which("swaks")
    if swaks is None:
        pytest.skip("swaks: the package swaks")
    done = subprocess.run(
        [
            swaks, "--server", f"127.0.0.1:{listener}", "--protocol", protocol,
            "--from", "olga.nesterova@gmail.com", "--to", DESK,
            "--data", f"@{MESSAGES / 'gmail_reply_ru.eml'}",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    message = Message.objects.get()
    assert message.body.reply_text.startswith("Спасибо, перезагрузка помогла.")


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("<support@demo.example>", 250),
        ("<Support@Demo.Example> NOTIFY=NEVER", 555),
        ("<support+a.b@demo.example>", 250),
        ('<"support"@demo.example>', 250),
        ("support@demo.example", 250),
        ("<support@demo.example", 250),
        ("<@relay.example:support@demo.example>", 250),
        ("<su pport@demo.example>", 550),
        ("<" + "s" * 80 + "@demo.example>", 550),
    ],
)
def test_a_path_is_read_as_it_is_spelt(listener: int, path: str, answer: int) -> None:
    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.ehlo("polden.example")
        client.mail(OLGA)
        assert client.docmd("RCPT", f"TO:{path}")[0] == answer, path
