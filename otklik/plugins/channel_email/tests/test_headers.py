"""Header fields as they come: encoded words, addresses, dates and file names of all kinds."""

from __future__ import annotations

import pytest

from otklik.channels.contract import Address
from otklik.plugins.channel_email.addresses import parse_addresses
from otklik.plugins.channel_email.dates import read_date
from otklik.plugins.channel_email.headers import decode_field
from otklik.plugins.channel_email.reading import Envelope, read_message


def raw(text: str, charset: str = "utf-8") -> str:
    """A field as the parser hands it over: foreign bytes as surrogates."""
    return text.encode(charset).decode("ascii", "surrogateescape")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("=?utf-8?B?0JfQsNC60LDQtyDQ?= =?utf-8?B?vdC1?= [#7]", "Заказ не [#7]"),
        ("=?utf-8?B?0J/RgNC4?=\r\n =?utf-8?B?0LLQtd?= =?utf-8?B?GC?=", "Привет"),
        ('"=?utf-8?Q?=D0=9F?="', '"П"'),
        ("x=?utf-8?Q?=D0=9F?=y", "xПy"),
        ("=?utf-8?q?a b c?=", "a b c"),
        ("=?utf-8?q?a_b=5Fc?=", "a b_c"),
        ("=?windows-1251?B?z/Do4uXy?", "Привет"),
        ("=?utf-8?B?0J/RgNC40LLQtdGC", "Привет"),
        ("=?utf-8?B?0J/RgNC40LLQtdGC=?=", "Привет"),
        ("=?utf-8*ru?Q?=d0=9f=d1=80?=", "Пр"),
        ("=?koi8-r?B?8NLJ18XU?= =?windows-1251?B?7Ojw?=", "Приветмир"),
        ("=?utf-8?Q?What??=", "What?"),
        ("=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
        ("=?x-unknown?Q?=CF=F0=E8=E2=E5=F2?=", "Привет"),
        ("=?utf-8?B?0J/RgNC40LLQtdGC?=, =?utf-8?B?0LzQuNGA?=", "Привет, мир"),
        ("=?utf-8?Q?=3D=3Futf-8=3FQ=3F=D0=9F=3F=3D?=", "П"),
        ("=?UTF-8?Q?a=F0=9F?= =?UTF-8?Q?=98=80b?=", "a😀b"),
        ("=?utf-8?Q?=CF=F0=E8=E2=E5=F2,_=EC=E8=F0?=", "Привет, мир"),
        ("not =? a word ?=", "not =? a word ?="),
        ("Re: utf-8?B?0J/RgNC40LLQtdGC?=", "Re: Привет"),
        ("to be?B?not?=", "to be?B?not?="),
        (raw("Приве").replace("\udcb2", " \udcb2"), "Приве"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        (raw("Счёт не пришёл"), "Счёт не пришёл"),
        (raw("Счёт не пришёл", "cp1251"), "Счёт не пришёл"),
        (raw("Счёт не пришёл", "koi8-r"), "Счёт не пришёл"),
        (raw("Re: =?utf-8?Q?=D0=9F?= Счёт"), "Re: П Счёт"),
        ("Re: 注文が届きません".encode("iso2022_jp").decode("ascii"), "Re: 注文が届きません"),
        ("one\x00two\x07 three", "onetwo three"),
    ],
)
def test_encoded_words_are_read_however_broken(field: str, text: str) -> None:
    assert decode_field(field.replace("\r\n ", " ")) == text


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("Olga <olga@polden.example>", [("Olga", "olga@polden.example")]),
        ("=?utf-8?Q?Ivanov,_Ivan?= <i@b.example>", [("Ivanov, Ivan", "i@b.example")]),
        ('"=?utf-8?B?0J7Qu9GM0LPQsA==?=" <o@p.example>', [("Ольга", "o@p.example")]),
        ("undisclosed-recipients:;", []),
        ("Undisclosed recipients: ;", []),
        (
            'Team: a@b.example, "C, D" <c@d.example>;',
            [("", "a@b.example"), ("C, D", "c@d.example")],
        ),
        ("olga@polden.example (Olga Nesterova)", [("Olga Nesterova", "olga@polden.example")]),
        ("Olga (the (old) one) <o@p.example>", [("Olga", "o@p.example")]),
        ('"Olga" olga@x.example', [("Olga", "olga@x.example")]),
        ("Olga <olga@x.example", [("Olga", "olga@x.example")]),
        ("<@r1,@r2:u@h.example>", [("", "u@h.example")]),
        ('"x@y.example" <real@z.example>', [("x@y.example", "real@z.example")]),
        ("a@b.example; c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("'Ivan' <i@x.example>", [("Ivan", "i@x.example")]),
        ("=?utf-8?B?0JjQstCw0L0gPGlAeC5leGFtcGxlPg==?=", [("Иван", "i@x.example")]),
        (
            '"unclosed <a@b.example>, c@d.example',
            [("unclosed", "a@b.example"), ("", "c@d.example")],
        ),
        ("Name <mailto:a@b.example>", [("Name", "a@b.example")]),
        ("a @ b.example", [("", "a@b.example")]),
        (raw("Ольга <ольга@пример.рф>"), [("Ольга", "ольга@xn--e1afmkfd.xn--p1ai")]),
        ("<olga@xn--e1afmkfd.xn--p1ai>", [("", "olga@xn--e1afmkfd.xn--p1ai")]),
        (raw("Ольга Нестерова <o@p.example>", "cp1251"), [("Ольга Нестерова", "o@p.example")]),
        (raw("Ольга Нестерова <o@p.example>", "koi8-r"), [("Ольга Нестерова", "o@p.example")]),
        ("Nesterova, Olga <o@p.example>", [("Nesterova, Olga", "o@p.example")]),
        (
            raw("ООО «Полдень», отдел <o@p.example>, c@d.example"),
            [("ООО «Полдень», отдел", "o@p.example"), ("", "c@d.example")],
        ),
        ("root, olga@p.example, daemon", [("", "olga@p.example")]),
        ('"Полдень "ТМ"" <o@p.example>', [('Полдень "ТМ"', "o@p.example")]),
        (raw("Olga <\u200bo@p.example\u202c>"), [("Olga", "o@p.example")]),
        ("Olga [o@p.example]", [("Olga", "o@p.example")]),
        ("nobody", []),
        ("", []),
    ],
)
def test_addresses_are_read_as_mail_programs_read_them(
    field: str, found: list[tuple[str, str]]
) -> None:
    assert [(one.name, one.address) for one in parse_addresses(field)] == found


