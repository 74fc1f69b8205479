"""Letters written after the habits of real programs, read as people would read them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from otklik.channels.contract import Address, Automation, InboundMessage
from otklik.plugins.channel_email.reading import (
    Envelope,
    ReadingRules,
    Unreadable,
    read_message,
)

MESSAGES = Path(__file__).parent / "messages"
RULES = ReadingRules(
    own_addresses=frozenset({"support@demo.example"}),
    desk_ids=frozenset({"ours"}),
    trusted_hosts=("mx.demo.example",),
)


def read(name: str) -> InboundMessage:
    return read_message((MESSAGES / f"{name}.eml").read_bytes(), rules=RULES)


def letter(head: str, body: str | bytes = "Hello\n") -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return (
        head.strip().replace("\n", "\r\n").encode("utf-8", "surrogateescape") + b"\r\n\r\n" + data
    )


def test_a_gmail_reply_gives_its_thread_sender_and_text() -> None:
    message = read("gmail_reply_ru")

    assert message.sender == Address("olga.nesterova@gmail.com", "Ольга Нестерова")
    assert message.subject == "Re: [#4812] Кофемашина не включается"
    assert message.external_id == "CAJx2=Rk9xQ@mail.gmail.com"
    assert message.references == ("m17.a1b2@desk.polden.example", "CAJx1@mail.gmail.com")
    assert message.ticket_hint == 4812
    assert message.language == "ru"
    assert message.automation is Automation.HUMAN
    assert message.sent_at is not None
    assert message.sent_at.isoformat() == "2026-11-20T09:41:09+00:00"
    assert "gmail_quote" in message.html


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cp1251_as_utf8", "Здравствуйте! Кофемашина не включается, помогите пожалуйста."),
        ("koi8r_unlabelled", "Добрый день, заказ не пришёл. Когда будет доставка?"),
        ("utf8_as_latin1", "Счёт не пришёл"),
        ("iso2022jp", "こんにちは。注文が届きません。"),
    ],
)
def test_a_wrong_or_missing_charset_label_does_not_garble_the_text(name: str, text: str) -> None:
    assert read(name).text.strip() == text


def test_headers_in_other_charsets_are_read() -> None:
    assert read("iso2022jp").sender.name == "山田"
    assert read("utf8_as_latin1").subject == "Счёт"
    assert read("outlook_reply_ru").sender.name == "Громов Алексей"


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "utf-8", "iso8859-5", "cp866"])
def test_raw_eight_bit_subjects_and_names_are_guessed(charset: str) -> None:
    raw = (
        "From: Ольга Нестерова <olga@polden.example>\r\nSubject: Счёт не пришёл, помогите\r\n\r\nx"
    )

    message = read_message(raw.encode(charset))

    assert message.subject == "Счёт не пришёл, помогите"
    assert message.sender.name == "Ольга Нестерова"


@pytest.mark.parametrize(
    "charset", ["cp1251", "koi8-r", "utf-8", "utf-7", "utf-16", "mac-cyrillic"]
)
def test_a_true_label_is_believed(charset: str) -> None:
    head = f"From: a@b.example\nContent-Type: text/plain; charset={charset}"
    message = read_message(letter(head, "Ёлки. Да".encode(charset)))

    assert message.text == "Ёлки. Да"


def test_western_text_is_not_taken_for_russian() -> None:
    body = "Sehr geehrte Damen und Herren, die Rechnung für Müller über fünf Stück fehlt. Grüße"
    message = read_message(letter("From: a@b.example", body.encode("cp1252")))

    assert message.text == body


def test_a_letter_cut_in_the_middle_of_an_encoded_word_is_joined() -> None:
    head = "From: a@b.example\nSubject: =?utf-8?B?0JfQsNC60LDQtyDQ?=\n =?utf-8?B?vdC1?= [#7]"
    message = read_message(letter(head))

    assert message.subject == "Заказ не [#7]"
    assert message.ticket_hint == 7


def test_files_keep_their_names_and_get_one_when_they_have_none() -> None:
    message = read("mixed_attachments")
    files = {file.name: file for file in message.files}

    assert set(files) == {
        "image-1.png",
        "Акт приёмки.pdf",
        "Договор.doc",
        "attachment-4.bin",
        "Inner letter.eml",
        "invitation.ics",
        "passwd",
    }
    assert files["image-1.png"].is_inline
    assert files["image-1.png"].content_id == "pic1@x"
    assert not files["Акт приёмки.pdf"].is_inline
    assert files["Акт приёмки.pdf"].content == b"%PDF-"
    assert b"Inner text" in files["Inner letter.eml"].content
    assert message.text.strip() == "See"
    assert message.sent_at is None
    assert message.sender.address == "olga@polden.example"
    assert [one.name for one in message.to] == ["", "Склад, приёмка"]
    assert [one.address for one in message.cc] == ["second@polden.example"]


def test_what_is_missing_is_made_up_and_noted() -> None:
    raw = letter("Subject: hello", "text")
    message = read_message(raw, envelope=Envelope("Olga@Polden.example", ("support@demo.example",)))

    assert message.sender.address == "olga@polden.example"
    assert message.external_id.endswith("@missing.invalid")
    assert (
        message.external_id
        == read_message(raw, envelope=Envelope("olga@polden.example")).external_id
    )
    assert message.sent_at is None
    assert "no Message-ID" in message.notes
    assert message.envelope_to == ("support@demo.example",)


def test_two_copies_on_different_ways_have_one_digest_and_a_changed_one_has_another() -> None:
    head = "Received: by {}\nFrom: a@b.example\nSubject: s\nMessage-ID: <1@x>"
    first = read_message(letter(head.format("mx1"), "one\r\ntwo"))
    second = read_message(letter(head.format("mx2"), "one\ntwo"))
    changed = read_message(letter(head.format("mx1"), "one\ntwo!"))

    assert first.digest == second.digest
    assert first.digest != changed.digest


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ('"Nesterova, Olga" <olga@polden.example>', ("olga@polden.example", "Nesterova, Olga")),
        ("Olga <SMTP:olga@polden.example>", ("olga@polden.example", "Olga")),
        ("olga@polden.example (Olga)", ("olga@polden.example", "Olga")),
        ("<OLGA@Polden.Example>", ("olga@polden.example", "")),
        ("Olga <mailto:olga@polden.example>", ("olga@polden.example", "Olga")),
        ("olga@почта.рф", ("olga@xn--80a1acny.xn--p1ai", "")),
        ('"evil@bank.example" <olga@polden.example>', ("olga@polden.example", "evil@bank.example")),
        ("=?utf-8?Q?Olga_=3Colga=40polden.example=3E?=", ("olga@polden.example", "Olga")),
    ],
)
def test_senders_are_read_however_they_are_written(field: str, expected: tuple[str, str]) -> None:
    message = read_message(letter(f"From: {field}\nSubject: s"))

    assert (message.sender.address, message.sender.name) == expected


def test_a_device_that_says_the_same_every_day_is_heard_every_day() -> None:
    def id_of(*received: str) -> str:
        head = "\n".join(f"Received: from {one}" for one in received)
        return read_message(letter(f"{head}\nFrom: scan@x.example\nSubject: No paper")).external_id

    monday = "scanner by mx with ESMTP id 4F1;\n Mon, 23 Nov 2026 08:00:00 +0300"
    tuesday = monday.replace("4F1;\n Mon, 23", "7A2;\n Tue, 24")

    assert id_of(monday) == id_of("mx by desk; later", monday)  # one letter, two ways
    assert id_of(monday) != id_of(tuesday)


def test_a_sender_that_is_no_address_is_kept_by_name() -> None:
    def sender(name: str) -> Address:
        return read_message(letter(f"From: {name}\nSubject: s")).sender

    olga = sender("Olga Nesterova")
    assert (olga.name, olga.address.partition("@")[2]) == ("Olga Nesterova", "sender.invalid")
    assert olga == sender("Olga Nesterova")
    # Else the scanner's letters would stand under Olga's name.
    assert olga.address not in {sender("Scanner").address, sender("<>").address}


def test_flowed_text_is_put_together_and_html_gives_text_with_quote_marks() -> None:
    assert (
        "> Когда купили? И сохранился ли чек, если вы покупали её не у нас?"
        in read("thunderbird_inline_ru").text
    )
    assert "> Ольга, сохранился ли чек?" in read("yandex_reply").text


def test_html_labelled_as_plain_text_is_html() -> None:
    message = read_message(
        letter("From: a@b.example", "<html><body><p>Hi <b>you</b></p></body></html>")
    )

    assert message.text.strip() == "Hi you"
    assert message.html.startswith("<html>")


@pytest.mark.parametrize(
    ("name", "automation"),
    [
        ("bounce_postfix", Automation.BOUNCE),
        ("vacation_exchange", Automation.AUTO_REPLY),
        ("gmail_reply_en", Automation.HUMAN),
        ("forward_ru", Automation.HUMAN),
    ],
)
def test_robots_are_told_from_people(name: str, automation: Automation) -> None:
    assert read(name).automation is automation


def test_a_bounce_belongs_to_the_letter_it_brings_back() -> None:
    assert read("bounce_postfix").references == ("m17.a1b2@desk.polden.example",)


@pytest.mark.parametrize(
    ("head", "automation"),
    [
        ("X-Otklik-Desk: ours", Automation.OWN),
        ("X-Otklik-Desk: another desk", Automation.HUMAN),
        ("Auto-Submitted: no", Automation.HUMAN),
        ("Auto-Submitted: auto-replied (vacation)", Automation.AUTO_REPLY),
        ("Auto-Submitted: auto-generated", Automation.NOTIFICATION),
        ("Precedence: bulk", Automation.LIST),
        ("List-Id: News <news.shop.example>", Automation.LIST),
        ("X-Auto-Response-Suppress: OOF, AutoReply", Automation.NOTIFICATION),
        ("Return-Path: <>", Automation.AUTO_REPLY),
        ("Return-Path: <olga@polden.example>", Automation.HUMAN),
        ("X-Failed-Recipients: olga@polden.example", Automation.BOUNCE),
        ("X-Autoreply: yes", Automation.AUTO_REPLY),
        (
            'Content-Type: multipart/report; report-type=feedback-report; boundary="x"',
            Automation.BOUNCE,
        ),
    ],
)
def test_each_mark_of_a_machine_counts(head: str, automation: Automation) -> None:
    message = read_message(letter(f"From: olga@polden.example\nSubject: s\n{head}"), rules=RULES)

    assert message.automation is automation


@pytest.mark.parametrize(
    ("subject", "automation"),
    [
        ("Out of Office Re: No hot water", Automation.AUTO_REPLY),
        ("[Auto-Reply] No hot water", Automation.AUTO_REPLY),
        ("Автоматты жауап: No hot water", Automation.AUTO_REPLY),
        ("Αυτόματη απάντηση: No hot water", Automation.AUTO_REPLY),
        ("Răspuns automat: No hot water", Automation.AUTO_REPLY),
        ("Я в отпуске до 30 ноября", Automation.AUTO_REPLY),
        ("Прочтено: No hot water", Automation.AUTO_REPLY),
        ("Re: Я в отпуске до 30 ноября", Automation.HUMAN),
        ("Re: out of office furniture", Automation.HUMAN),
    ],
)
def test_an_answer_whose_subject_says_away_is_a_machines(
    subject: str, automation: Automation
) -> None:
    head = f"From: olga@polden.example\nSubject: {subject}"

    answer = read_message(letter(f"{head}\nIn-Reply-To: <m1@demo.example>"), rules=RULES)
    assert answer.automation is automation
    assert read_message(letter(head), rules=RULES).automation is not Automation.AUTO_REPLY


def test_a_header_copied_into_a_first_letter_is_what_the_letter_is_about() -> None:
    """Without an answer's marks, and of people we are not: nobody quotes us there."""
    copied = "\n\nFrom: {who}\nSent: Friday, November 20, 2026 12:30 PM\nTo: olga@polden.example\n"
    text = f"Is this from you?{copied}Subject: Invoice\n\nPay here.\n\nShould I pay?"
    head = "From: olga@polden.example\nTo: support+abc@demo.example\nSubject: {subject}"

    def shown(who: str, subject: str, more: str = "") -> str:
        raw = letter(head.format(subject=subject) + more, text.format(who=who))
        return read_message(raw, rules=RULES).reply_text

    assert "Should I pay?" in shown("Shop <pay@shop.example>", "Strange letter")
    assert shown("Desk <support@demo.example>", "Strange letter") == "Is this from you?"
    assert shown("Shop <pay@shop.example>", "Re: Invoice") == "Is this from you?"
    answers = "\nIn-Reply-To: <m1@demo.example>"
    assert shown("Shop <pay@shop.example>", "Invoice", answers) == "Is this from you?"


