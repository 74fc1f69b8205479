"""Letters of many parts, well built and broken: which part is the text, which are files."""

from __future__ import annotations

from base64 import b64encode, encodebytes

import pytest

from otklik.channels.contract import InboundMessage
from otklik.plugins.channel_email.reading import read_message

RUSSIAN = "Здравствуйте! Кофемашина не включается, помогите, пожалуйста."
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def read(head: str, body: str | bytes) -> InboundMessage:
    data = body.encode() if isinstance(body, str) else body
    return read_message(f"From: a@b.example\n{head}\n\n".encode() + data)


def parts(kind: str, *pieces: str, end: str = "--b--\n") -> InboundMessage:
    return read(
        f'Content-Type: multipart/{kind}; boundary="b"',
        "".join(f"--b\n{piece}\n" for piece in pieces) + end,
    )


PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n"


def test_soft_breaks_spaces_and_bare_signs_in_quoted_printable() -> None:
    head = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable"

    assert read(head, "one =  \ntwo=\nthree 1=2 =d0=9f =XY =").text == "one twothree 1=2 П =XY "


@pytest.mark.parametrize(
    "body",
    [
        b64encode(RUSSIAN.encode()),
        b64encode(RUSSIAN.encode()).rstrip(b"="),
        b64encode(RUSSIAN.encode())[:-3] if len(RUSSIAN.encode()) % 3 == 0 else b64encode(b""),
        encodebytes(RUSSIAN.encode()).replace(b"\n", b" \r\n\r\n"),
        b64encode(RUSSIAN.encode()).replace(b"0", b"\x000", 2),
        b64encode(RUSSIAN.encode()[:60]) + b"\n" + b64encode(RUSSIAN.encode()[60:]),
    ],
    ids=["whole", "unpadded", "cut", "spaced", "zeros", "two pieces"],
)
def test_base64_with_wrong_padding_noise_and_cuts(body: bytes) -> None:
    head = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64"

    assert RUSSIAN.startswith(read(head, body).text.rstrip("\ufffd"))


def test_a_footer_hung_on_base64_is_read_as_text() -> None:
    head = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64"
    body = encodebytes(RUSSIAN.encode()) + b"\n-- \nThis mail was scanned, and found clean.\n"

    text = read(head, body).text

    assert text.startswith(RUSSIAN)
    assert text.rstrip().endswith("This mail was scanned, and found clean.")


def test_plain_text_labelled_base64_stays_text() -> None:
    head = "Content-Type: text/plain\nContent-Transfer-Encoding: base64"

    assert read(head, "Hello, this is no base64 at all.\n").text.strip() == (
        "Hello, this is no base64 at all."
    )


@pytest.mark.parametrize("label", ["quoted printable", "Quoted-Printable;", "x-quoted-printable"])
def test_misspelt_encodings_are_known(label: str) -> None:
    head = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {label}"

    assert read(head, "=D0=9F").text == "П"


def test_an_encoding_nobody_declared_is_undone_when_words_come_out() -> None:
    quoted = "".join(f"={byte:02X}" for byte in RUSSIAN.encode())
    head = "Content-Type: text/plain; charset=utf-8"

    assert read(head, quoted).text == RUSSIAN
    assert read(head, encodebytes(RUSSIAN.encode())).text == RUSSIAN
    assert read(head, "price=20 a=b").text == "price=20 a=b"


def test_flowed_text_with_and_without_delsp() -> None:
    head = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp={}"

    assert read(head.format("yes"), "заказ \nанный товар\n").text == "заказанный товар"
    assert read(head.format("no"), "long \nline\n> quoted \n> too\n").text == (
        "long line\n> quoted too"
    )


