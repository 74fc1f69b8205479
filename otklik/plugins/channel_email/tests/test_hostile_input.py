"""Mutated letters: whatever comes, the reader answers with a message or ``Unreadable``, soon."""

from __future__ import annotations

import contextlib
import random
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.plugins.channel_email.composing import compose
from otklik.plugins.channel_email.headers import decode_field
from otklik.plugins.channel_email.reading import Unreadable, read_message
from otklik.plugins.channel_email.reply_text import split_reply

LETTERS = [path.read_bytes() for path in sorted((Path(__file__).parent / "messages").glob("*.eml"))]


@pytest.mark.parametrize("seed", range(8))
def test_mutated_letters_are_read_or_refused_and_never_crash(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        data = bytearray(chance.choice(LETTERS))
        for _ in range(chance.randrange(1, 30)):
            place = chance.randrange(len(data))
            action = chance.randrange(4)
            if action == 0:
                data[place] = chance.randrange(256)
            elif action == 1:
                del data[place : place + chance.randrange(1, 40)]
            elif action == 2:
                other = chance.choice(LETTERS)
                start = chance.randrange(len(other))
                data[place:place] = other[start : start + chance.randrange(1, 200)]
            else:
                data[place:place] = data[max(0, place - 50) : place]
            if not data:
                data = bytearray(b"x")
        with contextlib.suppress(Unreadable):
            message = read_message(bytes(data))
            for text in (message.text, message.reply_text, message.subject, message.sender.name):
                assert "\0" not in text
                assert "\r" not in text
                text.encode("utf-8")
            assert unicodedata.is_normalized("NFC", message.text)
            assert "\n" not in message.subject + message.sender.name + message.external_id
            assert len(message.digest) == 64


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_any_header_text_is_one_clean_line(value: str) -> None:
    decoded = decode_field(value)

    assert decoded == " ".join(decoded.split())
    decoded.encode("utf-8")


@given(st.lists(st.sampled_from([
    "> quote", "Hello", "", "-- ", "On Fri, 20 Nov 2026 at 12:30, M <a@b.example> wrote:",
    "From: M", "Sent: Friday", "To: you", "Subject: s", "________________________________",
    "-----Original Message-----", "20.11.2026 12:30, Марина пишет:", "Sent from my iPhone", ">",
]), max_size=30))  # fmt: skip
@settings(max_examples=500, deadline=None)
def test_a_split_reply_is_never_empty_and_invents_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)
    reply = split_reply(text).reply

    assert bool(reply) == bool(text.strip())
    assert set(reply.split()) <= set(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "20.11.2026 " * 20_000,
        ("a" * 400 + ":\n") * 5_000,
        "> " * 100_000,
        ("On " + "x@y.example " * 30 + "\n") * 3_000,
        ">\n" * 19_000 + "end",
        "From: x\n" * 19_000,
        " " * 200_000 + "wrote:",
    ],
)
def test_no_text_takes_long_to_split(text: str) -> None:
    started = time.thread_time()
    split_reply(text)

    assert time.thread_time() - started < 3


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\r\nSubject: " + b"=?utf-8?Q?" * 6000 + b"\r\n\r\nx",
        b"From: " + b"<" * 60_000 + b"\r\n\r\nx",
        b"From: " + b"(" * 60_000 + b"\r\n\r\nx",
        b"From: " + b'"\\' * 30_000 + b"\r\n\r\nx",
        b"From: a@b.example\r\nReferences: " + b"<a@b> " * 12_000 + b"\r\n\r\nx",
        b"From: a@b.example\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\nx",
        b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<blockquote>" * 20_000,
        b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 50_000 + b"x",
        b"From: a@b.example\r\nContent-Type: text/plain; " + b"a*0*=b;" * 5000 + b"\r\n\r\nx",
        b"From: mailer-daemon@b.example\r\n\r\n" + b"a@" * 100_000,
        b"From: mailer-daemon@b.example\r\n\r\n" + b"a@b" + b".b" * 100_000 + b".",
        b"From: a@b.example\r\n\r\na" + "\u0301\u0316".encode() * 200_000,
    ],
)
def test_no_letter_takes_long_to_read(raw: bytes) -> None:
    started = time.thread_time()
    with contextlib.suppress(Unreadable):
        read_message(raw)

    assert time.thread_time() - started < 3


@given(st.text(max_size=300), st.text(max_size=100), st.text(max_size=100))
@settings(max_examples=200, deadline=None)
def test_what_we_write_we_read_again(subject: str, name: str, file_name: str) -> None:
    from datetime import UTC, datetime

    from otklik.channels.contract import Address, OutboundFile, OutboundMessage

    encodable = (subject + name + file_name).encode("utf-8", "replace").decode()
    raw = compose(
        OutboundMessage(
            external_id="1@x.example",
            sender=Address("a@b.example", name),
            subject=subject,
            text="Hello",
            to=(Address("c@d.example", name),),
            files=(OutboundFile(file_name, "application/pdf", "0" * 64, 3),),
        ),
        at=datetime(2026, 1, 1, tzinfo=UTC),
        desk_id="d",
        reply_to=None,
        read_file=lambda file: b"%PDF",
    )
    message = read_message(raw)

    assert (message.sender.address, message.to[0].address) == ("a@b.example", "c@d.example")
    assert message.text.strip() == "Hello"
    assert message.files[0].content == b"%PDF"
    if encodable.isprintable() and subject == " ".join(subject.split()) and "=?" not in subject:
        assert message.subject == unicodedata.normalize("NFC", subject)
