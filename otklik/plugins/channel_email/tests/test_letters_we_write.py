"""A rich reply as it leaves, read by the standard library's parser."""

from __future__ import annotations

import email.policy
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage

import pytest

from otklik.channels import sending
from otklik.channels.contract import OutboundFile
from otklik.core import files
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import actor_of, make_agent, make_customer
from otklik.plugins.channel_email.composing import compose
from otklik.tickets.actions import add_upload, reply_to_ticket, take_uploads
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Recipients
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x07" * 400


def test_a_rich_reply_with_a_picture_and_a_file_is_read_by_any_program() -> None:
    mailbox = make_mailbox("support@demo.example")
    olga = make_customer("Olga Nesterova")
    ticket = make_ticket(olga, account=mailbox)
    marina = actor_of(make_agent("Marina Kostina"))
    blob = files.store_blob(PICTURE)
    picture = add_upload(marina, blob, name="схема.png", content_type="image/png", is_inline=True)
    price = files.store_blob(b"%PDF-1.4 price")
    attached = add_upload(marina, price, name="Прайс\u202e.pdf", content_type="application/pdf")
    html = (
        "<p>Здравствуйте, <strong>Ольга</strong>!</p>"
        "<ul><li><p>выключите</p></li><li><p>подождите</p></li></ul>"
        "<blockquote><p>Вода еле тёплая</p></blockquote>"
        "<table><tbody><tr><th>Деталь</th><th>Цена</th></tr>"
        "<tr><td>Насос</td><td>5 €</td></tr></tbody></table>"
        '<p>См. <a href="https://help.example/pump">инструкцию</a> '
        f'<img src="/uploads/{picture.token}/" alt="схема"> '
        '<span data-ref="ticket:77">#77</span></p>'
        '<p onclick="x()" style="position:fixed">Конец<script>1</script></p>'
    )
    words = written_by_hand(
        html=html,
        files=take_uploads(marina, [attached.token, picture.token]),
        image_url=lambda _address: f"cid:{picture.token}",
        by_staff=True,
    )
    message = reply_to_ticket(
        marina, ticket, words=words, recipients=Recipients(to=[olga.identities.get()])
    )
    message.refresh_from_db()
    outbound = sending.build(message, {"to": [olga.identities.get().pk]})

    def read(file: OutboundFile) -> bytes:
        return PICTURE if file.is_inline else b"%PDF-1.4 price"

    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    raw = compose(outbound, at=at, desk_id="d", reply_to=None, read_file=read)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    letter = message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(letter, EmailMessage)
    assert not letter.defects
    plain, rich = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert rich is not None
    text, markup = plain.get_content(), rich.get_content()
    for line in (
        "Здравствуйте, Ольга!",
        "- выключите",
        "> Вода еле тёплая",
        "Деталь | Цена",
        "инструкцию (https://help.example/pump)",
        "#77",
    ):
        assert line in text
    for sign in ("<style", "class=", "data-ref", "onclick", "<script", "position", "/uploads/"):
        assert sign not in markup.replace('class="letter"', "")
    assert "border-left: 3px solid" in markup
    assert "border-collapse: collapse" in markup
    assert f'src="cid:{picture.token}"' in markup
    related = next(part for part in letter.walk() if part.get_content_type() == "multipart/related")
    inline = [part for part in related.walk() if part.get("Content-ID")]
    assert [part["Content-ID"] for part in inline] == [f"<{picture.token}>"]
    assert inline[0].get_content() == PICTURE
    assert inline[0].get_content_disposition() == "inline"
    names = [part.get_filename() for part in letter.iter_attachments() if part.get_filename()]
    assert names == ["Прайс.pdf"]
