"""A talk by mail from end to end: in by SMTP, out to a real Postfix, and the answers to it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from otklik.core.outbox.models import Delivery
from otklik.core.outbox.sending import send_pending
from otklik.people.tests.factories import actor_of, make_agent
from otklik.tickets.actions import reply_to_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.models import Message, StatusKind, Ticket
from tests.services.postfix import SmtpServer

pytestmark = [pytest.mark.mail, pytest.mark.data]

OLGA, MALLORY, DESK = "olga@polden.example", "mallory@evil.example", "support@demo.example"


def post(port: int, sender: str, text: str, *, to: str = DESK, **fields: str) -> None:
    message = EmailMessage()
    message["From"] = f"Somebody <{sender}>"
    message["To"] = to
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.send_message(message, from_addr=sender, to_addrs=[to])


def test_a_customer_is_answered_and_every_kind_of_answer_finds_its_ticket(
    listener: int, configured: Callable[..., None], smtp_server: SmtpServer
) -> None:
    configured(smtp_url=f"smtp://{smtp_server.host}:{smtp_server.port}")
    post(listener, OLGA, "The water is cold", Subject="Cold", Message_ID="<1@polden.example>")
    ticket = Ticket.objects.get()
    assert ticket.requester_identity is not None
    marina = actor_of(make_agent("Marina"))

    reply = reply_to_ticket(
        marina,
        ticket,
        words=written_by_hand(text="Switch it off and on."),
        recipients=Recipients(to=[ticket.requester_identity]),
        status=StatusKind.SOLVED,
    )
    send_pending()
    arrived = message_from_bytes(smtp_server.wait_for(1)[0], policy=default)
    reply.refresh_from_db()

    assert arrived["In-Reply-To"] == "<1@polden.example>"
    assert arrived["Message-ID"] == f"<{reply.external_id}>"
    assert arrived["To"].addresses[0].addr_spec == OLGA
    assert reply.delivery_state == "sent"
    assert Delivery.objects.get(kind="message", subject_id=reply.pk).status == "sent"

    # By Message-ID, then by the signed address alone, then by the number alone.
    return_address = arrived["Reply-To"].addresses[0].addr_spec
    post(listener, OLGA, "By id", Subject="x", In_Reply_To=arrived["Message-ID"])
    post(listener, OLGA, "By token", Subject="x", to=return_address.upper())
    post(listener, OLGA, "By number", Subject=f"x [#{ticket.number}]")
    ticket.refresh_from_db()

    assert Ticket.objects.count() == 1
    assert ticket.status_kind == StatusKind.OPEN  # the customer's reply reopened it
    assert Message.objects.filter(ticket=ticket, is_hidden=True).count() == 0

    # A stranger who holds the id or the token is for staff alone; the number gets them nothing.
    post(listener, MALLORY, "By id", Subject="x", In_Reply_To=arrived["Message-ID"])
    post(listener, MALLORY, "By token", Subject="x", to=return_address)
    assert Ticket.objects.count() == 1
    assert Message.objects.filter(ticket=ticket, is_hidden=True).count() == 2
    post(listener, MALLORY, "By number", Subject=f"x [#{ticket.number}]")
    assert Ticket.objects.count() == 2
    assert Message.objects.filter(ticket=ticket).count() == 7


def test_our_own_letter_coming_back_is_a_loop_and_a_bounce_opens_nothing(
    listener: int, configured: Callable[..., None], smtp_server: SmtpServer
) -> None:
    configured(smtp_url=f"smtp://{smtp_server.host}:{smtp_server.port}")
    post(listener, OLGA, "The water is cold", Subject="Cold")
    ticket = Ticket.objects.get()
    assert ticket.requester_identity is not None
    reply_to_ticket(
        actor_of(make_agent("Marina")),
        ticket,
        words=written_by_hand(text="Switch it off and on."),
        recipients=Recipients(to=[ticket.requester_identity]),
    )
    send_pending()
    letter = smtp_server.wait_for(1)[0]

    with smtplib.SMTP("127.0.0.1", listener, timeout=60) as client:
        client.sendmail(OLGA, [DESK], letter)
        report = (
            b"From: MAILER-DAEMON@polden.example\r\nTo: support@demo.example\r\n"
            b"Subject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            b"--b\r\nContent-Type: text/plain\r\n\r\nNo such user\r\n"
            b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + letter + b"\r\n--b--\r\n"
        )
        client.sendmail("", [DESK], report)

    assert Ticket.objects.count() == 1
    hidden = Message.objects.filter(ticket=ticket, is_hidden=True)
    assert [message.automation for message in hidden] == ["bounce"]