def test_thousands_of_recipients_are_counted_and_read() -> None:
    listed = ",\r\n ".join(f"Reader {n} <r{n}@list.example>" for n in range(4000))
    message = read_message(f"From: a@b.example\r\nTo: {listed}\r\n\r\nhello".encode())

    assert len(message.to) == 4000


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Fri, 20 Nov 2026 10:00:00 +0300", "2026-11-20T07:00:00+00:00"),
        ("20 Nov 26 10:00 EST", "2026-11-20T15:00:00+00:00"),
        ("20 Nov 98 10:00:00 GMT", "1998-11-20T10:00:00+00:00"),
        ("Fri, 20 Nov 126 10:00:00 +0300", "2026-11-20T07:00:00+00:00"),
        ("Fri, 20 Nov 2026 10:00:00 MSK", "2026-11-20T07:00:00+00:00"),
        ("Fri, 20 Nov 2026 10:00:00 +0300 (MSK)", "2026-11-20T07:00:00+00:00"),
        ("Fri, 20 Nov 2026 10:00:00 GMT+03:00", "2026-11-20T07:00:00+00:00"),
        ("Fri, 20 Nov 2026 10:00:00 K", "2026-11-20T10:00:00+00:00"),
        ("Пт, 20 ноя 2026 10:00:00 +0300", "2026-11-20T07:00:00+00:00"),
        ("20 ноября 2026 г. 10:00", "2026-11-20T10:00:00+00:00"),
        ("20 листопада 2026 10:00 +0200", "2026-11-20T08:00:00+00:00"),
        ("vie, 20 nov. 2026 10:00:00 +0100", "2026-11-20T09:00:00+00:00"),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00+00:00"),
        ("2026-11-20 10:00:00.123 +03:00", "2026-11-20T07:00:00+00:00"),
        ("Fri Nov 20 10:00:00 MSK 2026", "2026-11-20T07:00:00+00:00"),
        ("Fri, 20-Nov-2026 10:00:00 GMT", "2026-11-20T10:00:00+00:00"),
        ("11/20/2026 10:00 PM", "2026-11-20T22:00:00+00:00"),
        ("20.11.2026 10.30", "2026-11-20T10:30:00+00:00"),
        ("Fri, 20 Nov 2026 10.00.00 +0300", "2026-11-20T07:00:00+00:00"),
        ("Fri, 20 Nov 2026 10:00:60 +0000", "2026-11-20T10:00:59+00:00"),
        ("Fri, 20 Nov 2026 10:00:00 +9999", "2026-11-20T10:00:00+00:00"),
        ("Tue, 19 Jan 2038 03:14:08 +0000", "2038-01-19T03:14:08+00:00"),
        ("1795164000", "2026-11-20T08:40:00+00:00"),
        ("2026年11月20日 10:00:00 +0800", "2026-11-20T02:00:00+00:00"),
        ("pt., 20 lis 2026 10:00:00 +0100", "2026-11-20T09:00:00+00:00"),
        ("Cum, 20 Kas 2026 10:00:00 +0300", "2026-11-20T07:00:00+00:00"),
        ("жм, 20 қар. 2026 10:00:00 +0500", "2026-11-20T05:00:00+00:00"),
    ],
)
def test_dates_of_all_programs_are_read(text: str, at: str) -> None:
    found = read_date(text)

    assert found is not None
    assert found.isoformat() == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Fri, 31 Feb 2026 10:00:00 +0000",
        "Thu, 1 Jan 1970 00:00:00 +0000",
        "9" * 99,
    ],
)
def test_impossible_dates_are_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ("filename*0*=utf-8''%D0%90; filename*1*=%D0%BA; filename*2=t.pdf", "Акt.pdf"),
        ("filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ("filename*=UTF-8''%D0%90%D0%BA%D1%82.pdf; filename=\"akt.pdf\"", "Акт.pdf"),
        ("filename*=koi8-r'ru'%C1%CB%D4.doc", "акт.doc"),
        ("filename*=\"utf-8''%D0%90.txt\"", "А.txt"),
        ('filename="=?utf-8?B?0JDQutGCLnBkZg==?="', "Акт.pdf"),
        ("filename==?utf-8?B?0JDQutGCLnBkZg==?=", "Акт.pdf"),
        ('filename="=?utf-8?B?0JDQ?=\r\n =?utf-8?B?utGCLnBkZg==?="', "Акт.pdf"),
        ('filename*0="=?utf-8?B?0JDQ"; filename*1="utGCLnBkZg==?="', "Акт.pdf"),
        ('filename="%D0%90%D0%BA%D1%82.pdf"', "Акт.pdf"),
        ('filename="100% done.txt"', "100% done.txt"),
        (raw('filename="Акт приёмки.pdf"', "cp1251"), "Акт приёмки.pdf"),
        (raw("filename=Акт приёмки v2.pdf"), "Акт приёмки v2.pdf"),
        ('filename="the "new" price.pdf"; size=3', 'the "new" price.pdf'),
        ('filename="C:\\Users\\Olga\\act.pdf"', "act.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        (raw('filename="invoice\u202efdp.exe"'), "invoicefdp.exe"),
        ('filename="a\x00b\x1f.txt"', "ab.txt"),
        ('filename="' + "a" * 400 + '.pdf"', "a" * 196 + ".pdf"),
        ('filename="unclosed.pdf', "unclosed.pdf"),
        ('filename="???.doc"\r\nContent-Type: x/y; name="=?utf-8?B?0JA=?=.doc"', "А.doc"),
    ],
)
def test_file_names_are_what_a_person_would_call_them(parameters: str, name: str) -> None:
    head = f"From: a@b.example\r\nContent-Disposition: attachment; {parameters}"
    kind = "" if "Content-Type" in parameters else "\r\nContent-Type: application/x-thing"
    data = (head + kind).encode("ascii", "surrogateescape") + b"\r\n\r\ncontent"

    assert [file.name for file in read_message(data).files] == [name]


