"""What goes out, judged by the standard library's strict parser and by the raw bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from otklik.channels.contract import Address, OutboundFile, OutboundMessage
from otklik.plugins.channel_email.composing import compose

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OLGA = Address("olga@polden.example", "Ольга Нестерова")
DESK = Address("support@demo.example", "Марина (Отклик)")


def outbound(**changes: object) -> OutboundMessage:
    values: dict[str, object] = {
        "external_id": "m17.a1b2@desk.example",
        "sender": DESK,
        "subject": "Re: [#4812] Кофемашина не включается, и это очень длинная тема обращения о ней",
        "text": "Здравствуйте, Ольга.\n.точка в начале строки\n",
        "to": (OLGA,),
        "language": "ru",
    }
    return OutboundMessage(**(values | changes))


def write(message: OutboundMessage, reply_to: Address | None = None) -> bytes:
    return compose(
        message, at=AT, desk_id="ours", reply_to=reply_to, read_file=lambda file: b"PDF" * 100
    )


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_plain_reply_has_what_threads_need() -> None:
    raw = write(
        outbound(in_reply_to="2@x", references=("1@x", "2@x")),
        Address("support+token@demo.example", "Отклик"),
    )
    message = parsed(raw)

    assert message["From"].addresses[0].display_name == "Марина (Отклик)"
    assert message["From"].addresses[0].addr_spec == "support@demo.example"
    assert message["To"] == "Ольга Нестерова <olga@polden.example>"
    assert message["Reply-To"].addresses[0].addr_spec == "support+token@demo.example"
    assert message["Subject"] == outbound().subject
    assert message["Message-ID"] == "<m17.a1b2@desk.example>"
    assert message["In-Reply-To"] == "<2@x>"
    assert str(message["References"]).split() == ["<1@x>", "<2@x>"]
    assert message["X-Otklik-Desk"] == "ours"
    assert message["Date"].datetime == AT
    assert message["Auto-Submitted"] is None
    body = message.get_body()
    assert body is not None
    assert (
        body.get_content().replace("\r\n", "\n") == "Здравствуйте, Ольга.\n.точка в начале строки\n"
    )


def test_an_automatic_letter_says_so() -> None:
    message = parsed(write(outbound(is_automatic=True, in_reply_to="2@x")))

    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert parsed(write(outbound(is_automatic=True)))["Auto-Submitted"] == "auto-generated"


def test_lines_are_short_and_end_in_crlf() -> None:
    raw = write(outbound(html="<p>" + "Очень длинный абзац. " * 400 + "</p>"))

    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_html_files_and_pictures_are_nested_as_programs_expect() -> None:
    files = (
        OutboundFile(
            "Акт приёмки выполненных работ за ноябрь 2026 года, подписанный.pdf",
            "application/pdf",
            "0" * 64,
            300,
        ),
        OutboundFile("pic.png", "image/png", "1" * 64, 300, content_id="pic@x", is_inline=True),
        OutboundFile("letter.eml", "message/rfc822", "2" * 64, 300),
    )
    message = parsed(write(outbound(html='<p>Да <img src="cid:pic@x"></p>', files=files)))

    assert message.get_content_type() == "multipart/mixed"
    related, pdf, letter = message.iter_parts()
    assert related.get_content_type() == "multipart/related"
    alternative, picture = related.iter_parts()
    assert [part.get_content_type() for part in alternative.iter_parts()] == [
        "text/plain",
        "text/html",
    ]
    assert picture["Content-ID"] == "<pic@x>"
    assert picture.get_content_disposition() == "inline"
    assert pdf.get_filename() == files[0].name
    assert pdf.get_content() == b"PDF" * 100
    assert letter.get_content_type() == "application/octet-stream"


def test_styles_move_onto_the_elements() -> None:
    html = "<style>p { color: red }</style><p>Hi</p>"
    part = parsed(write(outbound(html=html))).get_body(("html",))

    assert part is not None
    assert 'style="color: red' in part.get_content()


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: mallory@evil.example", "\nX: 1", "\u2028Bcc: x@y", "\x00"]
)
def test_nothing_brings_a_header_of_its_own(evil: str) -> None:
    raw = write(
        outbound(
            subject=f"s{evil}",
            sender=Address("support@demo.example", f"n{evil}"),
            external_id=f"id{evil}@x",
            in_reply_to=f"r{evil}@x",
            references=(f"q{evil}@x",),
            language=f"en{evil}",
            files=(OutboundFile(f"f{evil}.pdf", f"a/b{evil}", "0" * 64, 3, content_id=f"c{evil}"),),
        )
    )
    names = {name.lower() for name in parsed(raw)}
    lines = raw.split(b"\r\n")

    assert "bcc" not in names
    assert "x" not in names
    assert not any(line.lower().startswith((b"bcc:", b"x:")) for line in lines)
    assert b"\x00" not in raw


def test_blind_copies_are_nowhere_in_the_letter() -> None:
    raw = write(outbound(bcc=(Address("secret@polden.example"),)))
    alone = parsed(write(outbound(to=(), bcc=(Address("secret@polden.example"),))))

    assert b"secret" not in raw
    assert alone["To"] == "undisclosed-recipients:;"


def test_a_long_chain_of_references_keeps_its_ends() -> None:
    chain = tuple(f"{n}.{'x' * 60}@very.long.host.example" for n in range(300))
    message = parsed(write(outbound(references=chain, in_reply_to=chain[-1])))
    written = str(message["References"]).split()

    assert len(written) == 30
    assert written[0] == f"<{chain[0]}>"
    assert written[-1] == f"<{chain[-1]}>"
    assert b"=?" not in write(outbound(references=chain)).split(b"References:")[1].split(b"MIME")[0]
