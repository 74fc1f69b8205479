"""Handing letters over: to servers that accept, refuse, wait and die."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone

from otklik.channels.contract import Address, OutboundMessage, RecipientOutcome
from otklik.channels.sending import build
from otklik.core.outbox import LeaseLost, PermanentFailure, TemporaryFailure, UncertainOutcome
from otklik.desk.models import Account
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.plugins.channel_email import smtp, tokens
from otklik.plugins.channel_email.accepting import accept_mail
from otklik.plugins.channel_email.account_settings import SmtpServer
from otklik.plugins.channel_email.channel import CHANNEL, reply_address
from otklik.plugins.channel_email.composing import compose
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.plugins.channel_email.models import TrayLetter
from otklik.tickets.actions import reply_to_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.tests.factories import make_ticket
from tests.services.postfix import SmtpServer as Postfix

DATA = b"Subject: s\r\n\r\nHello\r\n.dot\r\n"
SENDER, OLGA, ALEXEY = "support@demo.example", "olga@polden.example", "alexey@zernopar.example"

Script = dict[str, str | None]


@contextmanager
def server(script: Script) -> Iterator[tuple[SmtpServer, list[str]]]:
    """A server that answers by the first word of each line; None hangs up there."""
    heard: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))
    answers = {"EHLO": "250-me\r\n250 SIZE 100000", "MAIL": "250 ok", "RCPT": "250 ok",
               "DATA": "354 go", ".": "250 queued", "QUIT": "221 bye"} | script  # fmt: skip

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 me\r\n")
            in_data = False
            for raw in lines:
                line = raw.decode().rstrip("\r\n")
                heard.append(line)
                if in_data and line != ".":
                    continue
                word = line.split(" ")[0].split(":")[0].upper()
                answer = script.get(line, answers.get(word, "250 ok"))
                if answer is None:
                    return
                connection.sendall(answer.encode() + b"\r\n")
                in_data = answer.startswith("354")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    try:
        yield SmtpServer(host="127.0.0.1", port=port, security="none"), heard
    finally:
        listener.close()
        thread.join(5)


def send(
    target: SmtpServer, *recipients: str, entering: Callable[[], None] = lambda: None
) -> list[RecipientOutcome]:
    return smtp.transmit(target, SENDER, recipients or (OLGA,), DATA, helo="me", entering=entering)


def test_an_accepted_letter_has_its_dots_doubled_and_its_window_marked() -> None:
    marks: list[int] = []
    with server({}) as (target, heard):
        outcomes = send(target, entering=lambda: marks.append(len(marks)))

    assert [(one.address, one.is_accepted) for one in outcomes] == [(OLGA, True)]
    assert "..dot" in heard
    assert marks == [0]


def test_each_recipient_has_an_outcome_of_their_own() -> None:
    script: Script = {
        f"rcpt TO:<{OLGA}>": "550 5.1.1 no such user",
        f"rcpt TO:<{ALEXEY}>": "450 4.2.0 greylisted",
    }
    with server(script) as (target, _heard):
        outcomes = send(target, OLGA, ALEXEY, "third@x.example")

    states = {one.address: (one.is_accepted, one.is_permanent) for one in outcomes}
    assert states == {
        OLGA: (False, True),
        ALEXEY: (False, False),
        "third@x.example": (True, False),
    }
    assert outcomes[0].detail == "550 5.1.1 no such user"


def test_nothing_is_sent_when_nobody_is_accepted() -> None:
    marks: list[int] = []
    with server({"RCPT": "550 no"}) as (target, heard):
        outcomes = send(target, entering=lambda: marks.append(1))

    assert not any(one.is_accepted for one in outcomes)
    assert not any(line.upper().startswith("DATA") for line in heard)
    assert marks == []


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        ({"MAIL": "451 later"}, TemporaryFailure),
        ({"MAIL": "550 never"}, PermanentFailure),
        ({"DATA": "451 later"}, TemporaryFailure),
        ({"DATA": "554 never"}, PermanentFailure),
        ({".": "452 full"}, TemporaryFailure),
        ({".": "554 spam"}, PermanentFailure),
        ({"RCPT": "421 closing"}, TemporaryFailure),
        ({"EHLO": None}, TemporaryFailure),
        ({"RCPT": None}, TemporaryFailure),
        ({"DATA": None}, TemporaryFailure),
        ({".": None}, UncertainOutcome),
    ],
)
def test_what_the_server_does_is_told_apart(script: Script, failure: type[Exception]) -> None:
    with server(script) as (target, _heard), pytest.raises(failure):
        send(target)


def test_a_lost_lease_stops_before_the_final_dot() -> None:
    def lost() -> None:
        raise LeaseLost("somebody else")

    with server({}) as (target, heard):
        with pytest.raises(LeaseLost):
            send(target, entering=lost)
        assert "." not in heard


def test_a_server_that_is_not_there_or_offers_no_tls_is_temporary() -> None:
    with pytest.raises(TemporaryFailure):
        send(SmtpServer(host="127.0.0.1", port=1, security="none"))
    with server({}) as (target, heard):
        wanted = target.model_copy(update={"security": "starttls"})
        with pytest.raises(TemporaryFailure):
            send(wanted)
        assert not any(line.upper().startswith(("MAIL", "AUTH")) for line in heard)


def outbound(**changes: object) -> OutboundMessage:
    values: dict[str, object] = {
        "external_id": "m1.aa@demo.example",
        "sender": Address(SENDER, "Marina"),
        "subject": "[#12] Hello",
        "text": "Hello",
        "to": (Address(OLGA, "Olga"),),
        "ticket": 12,
    }
    return OutboundMessage(**(values | changes))


def test_a_demo_without_a_server_keeps_its_letters_in_the_tray(
    support: Account, configured: Callable[..., None]
) -> None:
    configured(demo="1", smtp_url="")
    for _ in range(2):
        outcomes = CHANNEL.send(support, outbound(), entering=lambda: None)
        assert [one.is_accepted for one in outcomes] == [True]

    kept = TrayLetter.objects.get()
    assert kept.recipients == [OLGA]
    assert kept.subject == "[#12] Hello"


def test_a_desk_without_a_server_waits_for_one(
    support: Account, configured: Callable[..., None]
) -> None:
    configured(demo="0", smtp_url="")

    with pytest.raises(TemporaryFailure):
        CHANNEL.send(support, outbound(), entering=lambda: None)


def test_a_repeated_attempt_goes_only_to_those_who_have_not_got_it(
    support: Account, configured: Callable[..., None]
) -> None:
    with server({}) as (target, heard):
        configured(smtp_url=f"smtp://127.0.0.1:{target.port}")
        message = outbound(cc=(Address(ALEXEY),), envelope=(ALEXEY,))
        outcomes = CHANNEL.send(support, message, entering=lambda: None)

    assert [one.address for one in outcomes] == [ALEXEY]
    assert any(OLGA in line for line in heard if line.startswith("To:"))
    assert not any(OLGA in line for line in heard if line.startswith("rcpt"))


@pytest.mark.mail
def test_a_reply_reaches_a_real_server_with_a_return_address_for_its_reader_alone(
    support: Account, configured: Callable[..., None], smtp_server: Postfix
) -> None:
    configured(smtp_url=f"smtp://{smtp_server.host}:{smtp_server.port}")
    message = outbound(in_reply_to="1@x", references=("1@x",), html="<p>Привет</p>")

    outcomes = CHANNEL.send(support, message, entering=lambda: None)

    assert [one.is_accepted for one in outcomes] == [True]
    arrived = message_from_bytes(smtp_server.wait_for(1)[0], policy=default)
    assert arrived["In-Reply-To"] == "<1@x>"
    assert arrived["Message-ID"] == "<m1.aa@demo.example>"
    reply_to = arrived["Reply-To"].addresses[0].addr_spec
    (token,) = tokens.find_tokens([reply_to], own_addresses=frozenset({SENDER}))
    assert CHANNEL.read_token(token) == 12
    assert CHANNEL.is_token_for(token, 12, OLGA)
    assert not CHANNEL.is_token_for(token, 12, ALEXEY)


def test_without_plus_addresses_the_reply_token_travels_in_the_message_id(
    support: Account,
) -> None:
    plain = CHANNEL.make_external_id(support, "m7", ticket=12, reader=OLGA)
    assert tokens.find_tokens_in_ids([plain]) == ()
    support.config = {"plus_addresses": False}
    support.save()
    DIRECTORY.forget()
    signed = CHANNEL.make_external_id(support, "m7", ticket=12, reader=OLGA)
    (token,) = tokens.find_tokens_in_ids(["other@client.example", signed])
    assert CHANNEL.is_token_for(token, 12, OLGA)
    assert not CHANNEL.is_token_for(token, 12, ALEXEY)
    assert reply_address(support, outbound()) is None
    # It proves the answer of whoever got the letter, even when the letter itself is forgotten.
    ticket = make_ticket(make_customer("Olga", OLGA))
    signed = CHANNEL.make_external_id(support, "m7", ticket=ticket.number, reader=OLGA)
    raw = f"From: {OLGA}\r\nSubject: so\r\nReferences: <{signed}>\r\n\r\nStill cold\r\n"
    result = accept_mail(raw.encode(), [SENDER], sender=OLGA).result
    assert result.ticket == ticket.number


def test_each_mailbox_has_its_own_signature_and_name_beside_the_address(support: Account) -> None:
    support.config = {
        "sender_name": "Кофейный сервис",
        "signatures": {"en": "{{ agent.name }}\nCoffee service, 24/7", "ru": "Ваш сервис"},
    }
    support.save()
    ticket = make_ticket(make_customer("Olga", OLGA))
    reply = reply_to_ticket(
        actor_of(make_agent("Marina")),
        ticket,
        words=written_by_hand(text="Switch it on."),
        recipients=Recipients(to=[ticket.requester_identity]),
    )
    reply.account = support
    reply.thread.ticket.language = "en"
    built = build(reply, {"to": [ticket.requester_identity.pk], "cc": [], "bcc": []})
    assert built.sender.name == "Marina (Кофейный сервис)"
    assert "Marina\nCoffee service, 24/7" in built.text
    assert "Coffee service, 24/7" in built.html
    reply.thread.ticket.language = "ru"
    support.config = {**support.config, "sender_style": "mailbox"}
    built = build(reply, {"to": [ticket.requester_identity.pk]})
    assert built.sender.name == "Кофейный сервис"
    assert "Ваш сервис" in built.text
    support.config = {**support.config, "sender_style": "agent"}
    assert build(reply, {"to": []}).sender.name == "Marina"


def test_blind_copies_are_in_the_envelope_and_in_no_header() -> None:
    message = outbound(to=(Address(OLGA),), bcc=(Address(ALEXEY),))
    with server({}) as (smtp_server, heard):
        raw = compose(
            message, at=timezone.now(), desk_id="d", reply_to=None, read_file=lambda file: b""
        )
        sent = smtp.transmit(smtp_server, SENDER, [OLGA, ALEXEY], raw, entering=lambda: None)
    assert [one.address for one in sent] == [OLGA, ALEXEY]
    assert sum(ALEXEY in line for line in heard) == 1
    assert not any(line.lower().startswith("bcc") for line in heard)
