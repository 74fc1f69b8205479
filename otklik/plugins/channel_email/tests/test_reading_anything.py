"""Whatever bytes come: reading ends, in time bounded by their size, and raises nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otklik.channels.contract import InboundMessage
from otklik.plugins.channel_email.charsets import decode
from otklik.plugins.channel_email.contents.invitations import read_invitation
from otklik.plugins.channel_email.contents.rtf import rtf_to_html, rtf_to_text
from otklik.plugins.channel_email.contents.tnef import read_tnef
from otklik.plugins.channel_email.reading import Unreadable, read_message

BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SIZE = 300_000
HEAD = b"From: a@b.example\r\n"

PIECES = st.sampled_from(
    [
        b"From: a@b.example\r\n",
        b"To: x@y.example, =?utf-8?B?0J8=?= <z@y.example>\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b'Content-Type: multipart/alternative; boundary="b"\r\n',
        b"Content-Type: multipart/signed; boundary=b; protocol=x\r\n",
        b"Content-Type: multipart/encrypted; boundary=b\r\n",
        b"Content-Type: text/html; charset=koi8-r\r\n",
        b"Content-Type: text/plain; format=flowed; charset=utf-16\r\n",
        b"Content-Type: text/calendar; method=REQUEST\r\n",
        b"Content-Type: application/ms-tnef\r\n",
        b"Content-Type: application/rtf\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Content-Disposition: attachment; filename*0*=utf-8''%D0; filename*1*=%9F\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"begin 644 a.txt\r\n#86)C\r\nend\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261120T070000Z\r\n",
        b"-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n-----END PGP MESSAGE-----\r\n",
        b"{\\rtf1\\ansi \\'cf\\u1052?}",
        b"\x78\x9f\x3e\x22\x01\x00\x02\x10\x80\x01\x00\x05\x00\x00\x00abc",
        b'<html><p>x<img src="cid:p%401">',
        "Привет".encode("cp1251"),
        "Привет".encode(),
        b"\x1b$B!!",
        b"\x00\xff",
    ]
)


def read(raw: bytes) -> InboundMessage:
    """What surprises the reader would go to quarantine unseen: here it fails the test."""
    try:
        return read_message(raw)
    except Unreadable as problem:
        raise problem.__cause__ or problem from None


@BOUNDED
@given(st.lists(st.one_of(PIECES, st.binary(max_size=40)), max_size=40))
def test_soups_of_letters_are_read(pieces: list[bytes]) -> None:
    message = read(HEAD + b"".join(pieces))
    message.text.encode()
    message.subject.encode()
    assert not any(sign in file.name for file in message.files for sign in "/\\\x00\n")


@BOUNDED
@given(
    st.binary(max_size=300),
    st.sampled_from(["", "utf-8", "koi8-r", "utf-16", "utf-7", "iso-2022-jp", "gb2312", "hz", "x"]),
)
def test_any_bytes_decode_to_clean_text(data: bytes, label: str) -> None:
    assert isinstance(decode(data, label)[0], str)


@BOUNDED
@given(st.binary(max_size=400))
def test_no_content_breaks_its_reader(data: bytes) -> None:
    read_tnef(b"\x78\x9f\x3e\x22\x00\x00" + data)
    read_invitation(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + data + b"\nEND:VEVENT\n")
    rtf_to_text(b"{\\rtf1 " + data)
    rtf_to_html(b"{\\rtf1\\fromhtml1 " + data)


def typed(kind: bytes, unit: bytes) -> bytes:
    return HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + unit * (SIZE // len(unit))


def coded(encoding: bytes, unit: bytes) -> bytes:
    head = HEAD + b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    return head + unit * (SIZE // len(unit))


def field(start: bytes, unit: bytes) -> bytes:
    return HEAD + start + unit * (SIZE // len(unit)) + b"\r\n\r\nx"


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "raw",
    [
        typed(b"text/plain", b"\x00"),
        typed(b"text/plain", b"\xe0"),
        typed(b"text/plain; charset=utf-8", b"a\xe0 "),
        typed(b"text/plain", b"~{ab"),
        typed(b"text/plain", b"\x1b$B!!\x1b(B"),
        typed(b"text/plain", b"begin 644 a\n"),
        typed(b"text/plain", b"=ybegin begin \n"),
        typed(b"text/plain", b"-----BEGIN PGP MESSAGE-----\n"),
        typed(b"text/plain", b"-----BEGIN PGP SIGNED MESSAGE-----\n"),
        typed(b"text/plain", b"<!--"),
        typed(b"text/plain; format=flowed", b"a \n"),
        typed(b"text/plain; charset=utf-8", "РџСЂ".encode()),
        typed(b"text/plain; charset=utf-8", "Ïð".encode()),
        typed(b"text/html", b"<meta "),
        typed(b"text/html", b"<img src=cid:"),
        typed(b"text/enriched", b"<param>"),
        typed(b"application/rtf", b"{\\rtf1 {\\*"),
        typed(b"text/calendar", b'BEGIN:VEVENT\nA;""'),
        typed(b"message/rfc822", b"Content-Type: message/rfc822\r\n\r\n"),
        typed(b"multipart/mixed; boundary=b", b"--b\r\n"),
        typed(b"multipart/mixed; boundary=b", b"--b"),
        typed(b"multipart/mixed", b"--a \n"),
        coded(b"quoted-printable", b"= \t"),
        coded(b"base64", b"QQ="),
        coded(b"base64", b"Q!\n"),
        field(b"", b"\r"),
        field(b"", b"junk junk\r\n"),
        field(b"Subject: ", b"=?a?q?b?= "),
        field(b"Subject: ", b"=?a?q?"),
        field(b"To: ", b"("),
        field(b"To: ", b'"\\"'),
        field(b"To: ", b"a@b:"),
        field(b"From: ", b"a"),
        field(b"Date: ", b"1.1.1 "),
        field(b"References: ", b"<"),
        field(b"Content-Type: a/b; name=", b'" '),
        field(b"Content-Type: a/b; name*0*=a''", b"%41"),
    ],
)
def test_no_letter_takes_longer_than_its_size_allows(raw: bytes) -> None:
    read(raw)
