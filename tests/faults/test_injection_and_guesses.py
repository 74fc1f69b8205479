"""Headers that letters try to smuggle into ours, and guesses at what belongs to others."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from django.test import Client

from otklik.core.events.dispatcher import dispatch_pending
from otklik.core.files import open_blob
from otklik.core.outbox.sending import send_pending
from otklik.core.settings import config
from otklik.desk.tests.factories import make_mailbox
from otklik.people.models import User
from otklik.people.tests.factories import actor_of, make_agent, make_customer, make_team
from otklik.plugins.channel_email import account_settings, channel
from otklik.plugins.channel_email.accepting import accept_mail
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.plugins.channel_email.models import TrayLetter
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Message, Ticket
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.actions import send_reply

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

# What differs from one answer to the next: CSRF tokens, nonces and the second it was given in.
_TOKENS = re.compile(rb'[A-Za-z0-9_-]{20,}|(?<=name="now" content=")\d+')
# RFC 2047 lets any octet travel in a header: CR, LF and NUL too.
HOSTILE = b"""\
From: =?utf-8?q?Eve=0D=0ABcc:_victim@x.example=00?= <eve@elsewhere.example>\r
To: support@demo.example\r
Reply-To: =?utf-8?q?Eve=0D=0AX-Evil:_1?= <eve@elsewhere.example>\r
Subject: =?utf-8?q?Hello=0D=0ABcc:_victim@x.example=0D=0A=0D=0AA_body_of_mine?=\r
Message-ID: <a=0D=0Ab\x0bX-Evil:1@elsewhere.example>\r
References: <r1@x> X-Evil: 1 <r2@x>\r
\r
The water is cold.\r
"""


def test_nothing_of_a_letter_becomes_a_header_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with_a_tray = replace(config(), demo="1", smtp_url="")
    for module in (account_settings, channel):
        if hasattr(module, "config"):
            monkeypatch.setattr(module, "config", lambda: with_a_tray)
    DIRECTORY.forget()
    make_mailbox("support@demo.example")
    marina = make_agent("Marina\r\nBcc: victim@x.example", teams=[make_team()])
    taken = accept_mail(HOSTILE, ["support@demo.example"], sender="eve@elsewhere.example").result
    ticket = Ticket.objects.get(number=taken.ticket)
    send_reply(
        actor_of(marina),
        ticket,
        words=written_by_hand(text="We look into it."),
        to=["eve@elsewhere.example"],
        client_key=None,
    )
    while dispatch_pending() or send_pending():
        pass
    letters = list(TrayLetter.objects.all())
    assert letters
    for letter in letters:
        assert letter.recipients == ["eve@elsewhere.example"]
        with open_blob(letter.raw) as stream:
            raw = stream.read()
        head = raw.partition(b"\r\n\r\n")[0]
        names = {name.lower() for name in message_from_bytes(raw, policy=default)}
        assert not {"bcc", "x-evil"} & names
        assert b"\0" not in raw
        assert b"\n" not in head.replace(b"\r\n", b"")
        assert b"\r" not in head.replace(b"\r\n", b"")
    DIRECTORY.forget()


@pytest.mark.parametrize(
    "address",
    ["eve@x.example\r\nBcc: v@x.example", "eve@x.example\nX-Evil: 1", "e\0ve@x.example", "<>", "@"],
)
def test_an_agent_cannot_write_to_an_address_with_line_breaks(address: str) -> None:
    marina = make_agent("Marina", teams=[make_team()])
    ticket = make_ticket(make_customer(), account=make_mailbox("support@demo.example"))
    before = Message.objects.count()
    client = Client()
    client.force_login(User.objects.get(person_id=marina.person_id))
    answer = client.post(
        f"/tickets/{ticket.number}/messages/",
        {"kind": "public", "html": "Hello", "to": address},
        headers={"HX-Request": "true"},
    )
    written = Message.objects.count() - before
    sent_to = [
        one
        for row in Message.objects.order_by("-pk")[:written]
        for one in (row.body.addresses.get("to") or [])
    ]
    assert all("\n" not in str(one) and "\0" not in str(one) for one in sent_to)
    assert "Bcc" not in str(sent_to)
    assert answer.status_code in (200, 400, 409, 422)


def test_guesses_at_what_belongs_to_others_are_answered_alike() -> None:
    """What is there and what is not differ in nothing, for a customer and for a stranger."""
    olga, mallory = make_customer(), make_customer("Mallory Elsewhere")
    ticket = make_ticket(olga)
    message = ticket.messages.get()
    user = User.objects.create(email=mallory.identities.get().value, person=mallory)
    signed_in, stranger = Client(), Client()
    signed_in.force_login(user)
    pairs = [
        (f"/portal/requests/{ticket.number}/", "/portal/requests/999999/"),
        (
            f"/portal/requests/{ticket.number}/messages/{message.pk}/letter/",
            "/portal/requests/999999/messages/999999/letter/",
        ),
        (f"/tickets/{ticket.number}/", "/tickets/999999/"),
        (f"/messages/{message.pk}/raw/", "/messages/999999/raw/"),
        ("/files/AAAAAAAAAAAAAAAAAAAAAA/", "/files/BBBBBBBBBBBBBBBBBBBBBB/"),
        ("/portal/files/AAAAAAAAAAAAAAAAAAAAAA/", "/portal/files/BBBBBBBBBBBBBBBBBBBBBB/"),
        ("/remote-pictures/guess:guess/", "/remote-pictures/other:other/"),
        ("/portal/pictures/guess:guess/", "/portal/pictures/other:other/"),
        (f"/api/v1/tickets/{ticket.number}", "/api/v1/tickets/999999"),
        ("/exports/1/", "/exports/999999/"),
    ]
    for client in (signed_in, stranger):
        for there, nowhere in pairs:
            first, second = client.get(there), client.get(nowhere)
            assert first.status_code == second.status_code, there
            assert first.status_code in (302, 401, 404), there
            if first.status_code == 404 and "json" not in first.headers["Content-Type"]:
                assert _TOKENS.sub(b"", first.content) == _TOKENS.sub(b"", second.content), there
