"""DATA as it comes over the wire: where a letter ends, its dots, its size (RFC 5321, 4.1.1.4)."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from otklik.plugins.channel_email import lmtp_data
from otklik.plugins.channel_email.lmtp_data import DataInPieces

LIMIT = 400_000


class Taking:
    """Remembers each letter."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.letters.append(envelope.content)
        return "250 Taken"


class Pieces(DataInPieces):
    line_length_limit = 2048  # far less than a letter: it is read in many pieces


def converse(sent: bytes, *, piece: int) -> tuple[list[bytes], bytes]:
    """What was taken, and all that was answered, when ``sent`` comes ``piece`` bytes at a time."""

    async def talk() -> tuple[list[bytes], bytes]:
        taking, loop = Taking(), asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        await loop.connect_accepted_socket(
            lambda: Pieces(taking, data_size_limit=LIMIT, hostname="otklik", loop=loop), ours
        )
        reader, writer = await asyncio.open_connection(sock=theirs)
        for start in range(0, len(sent), piece):
            writer.write(sent[start : start + piece])
            await writer.drain()
            if piece < 100:
                await asyncio.sleep(0)
        answered = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return taking.letters, answered

    return asyncio.run(talk())


def session(*bodies: bytes) -> bytes:
    """All of a session at once, as a client that pipelines sends it."""
    letters = b"".join(
        b"MAIL FROM:<olga@polden.example>\r\nRCPT TO:<support@demo.example>\r\nDATA\r\n" + body
        for body in bodies
    )
    return b"EHLO polden.example\r\n" + letters + b"QUIT\r\n"


@pytest.mark.parametrize("piece", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("wire", "meant"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"\r\n\r\n.\r\n", b"\r\n\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"Subject: x\r\n\r\n..dot\r\n...two\r\n.\r\n", b"Subject: x\r\n\r\n.dot\r\n..two\r\n"),
        # No end: a server in front of us that saw one here would let a letter be smuggled in.
        (b"x\n.\nMAIL FROM:<m@x>\n.\r\nend\r\n.\r\n", b"x\n.\nMAIL FROM:<m@x>\n.\r\nend\r\n"),
        (b"x\r.\r\ny\r\n.\r\n", b"x\r.\r\ny\r\n"),
    ],
)
def test_a_letter_is_what_was_meant_however_it_is_cut(
    wire: bytes, meant: bytes, piece: int
) -> None:
    letters, answered = converse(session(wire, b"second\r\n.\r\n"), piece=piece)
    assert letters == [meant, b"second\r\n"]
    assert answered.count(b"250 Taken") == 2
    assert b"221" in answered


def test_a_letter_of_one_long_line_and_of_many_pieces_is_whole() -> None:
    long = b"x" * 300_000 + b"\r\n"
    letters, _answered = converse(session(long + b".\r\n"), piece=100_000)
    assert letters == [long]


def test_what_is_too_large_is_refused_and_the_next_is_taken() -> None:
    huge = b"0123456789abcde\r\n" * 40_000
    letters, answered = converse(session(huge + b".\r\n", b"small\r\n.\r\n"), piece=100_000)
    assert letters == [b"small\r\n"]
    assert answered.count(b"552 ") == 1


@pytest.mark.parametrize("filler", [b"\r" * 50_000, b"\r\n" * 25_000])
def test_line_ends_without_end_are_neither_kept_nor_waited_for(filler: bytes) -> None:
    letters, answered = converse(session(filler), piece=100_000)
    assert letters == []
    assert answered.endswith(b"554 5.6.0 Nothing but line ends\r\n")
    some = b"\r\n" * 1000 + b"words\r\n"
    assert converse(session(some + b".\r\n"), piece=100_000)[0] == [some]


def test_letters_of_many_connections_together_have_their_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(DataInPieces, "_all_held", lmtp_data.MOST_AT_ONCE * LIMIT - 1000)
    large = b"0123456789abcde\r\n" * 1000
    letters, answered = converse(
        session(large + b".\r\n", b"small\r\n.\r\n", b"again\r\n.\r\n"), piece=100_000
    )
    assert letters == [b"small\r\n", b"again\r\n"]
    assert answered.count(b"452 ") == 1
    # What was read is let go.
    assert DataInPieces._all_held == lmtp_data.MOST_AT_ONCE * LIMIT - 1000