def test_uuencoded_and_yenc_files_inside_a_text_become_files() -> None:
    # Made with: printf 'hello uu\n' | uuencode -m / uuencode note.txt
    text = 'See below\n\nbegin 644 note.txt\n)=&5S="!U=64*\n`\nend\nbye\n'
    content = b"".join(bytes([(byte + 42) % 256]) for byte in b"yenc data")
    yenc = b"=ybegin line=128 size=9 name=y.bin\r\n" + content + b"\r\n=yend size=9\r\n"
    message = read("Content-Type: text/plain", text.encode() + yenc)

    assert {file.name: file.content for file in message.files} == {
        "note.txt": b"test uue\n",
        "y.bin": b"yenc data",
    }
    assert message.text.split() == ["See", "below", "bye"]


def test_html_labelled_plain_and_plain_labelled_html() -> None:
    for body in ("<html><body><p>One</p></body></html>", "<div>One</div><div>Two<br></div>"):
        assert "One" in read("Content-Type: text/plain", body).html
    plain = read("Content-Type: text/html", "One\nTwo &amp; three\n")
    assert plain.html == ""
    assert plain.text == "One\nTwo & three"
    code = read("Content-Type: text/plain", "if a <b> c then\n")
    assert code.html == ""


def test_text_enriched_is_read_as_text() -> None:
    body = "<bold>Hello</bold>\n<color><param>red</param>world</color>\n\nnew << line"

    assert read("Content-Type: text/enriched", body).text == "Hello world\nnew < line"


def test_a_letter_of_rtf_alone_is_read() -> None:
    rtf = r"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}\f0 \'cf\'f0\'e8\'e2\'e5\'f2\par \u1052?}"
    message = read("Content-Type: application/rtf", rtf)

    assert message.text == "Привет\nМ"
    assert [file.content_type for file in message.files] == ["application/rtf"]


def test_alternatives_give_one_text_with_two_forms() -> None:
    message = parts("alternative", PLAIN + "Plain", HTML + "<p>Shaped</p>")

    assert (message.text, message.html) == ("Plain", "<p>Shaped</p>")


@pytest.mark.parametrize("plain", ["", " \n", "\n\n"])
def test_an_empty_plain_form_gives_way_to_the_html(plain: str) -> None:
    message = parts("alternative", PLAIN + plain, HTML + "<p>Shaped</p>")

    assert message.text.strip() == "Shaped"


@pytest.mark.parametrize(
    "html",
    ["<html><body><br></body></html>", '<style>p{}</style><img src="http://x.example/o.gif">'],
)
def test_an_html_form_without_a_word_gives_way_to_the_plain_one(html: str) -> None:
    message = parts("alternative", PLAIN + "Where is my order?", HTML + html)

    assert (message.text, message.html) == ("Where is my order?", "")


def test_a_link_whose_words_do_not_say_where_it_leads_says_it_where_no_plain_form_does() -> None:
    html = (
        '<p>My photo: <a href="https://disk.example/d/x?a=1&amp;b=2">IMG_1.jpg</a>, see also '
        '<a href="https://shop.example/">shop.example</a>, <a href="mailto:o@p.example">write</a> '
        "<a href=https://open.example/1>"
    )
    message = parts("mixed", HTML + html)
    assert message.text.startswith("My photo: IMG_1.jpg <https://disk.example/d/x?a=1&b=2>, see")
    assert message.reply_text == message.text
    assert message.text.count("<https:") == 1

    assert parts("alternative", PLAIN + "My photo", HTML + html).text == "My photo"


def test_an_invitation_that_hangs_on_as_a_mere_file_is_one() -> None:
    event = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Visit\nEND:VEVENT\n"
    head = "Content-Type: application/octet-stream; name=invite.ics\n\n"
    message = parts("mixed", PLAIN + "See you", head + event)

    assert message.invitation["summary"] == "Visit"
    assert [file.name for file in message.files] == ["invite.ics"]


def test_two_forms_called_mixed_are_one_text_and_two_texts_stay_two() -> None:
    same = parts("mixed", PLAIN + "Where is *my* order?", HTML + "<p>Where is <b>my</b> order?</p>")
    other = parts("mixed", PLAIN + "Where is my order?", HTML + "<p>A footer</p>")

    assert same.text == "Where is *my* order?"
    assert "<b>my</b>" in same.html
    assert other.text == "Where is my order?\n\nA footer"