def test_the_null_return_path_of_the_envelope_counts_and_an_own_group_list_does_not() -> None:
    plain = letter("From: olga@polden.example\nSubject: s")
    listed = letter("From: olga@polden.example\nList-Id: <support.demo.example>\nSubject: s")
    own = ReadingRules(own_lists=frozenset({"support.demo.example"}))

    assert read_message(plain, envelope=Envelope("")).automation is Automation.AUTO_REPLY
    assert (
        read_message(plain, envelope=Envelope("olga@polden.example")).automation is Automation.HUMAN
    )
    assert read_message(listed, rules=own).automation is Automation.HUMAN
    assert read_message(listed).automation is Automation.LIST


def test_authentication_is_believed_only_from_the_configured_host() -> None:
    head = (
        "Authentication-Results: mx.demo.example; spf=fail smtp.mailfrom=x;\n"
        " dkim=fail (bad) header.d=a; dkim=pass header.d=b; dmarc=none\n"
        "Authentication-Results: mx.evil.example; spf=pass; dkim=pass; dmarc=pass\n"
        "From: olga@polden.example"
    )

    assert read_message(letter(head), rules=RULES).authentication == {
        "spf": "fail",
        "dkim": "pass",
        "dmarc": "none",
    }
    assert read_message(letter(head)).authentication == {}


