"""The desk's keys: who may keep them, that secrets never come out, what they open."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from otklik.core.access import Forbidden
from otklik.desk.models import Account
from otklik.people.tests.factories import actor_of, make_administrator, make_agent, user_of
from otklik.plugins.channel_email.accepting import accept_mail
from otklik.plugins.channel_email.protection.actions import import_keys, remove_key
from otklik.plugins.channel_email.protection.rows import DeskKey
from otklik.plugins.channel_email.protection.store import KEYS
from otklik.tickets.models import Message
from otklik.workspace.queries.letter_marks import card_of, marks_of
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]
PROTECTED = Path(__file__).parent / "messages" / "protected"
P12 = (PROTECTED / "desk.p12").read_bytes()
AUTHORITY = (PROTECTED / "authority.pem").read_bytes()


@pytest.fixture(autouse=True)
def _fresh_keys() -> None:
    KEYS.forget()


def test_an_encrypted_letter_opens_with_an_imported_key_and_is_shown_as_such(
    support: Account,
) -> None:
    dasha = actor_of(make_administrator("Dasha"))
    import_keys(dasha, P12, passphrase="geheim")
    import_keys(dasha, AUTHORITY)

    accept_mail((PROTECTED / "smime_enc.eml").read_bytes(), ["support@demo.example"])

    body = Message.objects.get().body
    assert body.text == "Привет, подписано"
    assert [mark.words for mark in marks_of(body.reading)] == [
        "Came encrypted",
        "Signed by olga@polden.example",
    ]


def test_marks_and_invitations_stand_on_the_tickets_page_and_in_rest(
    support: Account, client: Client
) -> None:
    dasha = make_administrator("Dasha")
    raw = (
        b"From: olga@polden.example\r\nMessage-ID: <1@polden.example>\r\nSubject: Visit\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/plain\r\n\r\nPlease come\r\n--b\r\n"
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
        b"DTSTART:20261120T070000Z\r\nDTEND:20261120T080000Z\r\nSUMMARY:Repair <b>\r\n"
        b"LOCATION:Hall 2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b\r\n"
        b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + (PROTECTED / "smime_des3.eml").read_bytes().partition(b"\n\n")[2]
        + b"\r\n--b--\r\n"
    )
    accept_mail(raw, ["support@demo.example"])
    message = Message.objects.get()
    client.force_login(user_of(dasha))
    page = client.get(f"/tickets/{message.ticket.number}/").content.decode()
    shown = program_of(dasha).get(f"/messages/{message.pk}").json()["reading"]

    assert "Repair &lt;b&gt;" in page
    assert "Hall 2" in page
    assert "Encrypted; the desk has no key for it" in page
    assert shown["invitation"]["start"] == "2026-11-20T07:00:00+00:00"
    assert shown["protection"]["encryption"] == "no_key"


def test_secrets_are_sealed_and_a_removed_key_opens_nothing(support: Account) -> None:
    dasha = actor_of(make_administrator("Dasha"))
    (row,) = import_keys(dasha, P12, passphrase="geheim")

    assert row.has_private
    assert b64encode(P12).decode() not in json.dumps(row.sealed)
    assert len(KEYS.load().smime) == 1
    remove_key(dasha, row)
    assert KEYS.load().smime == ()
    accept_mail((PROTECTED / "smime_des3.eml").read_bytes(), ["support@demo.example"])
    reading = Message.objects.get().body.reading or {}
    assert reading["protection"]["encryption"] == "no_key"


def test_only_those_who_manage_mailboxes_keep_keys(client: Client) -> None:
    marina = make_agent("Marina")
    with pytest.raises(Forbidden):
        import_keys(actor_of(marina), AUTHORITY)
    client.force_login(user_of(marina))
    assert client.get("/channel-email/keys/").status_code == 403
    assert program_of(marina).get("/mail-keys").status_code == 403
    assert not DeskKey.objects.exists()


def test_keys_by_screen(client: Client) -> None:
    client.force_login(user_of(make_administrator("Dasha")))
    wrong = {"file": SimpleUploadedFile("desk.p12", P12), "passphrase": "wrong"}
    right = {"file": SimpleUploadedFile("desk.p12", P12), "passphrase": "geheim"}

    assert client.post("/channel-email/keys/", wrong).status_code == 422
    assert client.post("/channel-email/keys/", right).status_code in (204, 302)
    page = client.get("/channel-email/keys/")
    assert "desk@polden.example" in page.content.decode()
    key = DeskKey.objects.get()
    client.post(f"/channel-email/keys/{key.pk}/removal/")
    assert not DeskKey.objects.exists()


def test_keys_by_rest_go_in_and_never_come_out() -> None:
    program = program_of(make_administrator("Dasha"))
    given = {"content": b64encode(P12).decode(), "passphrase": "geheim"}
    made = program.post("/mail-keys", given)
    listed = program.get("/mail-keys")

    assert made.status_code == 201
    assert listed.json() == made.json()
    assert {"private", "sealed", "passphrase", "public"} & set(made.json()[0]) == set()
    assert program.post("/mail-keys", {"content": "rubbish!"}).status_code == 422
    assert program.send("DELETE", f"/mail-keys/{made.json()[0]['id']}").status_code == 204
    assert program.get("/mail-keys").json() == []


def test_an_invitation_is_a_card_in_words() -> None:
    reading = {
        "invitation": {
            "method": "CANCEL",
            "summary": "Visit",
            "start": "2026-11-20T07:00:00+00:00",
            "location": "Hall 2",
            "organizer": {"name": "Olga", "address": "olga@polden.example"},
            "attendees": [{"name": "Alexey", "answer": "declined"}],
            "attendee_count": 3,
        }
    }
    card = card_of(reading)

    assert card is not None
    assert (card.kind, card.summary, card.where) == ("Meeting cancelled", "Visit", "Hall 2")
    assert card.start is not None
    assert card.attendees == "Alexey (declined), and 2 more"
    assert card_of(None) is None
    unknown = card_of({"invitation": {"summary": "x", "start": "2026-11-20T07:00:00", "zone": "Q"}})
    assert unknown is not None
    assert (unknown.start, unknown.said) == (None, "2026-11-20 07:00 (Q)")
