"""What the portal lets customers see, ask for and change, by REST."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.cache import cache

from otklik.core.access import SYSTEM
from otklik.core.fields.actions import change_fields
from otklik.core.fields.tests.factories import make_field
from otklik.core.settings import config
from otklik.people.limits import Limit
from otklik.people.models import Person, User
from otklik.people.tests.factories import make_administrator, make_agent, make_customer
from otklik.portal import uploads
from otklik.portal.limits import MAX_FILES
from otklik.portal.tests.factories import furnish_desk
from otklik.tickets import uploading
from otklik.tickets.models import Attachment, Ticket
from tests.rest.client import Program, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.data]


def _program(person: Person) -> Program:
    address = person.identities.get().value
    return Program(User.objects.create(email=address, person=person))


def test_a_customers_program_asks_fills_in_and_learns_no_more_than_the_portal_tells() -> None:
    furnish_desk()
    dasha = make_administrator("Dasha")
    staff = program_of(dasha)
    made = staff.post(
        "/fields",
        {
            "thing": "ticket",
            "key": "colour",
            "kind": "choice",
            "name": "Colour",
            "options": [{"name": "Red"}, {"name": "Blue", "labels": {"ru": "Синий"}}],
            "hint": "On the lid",
            "hints": {"ru": "На крышке"},
            "customer_access": "changed",
            "is_filterable": True,
        },
    )
    assert made.json()["customer_access"] == "changed"
    blue = {"all": [{"condition": "field.colour", "operator": "in", "value": ["blue"]}]}
    make_field("serial", customer_access="asked", required="opening", visible_when=blue)
    make_field("verdict", customer_access="shown")
    make_field("secret", default="do not tell")
    olga = _program(make_customer("Olga Nesterova"))
    pyotr = _program(make_customer("Pyotr", "pyotr@sever.example"))
    asked = olga.post("/requests/fields", {}).json()
    assert [row["key"] for row in asked] == ["colour"]
    assert [each["code"] for each in asked[0]["choices"]] == ["red", "blue"]
    spoken = olga.send("POST", "/requests/fields", {}, **{"Accept-Language": "ru"}).json()[0]
    assert (spoken["hint"], spoken["choices"][1]["words"]) == ("На крышке", "Синий")
    assert (asked[0]["hint"], asked[0]["choices"][1]["words"]) == ("On the lid", "Blue")
    asked = olga.post("/requests/fields", {"fields": {"colour": "blue", "secret": "x"}}).json()
    assert [(row["key"], row["is_needed"]) for row in asked] == [
        ("colour", False),
        ("serial", True),
    ]
    request = {"subject": "It drips", "text": "From below."}
    for fields, status, named in (
        ({"colour": "blue"}, 422, ["serial"]),
        ({"colour": "ultraviolet"}, 422, ["colour"]),
        ({"colour": "blue", "serial": "x" * 100_000}, 422, ["serial"]),
        ({"secret": "mine"}, 404, []),
        ({"verdict": "mine"}, 404, []),
        ({"nothing": "mine"}, 404, []),
    ):
        refused = olga.post("/requests", {**request, "fields": fields})
        assert (refused.status_code, list(refused.json().get("fields", {}))) == (status, named)
    assert not Ticket.objects.exists()
    fields = {"colour": "blue", "serial": "AB-17"}
    opened = olga.post("/requests", {**request, "fields": fields})
    assert opened.status_code == 201, opened.content
    ticket = Ticket.objects.get(number=opened.json()["number"])
    assert ticket.custom == {**fields, "secret": "do not tell"}
    change_fields(SYSTEM, ticket, {"verdict": "Pump"})
    place = f"/tickets/{ticket.number}/fields"
    shown = {row["key"]: row for row in olga.get(place).json()}
    assert [(key, row["may_edit"]) for key, row in shown.items()] == [
        *(("colour", True), ("serial", False), ("verdict", False)),
    ]
    assert {row["key"] for row in staff.get(place).json()} == {*shown, "secret"}
    assert "do not tell" not in olga.get(f"/tickets/{ticket.number}").content.decode()
    assert "do not tell" not in olga.get("/tickets").content.decode()
    changed = olga.send("PATCH", place, {"values": {"colour": "red"}, "was": {"colour": "blue"}})
    assert changed.status_code == 200
    assert [row["key"] for row in changed.json()] == ["colour", "verdict"]
    for values, was, status in (
        ({"colour": "blue"}, {"colour": "blue"}, 409),
        ({"serial": "AB-18"}, None, 403),
        ({"secret": "mine"}, None, 404),
    ):
        answer = olga.send("PATCH", place, {"values": values, "was": was})
        assert answer.status_code == status, answer.content
    # Nobody learns by guessing, and definitions are for staff.
    assert pyotr.get(place).status_code == 404
    assert pyotr.send("PATCH", place, {"values": {"colour": "red"}}).status_code == 404
    assert olga.get("/fields").status_code == 404
    assert olga.get("/tickets", query="field.secret:x").status_code == 422


def test_files_come_along_as_in_the_form_whose_they_are_how_many_and_how_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache.clear()
    furnish_desk()
    olga = _program(make_customer("Olga Nesterova"))
    pyotr = _program(make_customer("Pyotr", "pyotr@sever.example"))
    photo = olga.upload("till\u202e.png", b"\x89PNG\r\n\x1a\n" + bytes(40), "text/html").json()
    empty = olga.upload("empty.txt", b"").json()
    assert (photo["name"], photo["size"]) == ("till.png", 48)
    request = {"subject": "It drips", "text": "From below."}
    # Nobody sends the files of others, nor forgets them.
    for program, tokens, status in (
        (pyotr, [photo["token"]], 404),
        (olga, ["nothing"], 404),
        (olga, ["x" * 33], 422),
    ):
        refused = program.post("/requests", {**request, "uploads": tokens})
        assert refused.status_code == status, refused.content
    pyotr.send("DELETE", f"/uploads/{photo['token']}")
    many = [olga.upload(f"{n}.txt", b"words").json()["token"] for n in range(MAX_FILES + 1)]
    refused = olga.post("/requests", {**request, "uploads": many})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["uploads"])
    assert "At most 10 files" in refused.json()["title"]
    assert not Ticket.objects.exists()
    sent = {**request, "uploads": [photo["token"], empty["token"]]}
    opened = olga.post("/requests", sent, key="once-and-no-more")
    assert opened.status_code == 201, opened.content
    again = olga.post("/requests", sent, key="once-and-no-more")
    assert again.json()["number"] == opened.json()["number"]
    kept = Attachment.objects.get()  # what is empty is left out, what was claimed is looked at
    assert (kept.name, kept.content_type, kept.is_inline) == ("till.png", "image/png", False)
    talk = olga.get(f"/tickets/{opened.json()['number']}/messages").json()["items"]
    place = f"/attachments/{talk[0]['attachments'][0]['token']}"
    assert olga.get(place).content.startswith(b"\x89PNG")
    assert pyotr.get(place).status_code == 404
    # Bounded together, and in what waits to be sent; agents are not counted.
    small = replace(config(), max_upload=9)
    for module in (uploads, uploading):
        monkeypatch.setattr(module, "config", lambda: small)
    large = olga.post("/requests", {**request, "uploads": many[:2]})
    assert (large.status_code, list(large.json()["fields"])) == (422, ["uploads"])
    assert olga.upload("more.txt", b"words").status_code == 422  # a hundred bytes are there by now
    monkeypatch.setattr(uploading, "UPLOADS_OF_PERSON", Limit("uploads-person", 2, 3600))
    assert [pyotr.upload("a.txt", b"a").status_code for _ in range(3)] == [201, 201, 429]
    marina = program_of(make_agent("Marina"))
    assert [marina.upload("a.txt", b"a").status_code for _ in range(3)] == [201, 201, 201]
