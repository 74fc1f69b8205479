"""IMAP servers that drop, renumber, lie and rave: nothing is lost, doubled or hoarded."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from otklik.channels.contract import Disposition
from otklik.channels.models import Quarantined
from otklik.channels.quarantine import retry_quarantined
from otklik.core import files
from otklik.core.access import SYSTEM
from otklik.desk.models import Account, AccountState
from otklik.desk.tests.factories import make_mailbox
from otklik.plugins.channel_email import imap, imap_session
from otklik.plugins.channel_email.imap_session import ImapErrors
from otklik.plugins.channel_email.mailboxes import DIRECTORY, Mailbox
from otklik.plugins.channel_email.models import MailboxCursor
from otklik.tickets.models import Ticket
from tests.faults.imap_script import Fault, ScriptedImap, scripted_imap

pytestmark = [pytest.mark.data]

FOREVER = threading.Event()


def letter(number: int) -> bytes:
    return (
        f"From: Olga <olga@polden.example>\r\nTo: support@demo.example\r\n"
        f"Subject: Help {number}\r\nMessage-ID: <fault{number}@polden.example>\r\n\r\n"
        f"The water is cold.\r\n"
    ).encode()


@pytest.fixture
def server() -> Iterator[ScriptedImap]:
    with scripted_imap() as served:
        yield served


@pytest.fixture
def mailbox(transactional_db: None, server: ScriptedImap) -> Iterator[Mailbox]:
    config = {
        "imap_host": "127.0.0.1",
        "imap_port": server.port,
        "imap_security": "none",
        "imap_user": "support",
    }
    account: Account = make_mailbox(
        "support@demo.example", config=config, secrets={"imap_password": "x"}
    )
    DIRECTORY.forget()
    found = DIRECTORY.find_account(account)
    assert found is not None
    assert look(found) == 0  # a new mailbox starts at now
    yield found
    DIRECTORY.forget()


def look(mailbox: Mailbox) -> int:
    with imap.open_session(mailbox) as session:
        return imap.take_new(mailbox, session, threading.Event())


def subjects() -> list[str]:
    return sorted(Ticket.objects.values_list("subject", flat=True))


def said(words: bytes, *, goes_on: bool = False) -> Fault:
    def say(connection: socket.socket, tag: bytes) -> bool:
        connection.sendall(words.replace(b"TAG", tag))
        return goes_on

    return say


def rave(connection: socket.socket, tag: bytes) -> bool:
    """Talks for as long as anybody listens."""
    line = b"* OK " + b"x" * 60_000 + b"\r\n"
    while True:
        connection.sendall(line)


def test_a_connection_lost_in_the_middle_of_a_letter_loses_and_doubles_nothing(
    server: ScriptedImap, mailbox: Mailbox
) -> None:
    server.letters = {1: letter(1), 2: letter(2)}
    half = b"* 2 FETCH (UID 2 BODY[] {%d}\r\n" % len(letter(2)) + letter(2)[:60]
    server.faults["FETCH 2 (BODY"] = said(half)
    with pytest.raises(ImapErrors):
        look(mailbox)
    assert subjects() == ["Help 1"]
    assert look(mailbox) == 1
    assert subjects() == ["Help 1", "Help 2"]
    assert look(mailbox) == 0


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("UID SEARCH", b"* SEARCH one two\r\nTAG OK done\r\n"),
        ("UID SEARCH", b"\xff\xfe\x00 what is this\r\n"),
        ("UID SEARCH", b"TAG BAD no idea\r\n"),
        ("STATUS", b"* STATUS INBOX (MESSAGES 1)\r\nTAG OK done\r\n"),
        ("STATUS", b"* STATUS INBOX (UIDVALIDITY 0 UIDNEXT 99999999999999999999)\r\nTAG OK x\r\n"),
        ("BODY.PEEK", b"TAG NO [UNAVAILABLE] try later\r\n"),
        ("BODY.PEEK", b"* 1 FETCH (UID 1 BODY[] {abc}\r\nTAG BAD x\r\n"),
        ("LOGIN", b"garbage without end"),
    ],
)
def test_rubbish_is_trouble_of_the_mailbox_and_the_letter_comes_the_next_time(
    server: ScriptedImap, mailbox: Mailbox, command: str, words: bytes
) -> None:
    server.letters = {1: letter(1)}
    server.faults[command] = said(words)
    with pytest.raises((*ImapErrors, imap.RejectedLogin)):
        look(mailbox)
    assert look(mailbox) == 1
    assert subjects() == ["Help 1"]


def test_a_server_that_raves_is_left_before_it_fills_the_memory(
    server: ScriptedImap, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_session, "MOST_SAID", 1 << 20)
    server.letters = {1: letter(1)}
    for fault in (rave, said(b"* OK " + b"y" * 1_100_000)):
        server.faults["UID SEARCH"] = fault
        with pytest.raises(ImapErrors):
            look(mailbox)
    assert look(mailbox) == 1


def test_uids_no_server_may_have_are_passed_over(server: ScriptedImap, mailbox: Mailbox) -> None:
    server.letters = {1: letter(1)}
    server.faults["UID SEARCH"] = said(
        b"* SEARCH 1 0 4294967296 18446744073709551616\r\nTAG OK done\r\n", goes_on=True
    )
    assert look(mailbox) == 1
    assert MailboxCursor.objects.get().last_uid == 1


def test_a_letter_larger_than_its_server_says_is_noted_and_does_not_stop_those_behind(
    server: ScriptedImap, mailbox: Mailbox
) -> None:
    server.letters = {1: letter(1), 2: letter(2), 3: letter(3)}
    server.said_size = 100
    # 200 GB announced in the middle of a session that named 100 bytes.
    server.faults["FETCH 2 (BODY.PEEK[])"] = said(
        b"* 2 FETCH (UID 2 BODY[] {214748364800}\r\nand some of it"
    )
    assert look(mailbox) == 3
    assert subjects() == ["Help 1", "Help 3"]
    noted = Quarantined.objects.get()
    assert "larger than" in noted.reason
    assert look(mailbox) == 0


def test_a_letter_its_server_never_hands_out_is_noted_and_holds_up_no_other(
    server: ScriptedImap, mailbox: Mailbox
) -> None:
    server.letters = {1: letter(1), 2: letter(2)}
    always = [b"TAG NO [SERVERBUG] Internal error, see the log\r\n", b"TAG BAD cannot convert\r\n"]

    def refuse(connection: socket.socket, tag: bytes) -> bool:
        server.faults["FETCH 2 (BODY.PEEK[])"] = refuse
        always.append(always.pop(0))
        return said(always[-1], goes_on=True)(connection, tag)

    refuse_once = said(always[0])
    server.faults["FETCH 2 (BODY.PEEK[])"] = refuse
    for _round in range(4):  # alone it may be the server that is unwell: waited for
        with pytest.raises(ImapErrors):
            look(mailbox)
    server.letters[3] = letter(3)
    server.faults["FETCH 3"] = refuse_once
    with pytest.raises(ImapErrors):  # nor does it hand out the next
        look(mailbox)
    assert look(mailbox) == 2
    assert subjects() == ["Help 1", "Help 3"]
    noted = Quarantined.objects.get()
    assert "does not hand it out" in noted.reason
    with files.open_blob(noted.raw) as stream:
        assert b"Subject: Help 2" in stream.read()
    # A header alone is no letter: a newer reader makes no ticket of it.
    assert retry_quarantined(SYSTEM, noted).disposition is Disposition.QUARANTINED
    assert subjects() == ["Help 1", "Help 3"]


def test_a_folder_that_is_not_there_is_told_and_keeps_no_letter_waiting(
    server: ScriptedImap, mailbox: Mailbox
) -> None:
    moving = mailbox.settings.model_copy(update={"after_fetch": "move", "move_to": "Готово"})
    server.letters = {number: letter(number) for number in (1, 2, 3)}

    def refuse(connection: socket.socket, tag: bytes) -> bool:
        server.faults["UID COPY"] = refuse
        return said(b"TAG NO [TRYCREATE] no such mailbox\r\n", goes_on=True)(connection, tag)

    server.faults["UID COPY"] = refuse
    with pytest.raises(ImapErrors, match="TRYCREATE"):
        look(replace(mailbox, settings=moving))
    assert subjects() == ["Help 1", "Help 2", "Help 3"]
    assert MailboxCursor.objects.get().last_uid == 3


def test_sizes_that_are_wrong_or_missing_cost_no_letter(
    server: ScriptedImap, mailbox: Mailbox
) -> None:
    server.letters = {1: letter(1)}
    server.faults["RFC822.SIZE"] = said(b"TAG OK done\r\n", goes_on=True)
    assert look(mailbox) == 1
    server.letters[2] = letter(2)
    server.said_size = 3
    assert look(mailbox) == 1
    assert subjects() == ["Help 1", "Help 2"]


def test_a_server_that_renumbers_while_it_is_read_loses_and_doubles_nothing(
    server: ScriptedImap, mailbox: Mailbox
) -> None:
    server.letters = {1: letter(1)}
    assert look(mailbox) == 1
    # Renumbered, and the connection breaks while the known letters are read again.
    server.uid_validity, server.letters = 8, {41: letter(1), 42: letter(2)}
    server.faults["FETCH 42 (BODY"] = said(b"* 2 FETCH (UID 42 BODY[] {500}\r\nshort")
    with pytest.raises(ImapErrors):
        look(mailbox)
    look(mailbox)
    assert subjects() == ["Help 1", "Help 2"]
    assert MailboxCursor.objects.get().uid_validity == 8


def test_trouble_is_shown_with_the_mailbox_until_it_works_again(
    server: ScriptedImap, mailbox: Mailbox
) -> None:
    server.greeting = b"* BYE too busy\r\n"
    stop = threading.Event()
    reader = imap.MailboxReader(mailbox, stop)
    thread = threading.Thread(target=reader.run, daemon=True)
    thread.start()
    try:
        state = AccountState.objects.filter(pk=mailbox.account.pk)
        assert _soon(lambda: bool(state.exclude(error="").exists()))
        server.greeting = b"* OK ready\r\n"
        server.letters = {1: letter(1)}
        assert _soon(lambda: subjects() == ["Help 1"])
    finally:
        stop.set()
        thread.join(60)


def _soon(is_so: object) -> bool:
    assert callable(is_so)
    return any(is_so() or FOREVER.wait(0.1) for _ in range(600))


def idling(words: bytes, *, hangs_up: bool = False) -> Fault:
    def idle(connection: socket.socket, tag: bytes) -> bool:
        connection.sendall(words)
        if hangs_up:
            connection.shutdown(socket.SHUT_RDWR)
            return False
        while b"DONE" not in connection.recv(100):
            continue
        connection.sendall(tag + b" OK idle ended\r\n")
        return True

    return idle


@pytest.mark.parametrize(
    "words",
    [
        b"+ idling\r\n* 2 EXISTS\r\n",  # in one packet
        b"* 2 EXISTS\r\n+ idling\r\n",  # told while the answer was on its way
    ],
)
def test_a_letter_that_comes_as_idle_begins_is_news_at_once(
    mailbox: Mailbox, server: ScriptedImap, words: bytes
) -> None:
    with imap.open_session(mailbox) as session:
        server.faults["IDLE"] = idling(words)
        assert session.wait_for_news(60, lambda: False)
        server.faults["IDLE"] = idling(b"+ idling\r\n")
        assert not session.wait_for_news(0.1, lambda: False)


def test_a_server_that_hangs_up_in_idle_is_noticed(mailbox: Mailbox, server: ScriptedImap) -> None:
    server.faults["IDLE"] = idling(b"+ idling\r\n", hangs_up=True)
    with imap.open_session(mailbox) as session, pytest.raises(ImapErrors):
        session.wait_for_news(60, lambda: False)
