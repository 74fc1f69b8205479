"""What the portal lets customers see, ask for and change, by REST."""

from __future__ import annotations

import pytest

from otklik.core.access import SYSTEM
from otklik.core.fields.actions import change_fields
from otklik.core.fields.tests.factories import make_field
from otklik.people.models import Person, User
from otklik.people.tests.factories import make_administrator, make_customer
from otklik.portal.tests.factories import furnish_desk
from otklik.tickets.models import Ticket
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
            "options": [{"name": "Red"}, {"name": "Blue"}],
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