def test_words_that_begin_and_end_are_no_file_and_a_broken_bundle_is_kept() -> None:
    words = "begin 100 meters north\nend\n"
    assert read("Content-Type: text/plain", words).text.strip() == words.strip()

    head = "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64"
    broken = read(head, b64encode(b"\x78\x9f\x3e\x22\x00\x00no attribute"))
    assert [file.name for file in broken.files] == ["winmail.dat"]
    assert "could not be opened" in "".join(broken.notes)


def test_a_plain_form_that_only_points_at_the_html_gives_way() -> None:
    words = "".join(
        f"<p>Paragraph {n} tells you of the order and of what to do.</p>" for n in range(40)
    )
    message = parts("alternative", PLAIN + "Your program shows no HTML.", HTML + words)

    assert "Paragraph 39" in message.text


def test_amp_is_left_out_and_no_file() -> None:
    message = parts("alternative", PLAIN + "Plain", "Content-Type: text/x-amp-html\n\n<html amp>")

    assert message.text == "Plain"
    assert message.files == ()


def test_pictures_of_related_parts_are_inline_by_id_and_by_location() -> None:
    html = HTML + '<p>Look <img src="cid:p%401"> <img src="http://x.example/b.png"></p>'
    first = f"Content-Type: image/png\nContent-ID: <p@1>\n\n{'x'}"
    second = "Content-Type: image/png\nContent-Location: http://x.example/b.png\n\ny"
    third = "Content-Type: image/png\nContent-ID: <unused@1>\n\nz"
    message = parts("related", html, first, second, third)

    assert [file.is_inline for file in message.files] == [True, True, False]
    assert "cid:p@1" in message.html
    assert f"cid:{message.files[1].content_id}" in message.html


def test_text_around_pictures_is_shown_in_its_order() -> None:
    picture = "Content-Type: image/png; name=a.png\nContent-Disposition: inline\n\nx"
    message = parts("mixed", PLAIN + "before", picture, PLAIN + "after", picture)

    assert message.text == "before\n\n[a.png]\n\nafter"
    assert message.html.index("before") < message.html.index("cid:") < message.html.index("after")
    assert [file.is_inline for file in message.files] == [True, False]


def test_apple_double_shows_the_file_without_its_icon() -> None:
    message = read(
        "Content-Type: multipart/appledouble; boundary=b",
        "--b\nContent-Type: application/applefile; name=x\n\nicon\n"
        "--b\nContent-Type: application/pdf; name=act.pdf\n\n%PDF\n--b--\n",
    )

    assert [file.name for file in message.files] == ["act.pdf"]


def test_a_forwarded_letter_is_a_file_by_its_subject() -> None:
    inner = "From: Olga <o@p.example>\nSubject: =?utf-8?B?0JfQsNC60LDQtw==?=\n\nInner words"
    message = parts("mixed", PLAIN + "See", f"Content-Type: message/rfc822\n\n{inner}")

    assert message.text == "See"
    assert message.files[0].name == "Заказ.eml"
    assert message.files[0].content.decode() == inner


def test_a_forward_without_words_shows_the_forwarded_ones() -> None:
    inner = "From: Olga <o@p.example>\nSubject: Order\n\nInner words"
    encoded = encodebytes(inner.encode()).decode()
    message = parts(
        "mixed", f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{encoded}"
    )

    assert "Inner words" in message.text
    assert "From: Olga <o@p.example>" in message.text
    assert message.files[0].content == inner.encode()


def test_a_digest_is_letters() -> None:
    message = parts(
        "digest", "\nFrom: o@p.example\nSubject: One\n\nfirst", "\nSubject: Two\n\nsecond"
    )

    assert [file.name for file in message.files] == ["One.eml", "Two.eml"]


