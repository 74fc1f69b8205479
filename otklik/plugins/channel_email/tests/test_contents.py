"""Invitations after Google, Outlook and Apple; winmail.dat built by the tables of [MS-OXTNEF]."""

from __future__ import annotations

import struct

import pytest

from otklik.plugins.channel_email.contents.invitations import read_invitation
from otklik.plugins.channel_email.contents.rtf import decompress, rtf_to_html, rtf_to_text
from otklik.plugins.channel_email.contents.tnef import read_tnef
from otklik.plugins.channel_email.reading import read_message

GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
DTSTART:20261120T070000Z
DTEND:20261120T080000Z
ORGANIZER;CN=Olga Nesterova:mailto:olga@polden.example
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN="Gromov, Alexey";X-NUM=
 0:mailto:gromov@shop.example
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:support@demo.example
UID:abc@google.com
DESCRIPTION:Line one\\nLine two\\, with a comma
LOCATION:Кофейня «Полдень»\\, зал 2
SUMMARY:Настройка кофемашины
BEGIN:VALARM
DESCRIPTION:This is an event reminder
TRIGGER:-P0DT0H10M0S
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def event(*lines: str) -> bytes:
    body = "\r\n".join(("BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"))
    return body.encode()


def test_an_invitation_says_what_when_where_and_who() -> None:
    assert read_invitation(GOOGLE.encode()) == {
        "method": "REQUEST",
        "summary": "Настройка кофемашины",
        "location": "Кофейня «Полдень», зал 2",
        "description": "Line one\nLine two, with a comma",
        "organizer": {"address": "olga@polden.example", "name": "Olga Nesterova"},
        "attendees": [
            {"address": "gromov@shop.example", "name": "Gromov, Alexey", "answer": "accepted"},
            {"address": "support@demo.example", "answer": "needs-action"},
        ],
        "attendee_count": 2,
        "start": "2026-11-20T07:00:00+00:00",
        "end": "2026-11-20T08:00:00+00:00",
        "uid": "abc@google.com",
    }


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("DTSTART;TZID=Europe/Moscow:20261120T100000", "2026-11-20T07:00:00+00:00"),
        ('DTSTART;TZID="Russian Standard Time":20261120T100000', "2026-11-20T07:00:00+00:00"),
        (
            "DTSTART;TZID=/mozilla.org/2005/Europe/Moscow:20261120T100000",
            "2026-11-20T07:00:00+00:00",
        ),
        ("DTSTART;TZID=Custom:20261120T100000", "2026-11-20T10:00:00"),
        ("DTSTART:20261120T100000", "2026-11-20T10:00:00"),
        ("DTSTART;VALUE=DATE:20261120", "2026-11-20"),
        ("DTSTART:20261399T990000Z", None),
    ],
)
def test_the_time_is_known_where_its_zone_is(line: str, start: str | None) -> None:
    assert read_invitation(event(line, "SUMMARY:x")).get("start") == start


def test_a_zone_told_by_the_calendar_itself_is_used() -> None:
    rule = "BEGIN:STANDARD\nTZOFFSETTO:+0500\nEND:STANDARD\n"
    zone = f"BEGIN:VTIMEZONE\nTZID:Ours\n{rule}END:VTIMEZONE\n"
    text = GOOGLE.replace("BEGIN:VEVENT", f"{zone}BEGIN:VEVENT", 1)
    text = text.replace("DTSTART:20261120T070000Z", "DTSTART;TZID=Ours:20261120T120000")

    assert read_invitation(text.encode())["start"] == "2026-11-20T07:00:00+00:00"


def test_durations_cancellations_and_repetition() -> None:
    found = read_invitation(
        event(
            "DTSTART:20261120T070000Z", "DURATION:PT1H30M", "RRULE:FREQ=DAILY", "STATUS:CANCELLED"
        ),
        "CANCEL",
    )

    assert found["end"] == "2026-11-20T08:30:00+00:00"
    assert (found["method"], found["status"], found["repeats"]) == ("CANCEL", "cancelled", True)


def test_paths_keep_their_signs_and_a_letter_folded_in_two_is_one() -> None:
    path = event(r"LOCATION:\\\\files\\new\, room 2\nsecond floor", "DTSTART:20261120T070000Z")
    assert read_invitation(path)["location"] == "\\\\files\\new, room 2\nsecond floor"

    summary = "SUMMARY:Встреча о поставке зёрен".encode()  # RFC 5545 §3.1: octets are folded
    for at in (12, 13):
        folded = summary[:at] + b"\r\n " + summary[at:]
        whole = event("DTSTART:20261120T070000Z", "X-HERE:1").replace(b"X-HERE:1", folded)
        assert read_invitation(whole)["summary"] == "Встреча о поставке зёрен"