def test_a_file_is_named_where_the_semicolon_was_forgotten() -> None:
    data = b"From: a@b.example\r\nContent-Disposition: attachment filename=act.pdf\r\n\r\nx"

    assert [file.name for file in read_message(data).files] == ["act.pdf"]


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        ("Sender: o@p.example", Address("o@p.example")),
        ("Reply-To: Olga <o@p.example>", Address("o@p.example", "Olga")),
        ("From: no address here", Address("env@p.example")),
        ("From:\r\nFrom: o@p.example", Address("o@p.example")),
        ("From: <>", Address("env@p.example")),
    ],
)
def test_a_letter_without_a_sender_gets_the_next_best(head: str, sender: Address) -> None:
    data = f"Subject: s\r\n{head}\r\n\r\nhello".encode()

    assert read_message(data, envelope=Envelope("env@p.example")).sender == sender


def test_of_several_senders_the_first_counts_and_the_others_are_copied() -> None:
    message = read_message(b"From: a@b.example, c@d.example\r\nSender: c@d.example\r\n\r\nhello")

    assert message.sender.address == "a@b.example"
    assert [one.address for one in message.cc] == ["c@d.example"]
    assert "several senders: the first counts, the others are copied" in message.notes


@pytest.mark.parametrize(
    "data",
    [
        b"From: a@b.example\nSubject: s\n\nhello",
        b"From: a@b.example\rSubject: s\r\rhello",
        b"From: a@b.example\r\r\nSubject: s\r\r\n\r\r\nhello",
        b"\xef\xbb\xbfFrom: a@b.example\r\nSubject: s\r\n\r\nhello",
        b"From a@b.example Fri Nov 20 10:00:00 2026\nFrom: a@b.example\nSubject: s\n\nhello",
        b">From a@b.example Fri Nov 20 10:00:00 2026\nFrom: a@b.example\nSubject: s\n\nhello",
        b"\r\n\r\nFrom: a@b.example\r\nSubject: s\r\n\r\nhello",
        b"From: a@b.example\r\nSubject: s\r\nhello",
        b"From : a@b.example\r\nSUBJECT:s\r\n\r\nhello",
        b"From: a@b.example\r\nbroken line\r\nSubject: s\r\n\r\nhello",
        b"From: a@b.example\r\nSubject:\r\n s\r\n \r\n\r\nhello",
        b"Fr\x00om: x\r\nFrom: a@b.example\r\nSubject: s\x00\r\n\r\nhello",
        "From: a@b.example\r\nSubject: s\r\n\r\nhello".encode("utf-16"),
    ],
)
def test_a_broken_frame_still_holds_a_letter(data: bytes) -> None:
    message = read_message(data)

    assert message.sender.address == "a@b.example"
    assert message.subject.split()[0] == "s"
    assert message.text.strip() == "hello"


def test_a_lone_carriage_return_makes_no_header_of_a_subject() -> None:
    message = read_message(b"From: a@b.example\r\nSubject: s\rTo: evil@x.example\r\n\r\nhello")

    assert message.to == ()
    assert message.subject == "s To: evil@x.example"


def test_a_flood_of_headers_is_bounded() -> None:
    flood = b"".join(b"X-Flood-%d: %s\r\n" % (n, b"x" * 60) for n in range(15_000))
    message = read_message(flood + b"From: a@b.example\r\nSubject: s\r\n\r\nhello")

    assert message.subject == "s"
    assert message.text == "hello"
