"""Outgoing servers that hang at each stage or put us off for a day."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from otklik.core.outbox import TemporaryFailure, UncertainOutcome
from otklik.core.outbox.models import Delivery
from otklik.core.outbox.sending import send_pending
from otklik.core.settings import config
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import actor_of, make_agent, make_customer, make_team
from otklik.plugins.channel_email import account_settings, channel, smtp
from otklik.plugins.channel_email.account_settings import SmtpServer
from otklik.plugins.channel_email.mailboxes import DIRECTORY
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.actions import send_reply
from tests.services.talking import talking

STAGES = ("connect", "EHLO", "MAIL", "RCPT", "DATA", ".")


@dataclass
class Moody:
    """``hangs_at``: says nothing from there on. ``puts_off``: its answer to every RCPT."""

    port: int
    hangs_at: str = ""
    puts_off: str = ""
    taken: int = 0
    tried: int = 0

    def talk(self, connection: socket.socket) -> None:
        if self._hangs("connect", connection):
            return
        connection.sendall(b"220 moody\r\n")
        is_data = False
        for raw in connection.makefile("rb"):
            word = raw.strip().split(b" ")[0].decode("latin-1").upper()
            if is_data:
                if word != "." or self._hangs(".", connection):
                    continue
                is_data, self.taken = False, self.taken + 1
                connection.sendall(b"250 taken\r\n")
            elif self._hangs(word, connection):
                return
            elif word == "RCPT":
                self.tried += 1
                connection.sendall((self.puts_off or "250 ok").encode() + b"\r\n")
            elif word == "DATA":
                is_data = True
                connection.sendall(b"354 go on\r\n")
            else:
                connection.sendall(b"250 ok\r\n")

    def _hangs(self, stage: str, connection: socket.socket) -> bool:
        if self.hangs_at != stage:
            return False
        while connection.recv(4096):
            pass
        return True


@contextmanager
def moody_smtp(**mood: str) -> Iterator[Moody]:
    with talking(lambda connection: served.talk(connection)) as (port, _held):
        served = Moody(port, **mood)
        yield served


@pytest.mark.parametrize("stage", STAGES)
def test_a_server_that_hangs_is_left_and_only_after_the_final_dot_it_is_uncertain(
    stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing but the stage it is about runs out of time.
    last = {".": "FINAL_ANSWER_WITHIN", "connect": "CONNECT_WITHIN"}.get(stage, "COMMAND_WITHIN")
    monkeypatch.setattr(smtp, last, 0.5)
    entered: list[bool] = []
    expected = UncertainOutcome if stage == "." else TemporaryFailure
    started = time.monotonic()
    with moody_smtp(hangs_at=stage) as server, pytest.raises(expected):
        smtp.transmit(
            SmtpServer(host="127.0.0.1", port=server.port, security="none"),
            "support@desk.example",
            ["olga@polden.example"],
            b"Subject: x\r\n\r\nx\r\n",
            helo="desk",
            entering=lambda: entered.append(True),
        )
    assert bool(entered) == (stage == ".")
    assert time.monotonic() - started < 18  # the others wait for 20 seconds and longer


@pytest.mark.data
def test_a_server_that_puts_off_for_a_day_gets_the_letter_once_when_it_takes_it(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with moody_smtp(puts_off="451 4.7.1 greylisted") as server:
        changed = replace(config(), demo="0", smtp_url=f"smtp://127.0.0.1:{server.port}")
        for module in (account_settings, channel):
            if hasattr(module, "config"):
                monkeypatch.setattr(module, "config", lambda: changed)
        DIRECTORY.forget()
        account = make_mailbox("support@desk.example")
        marina = make_agent("Marina", teams=[make_team()])
        olga = make_customer()
        ticket = make_ticket(olga, account=account)
        send_reply(
            actor_of(marina),
            ticket,
            words=written_by_hand(text="The engineer comes today."),
            to=[olga.identities.get().value],
            cc=[],
            bcc=[],
            status="",
            seen_message_id=None,
            client_key=None,
        )
        now = timezone.now()
        waits = _try_for(timedelta(days=1))
        assert server.taken == 0
        assert 5 < server.tried < 30
        assert max(waits) <= timedelta(hours=5)
        server.puts_off = ""
        with time_machine.travel(now + timedelta(hours=30), tick=True):
            send_pending()
        assert server.taken == 1
        DIRECTORY.forget()
    delivery = Delivery.objects.get(kind="message", recipients__address=olga.identities.get().value)
    assert (delivery.status, delivery.error_kind) == ("sent", "")


def _try_for(span: timedelta) -> list[timedelta]:
    """Go through a time as fast as the next tries allow; how long each wait was."""
    waits, at = [], timezone.now()
    end = at + span
    while at < end:
        with time_machine.travel(at, tick=True):
            send_pending()
            due = Delivery.objects.exclude(next_attempt_at=None).get().next_attempt_at
            assert due is not None
        waits.append(due - at)
        at = due + timedelta(seconds=1)
    return waits