@pytest.mark.parametrize(
    "data", [b"", b"BEGIN:VCALENDAR", b"\xff\xfe\x00", b"BEGIN:VEVENT\n" * 5000, b":;=\n" * 999]
)
def test_what_is_no_invitation_is_none(data: bytes) -> None:
    assert read_invitation(data) == {}


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART;VALUE=DATE:99991231", "DURATION:P999W"),
        ("DTSTART;TZID=Europe/Moscow:00010101T000000",),
        ("DTSTART;TZID=America/New_York:99991231T235959",),
        ("DTSTART:99991231T235959Z", "DURATION:P999WT9999M"),
    ],
)
def test_times_at_the_end_of_the_world_keep_no_letter_out(lines: tuple[str, ...]) -> None:
    assert read_invitation(event(*lines, "SUMMARY:x"))["summary"] == "x"


def test_an_invitation_is_shown_once_and_kept_as_a_file() -> None:
    calendar = GOOGLE.replace("\n", "\r\n").encode()
    raw = (
        b"From: olga@polden.example\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
        b"Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n"
        b"Content-Type: text/plain\r\n\r\nPlease come\r\n--a\r\n"
        b'Content-Type: text/calendar; charset="UTF-8"; method=REQUEST\r\n\r\n'
        + calendar
        + b"\r\n--a--\r\n--m\r\nContent-Type: application/ics; name=invite.ics\r\n\r\n"
        + calendar
        + b"\r\n--m--\r\n"
    )
    message = read_message(raw)

    assert message.text == "Please come"
    assert message.invitation["summary"] == "Настройка кофемашины"
    assert [file.name for file in message.files] == ["invitation.ics"]


def test_an_invitation_alone_gives_the_letter_its_words() -> None:
    raw = (
        b"From: a@b.example\r\nContent-Type: text/calendar; charset=utf-8\r\n\r\n" + GOOGLE.encode()
    )

    assert read_message(raw).text.startswith("Настройка кофемашины\nКофейня «Полдень», зал 2")


def attribute(level: int, number: int, value: bytes) -> bytes:
    checksum = sum(value) & 0xFFFF
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", checksum)


def properties(*given: tuple[int, int, bytes]) -> bytes:
    output = struct.pack("<I", len(given))
    for kind, number, value in given:
        output += struct.pack("<HH", kind, number)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            output += struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)
        else:
            output += value
    return output


def winmail(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


RTF = rb"{\rtf1\ansi\ansicpg1251\fromhtml1 {\*\htmltag19 <p>}\'cf\'f0\'e8{\*\htmltag27 </p>}}"
STORED_RTF = struct.pack("<IIII", len(RTF) + 12, len(RTF), 0x414C454D, 0) + RTF
BUNDLE = winmail(
    attribute(1, 0x00069007, struct.pack("<II", 1251, 0)),
    attribute(1, 0x00069003, properties((0x102, 0x1009, STORED_RTF))),
    attribute(2, 0x00069002, b"\0" * 14),
    attribute(2, 0x00018010, "Акт.pdf".encode("cp1251") + b"\0"),
    attribute(2, 0x0006800F, b"%PDF-1"),
    attribute(
        2,
        0x00069005,
        properties(
            (0x1F, 0x3707, "Акт приёмки работ.pdf\0".encode("utf-16-le")),
            (0x1E, 0x370E, b"application/pdf\0"),
        ),
    ),
)


def test_winmail_gives_its_words_and_its_files() -> None:
    raw = (
        b"From: olga@polden.example\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
        b"Content-Type: text/plain\r\n\r\n\r\n--m\r\n"
        b"Content-Type: application/octet-stream; name=WINMAIL.DAT\r\n"
        b"Content-Transfer-Encoding: binary\r\n\r\n" + BUNDLE + b"\r\n--m--\r\n"
    )
    message = read_message(raw)

    assert message.html == "<p>При</p>"
    assert [(file.name, file.content) for file in message.files] == [
        ("Акт приёмки работ.pdf", b"%PDF-1")
    ]


def test_a_bundle_cut_anywhere_neither_fails_nor_invents() -> None:
    for cut in range(0, len(BUNDLE), 7):
        found = read_tnef(BUNDLE[:cut])
        assert found is None or all(b"%PDF-1".startswith(one.content) for one in found.files)
    assert read_tnef(b"no bundle at all") is None


def test_compressed_rtf_is_unpacked() -> None:
    # The example of [MS-OXRTFCP] §3.1.1.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af320"
        "68656c090020627705b06c647d0a800fa0"
    )

    assert decompress(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompress(packed[:30]).startswith(b"{\\rtf1")
    assert decompress(b"\0" * 40) == b""


def test_rtf_says_what_it_says() -> None:
    document = (
        rb"{\rtf1\ansi\ansicpg1251\deff0{\fonttbl{\f0\fcharset204 Arial;}}{\*\generator X;}"
        rb"\uc1\f0 \'cf\'f0\'e8\u1074?\u-10179?\u-8704?\par{\pict 0102}{\b bold} \{x\}\tab end}"
    )

    assert rtf_to_text(document) == "Прив😀\nbold {x}\tend"
    assert rtf_to_html(document) == ""
    assert rtf_to_text(b"no rtf") == ""
    assert rtf_to_text(b"{\\rtf1 " + b"{" * 100_000) == ""