@pytest.mark.parametrize("raw", [b"", b"   \r\n", b"\x00\x01\x02\xff" * 50, b"no header at all"])
def test_bytes_that_hold_no_message_are_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_message(raw)


def test_deep_nesting_and_thousands_of_parts_neither_hang_nor_crash() -> None:
    deep = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(3000)
    )
    many = "--b\r\n\r\nx\r\n" * 5000
    wide = letter('From: a@b.example\nContent-Type: multipart/mixed; boundary="b"', many)

    with contextlib.suppress(Unreadable):
        read_message(b"From: a@b.example\r\n" + deep.encode())
    assert "too many parts; the rest is in the original" in read_message(wide).notes


def test_hostile_headers_bring_no_line_breaks_or_control_characters() -> None:
    head = (
        "From: =?utf-8?Q?Olga=0D=0ABcc:_x=40y.example?= <olga@polden.example>\n"
        "Subject: =?utf-8?Q?one=0D=0AX-Evil:_1=00?=\n"
        "Message-ID: <a\tb@x>\n"
        f"To: {', '.join(f'p{n}@x.example' for n in range(3000))}"
    )
    message = read_message(letter(head))

    assert message.sender.name == "Olga Bcc: x@y.example"
    assert message.subject == "one X-Evil: 1"
    assert "\t" not in message.external_id
    assert len(message.to) == 3000


@pytest.mark.parametrize(
    "sender", ['"olga n"@polden.example', "olga@[192.0.2.1]", "olga@-polden-.example", "x"]
)
def test_a_return_path_we_cannot_read_is_not_the_null_path_of_a_machine(sender: str) -> None:
    raw = letter("From: olga@polden.example\nSubject: Help")
    for path in (sender, f"<{sender}>"):
        message = read_message(raw, rules=RULES, envelope=Envelope(sender=path))
        assert message.automation is Automation.HUMAN
        assert message.envelope_sender is None
    for path in ("", "<>", " "):
        message = read_message(raw, rules=RULES, envelope=Envelope(sender=path))
        assert message.automation is Automation.AUTO_REPLY
        assert message.envelope_sender == ""