def test_parts_of_a_larger_message_and_content_elsewhere_are_told() -> None:
    partial = read("Content-Type: message/partial; number=2; total=3; id=x", "middle")
    outside = read("Content-Type: message/external-body; access-type=URL; URL=x", "\n")

    assert "part 2 of 3 of a larger message" in partial.notes
    assert "the content is elsewhere (message/external-body)" in outside.notes


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Type: multipart/mixed; boundary=b", f"--b\n{PLAIN}hello\n"),
        ("Content-Type: multipart/mixed", f"--b\n{PLAIN}hello\n--b--\n"),
        ("Content-Type: multipart/mixed; boundary=wrong", f"--b\n{PLAIN}hello\n--b--\n"),
        ("Content-Type: multipart/mixed; boundary=b", "hello\n"),
        ("Content-Type: multipart/mixed; boundary=b", "hello\n--b--\n"),
        ("Content-Type: multipart/mixed; boundary=b", "--b\nhello\n--b--\n"),
        ("Content-Type: multipart/mixed; boundary=b", f"--b--\n--b\n{PLAIN}hello\n--b--\n"),
        ('Content-Type: multipart/mixed; boundary = "b" ;', f"--b  \n{PLAIN}hello\n--b--  \n"),
        (
            "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b",
            f"--b\n{PLAIN}hello\n--b--\n",
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64",
            encodebytes(f"--b\n{PLAIN}hello\n--b--\n".encode()).decode(),
        ),
        ("Content-Transfer-Encoding: base64", "hello\n"),
        ("Content-Type: text; charset=utf-8", "hello\n"),
        ("Content-Type: /", "hello\n"),
        ("Content-Type: text/plain charset=utf-8", "hello\n"),
        ("Content-Type: text/plain; charset", "hello\n"),
        ("Content-Type: ;;;;", "hello\n"),
        ("Content-Transfer-Encoding: 9bit", "hello\n"),
        ("Content-Disposition: attachment", "hello\n"),
        (
            "Content-Type: multipart/mixed; boundary=b",
            f"--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n{PLAIN}hello\n"
            f"--b\n{HTML}<p>hello</p>\n--b--\n",
        ),
        (
            "Content-Type: multipart/mixed; boundary=b",
            f"--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n{PLAIN}hello\n--b--\n",
        ),
    ],
)
def test_a_broken_build_still_gives_its_words_once(head: str, body: str) -> None:
    message = read(head, body)

    assert message.text.strip() == "hello"


def test_a_file_sent_as_binary_keeps_every_byte() -> None:
    content = bytes(range(256)) + b"\r\n\n\r end"
    head = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    part = b"Content-Type: image/x-thing; name=a.bin\r\nContent-Transfer-Encoding: binary\r\n\r\n"

    assert read_message(head + part + content + b"\r\n--b--\r\n").files[0].content == content


def test_an_attachment_of_25_megabytes_comes_whole() -> None:
    content = bytes(range(256)) * (25 * 4096)
    head = b"From: a@b.example\nContent-Type: application/zip; name=a.zip\n"
    data = head + b"Content-Transfer-Encoding: base64\n\n" + encodebytes(content)

    assert read_message(data).files[0].content == content


def test_cards_voices_and_nameless_parts_get_names() -> None:
    message = parts(
        "mixed",
        PLAIN + "See",
        "Content-Type: text/vcard\n\nBEGIN:VCARD\nEND:VCARD",
        "Content-Type: audio/wav\n\nRIFF",
        "Content-Type: application/octet-stream\nContent-Description: report.doc\n\nx",
    )

    assert [file.name for file in message.files] == ["contact.vcf", "voice-2.wav", "report.doc"]


def test_empty_letters_are_empty() -> None:
    for head, body in (
        ("Subject: s", ""),
        ("Content-Type: text/html", ""),
        ("Content-Type: multipart/mixed; boundary=b", "--b--\n"),
    ):
        message = read(head, body)
        assert message.text.strip() in ("", "--b--")
        assert message.files == ()
