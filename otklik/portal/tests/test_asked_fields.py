"""Custom fields that customers see and fill in, by every door of theirs."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from otklik.core.access import SYSTEM, Conflict, Forbidden, Invalid, Missing
from otklik.core.events.models import EventRow
from otklik.core.fields.actions import change_field, change_fields
from otklik.core.fields.models import IndexRow
from otklik.core.fields.tests.factories import make_field
from otklik.people.actors import actor_for_customer
from otklik.people.tests.factories import make_customer
from otklik.portal.tests.factories import browser_of, filled
from otklik.tickets.actions import close_ticket, open_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]

HX = {"HTTP_HX_REQUEST": "true"}
BLUE = {"all": [{"condition": "field.colour", "operator": "in", "value": ["blue"]}]}
HUGE = "x" * 100_000


@pytest.fixture
def fields(desk):
    """One of each kind, by key; ``secret`` and ``owner`` are nothing for customers to fill."""
    return {
        "colour": make_field("colour", "choice", customer_access="changed", labels={"ru": "Цвет"}),
        "serial": make_field(
            "serial",
            customer_access="asked",
            required="opening",
            visible_when=BLUE,
            hint="On the back, behind the tank.",
            hints={"ru": "Сзади, за баком."},
        ),
        "parts": make_field("parts", "multi", customer_access="changed"),
        "cups": make_field("cups", "number", customer_access="changed"),
        "bought": make_field("bought", "date", customer_access="asked"),
        "verdict": make_field("verdict", customer_access="shown"),
        "secret": make_field("secret", default="do not tell"),
        "owner": make_field("owner", "person", customer_access="shown"),
    }


def own_ticket(desk, person, **custom):
    identity = person.identities.get()
    opened = open_ticket(
        SYSTEM,
        subject="It drips",
        words=written_by_hand(text="From below."),
        requester=person,
        identity=identity,
        brand=desk,
        channel="email",
    )
    return change_fields(SYSTEM, opened.ticket, custom) if custom else opened.ticket


def test_the_form_asks_what_applies_and_a_stranger_gets_a_ticket_with_it(desk, fields):
    client = Client()
    page = client.get("/portal/new/").content.decode()
    asked = re.findall(r'name="(field-\w+)"', page)
    assert set(asked) == {"field-colour", "field-parts", "field-cups", "field-bought"}
    assert "do not tell" not in page
    assert "Цвет" in client.get("/portal/new/", HTTP_ACCEPT_LANGUAGE="ru").content.decode()
    # As they choose, more is asked; nothing is stored by asking.
    blue = {"field-colour": "blue"}
    russian = client.post("/portal/new/fields/", blue, HTTP_ACCEPT_LANGUAGE="ru", **HX).text
    assert "Сзади, за баком." in russian
    assert "On the back" not in russian
    russian = client.post(f"/portal/embed/{desk.pk}/fields/?lang=ru", blue).text
    assert "Сзади, за баком." in russian
    more = client.post("/portal/new/fields/", {"field-colour": "blue"}, **HX).content.decode()
    assert "<!doctype" not in more.lower()
    assert 'name="field-serial"' in more
    assert "On the back, behind the tank." in more
    assert '<option value="blue" selected>' in more
    framed = f"/portal/embed/{desk.pk}/"
    assert f'hx-post="{framed}fields/?lang=en"' in client.get(framed).content.decode()
    assert 'name="field-serial"' in client.post(f"{framed}fields/", {"field-colour": "blue"}).text
    # Without script they learn of it when they send, before anything is required in vain.
    plain = {"fields": "colour,parts,cups,bought", "field-colour": "blue"}
    brought = client.post("/portal/new/", filled(desk, **plain))
    assert brought.status_code == 422
    assert "What you chose brings more to fill in: Serial" in brought.content.decode()
    assert not Ticket.objects.exists()
    whole = {
        "fields": "colour,serial,parts,cups,bought",
        "field-colour": "blue",
        "field-serial": "<b>AB-17</b>",
        "field-parts": ["red", "green"],
        "field-cups": "1 200",
        "field-bought": "2026-02-03",
        "field-verdict": "guilty",
        "field-secret": "mine now",
        "field-owner": "1",
        "field-nothing": "x",
    }
    assert client.post("/portal/new/", filled(desk, **whole)).status_code == 302
    ticket = Ticket.objects.get()
    assert ticket.custom == {
        "colour": "blue",
        "serial": "<b>AB-17</b>",
        "parts": ["red", "green"],
        "cups": 1200,
        "bought": "2026-02-03",
        "secret": "do not tell",
    }
    assert IndexRow.objects.filter(field=fields["colour"], owner_id=ticket.pk).exists()
    # What went out of sight is not kept, whatever was posted for it.
    hidden = {"field-colour": "red", "field-serial": "AB-17", "subject": "Another"}
    assert client.post("/portal/new/", filled(desk, **hidden)).status_code == 302
    assert Ticket.objects.get(subject="Another").custom == {
        "colour": "red",
        "secret": "do not tell",
    }


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"field-colour": "blue", "field-serial": " "}, "This is needed."),
        ({"field-colour": "blue", "field-serial": HUGE}, "Between 1 and 2000 characters."),
        ({"field-colour": "ultraviolet"}, "Choose from the list."),
        ({"field-colour": HUGE}, "Choose from the list."),
        ({"field-parts": ["red", "nothing"]}, "Choose from the list."),
        ({"field-cups": "many"}, "Say a number."),
        ({"field-bought": "2026-13-45"}, "Say a date as 2026-03-01."),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field_and_typed_words_stay(
    desk, fields, wrong, words
):
    refused = Client().post("/portal/new/", filled(desk, **wrong))
    assert refused.status_code == 422
    page = refused.content.decode()
    assert words in page
    assert "Error E-07 since the morning." in page
    assert 'class="field-error"' in page
    assert not Ticket.objects.exists()


def test_the_requester_sees_what_is_shown_and_changes_what_is_theirs(desk, fields):
    olga, pyotr = make_customer("Olga Nesterova"), make_customer("Pyotr", "pyotr@sever.example")
    said = {"colour": "red", "verdict": "Pump <worn>", "secret": "lies", "owner": pyotr.pk}
    ticket = own_ticket(desk, olga, bought="2026-02-03", cups=1200, **said)
    client, page = browser_of(olga), f"/portal/requests/{ticket.number}/"
    for shown in (client.get(page), client.get(page, **HX)):  # whole, and as it comes live
        text = shown.content.decode()
        for words in ("Pump &lt;worn&gt;", "Red", "Pyotr", "3 February 2026", "1,200"):
            assert words in text
        assert "lies" not in text
        assert "Secret" not in text
    form = client.get(f"{page}details/").content.decode()
    names = set(re.findall(r'name="((?:field|was)-\w+)"', form))
    assert names == {f"{kind}-{key}" for kind in ("field", "was") for key in ("colour", "cups")} | {
        *("field-parts", "was-parts")
    }
    changed = {
        "fields": "colour,parts,cups",
        "field-colour": "green",
        "was-colour": "red",
        "field-parts": ["blue"],
        "was-parts": "",
        "field-cups": "",
        "was-cups": "1200",
        "field-bought": "1999-01-01",
        "field-secret": "mine now",
    }
    assert client.post(f"{page}details/", changed).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.custom["colour"], ticket.custom["parts"]) == ("green", ["blue"])
    assert "cups" not in ticket.custom
    assert (ticket.custom["bought"], ticket.custom["secret"]) == ("2026-02-03", "lies")
    told = EventRow.objects.filter(name="field.value_changed", ticket_id=ticket.pk)
    assert {row.actor_kind for row in told.order_by("-id")[:3]} == {"customer"}
    # A crossing change is told with what stands there; sending again sets one's own.
    crossed = client.post(f"{page}details/", {"field-colour": "blue", "was-colour": "red"})
    assert crossed.status_code == 409
    assert "It was changed meanwhile to “Green”." in crossed.content.decode()
    assert 'name="was-colour" value="green"' in crossed.content.decode()
    # Nobody else's, and nothing of what is closed.
    other = browser_of(pyotr)
    for foreign in (page, f"{page}details/"):
        assert other.get(foreign).status_code == 404
    assert other.post(f"{page}details/", changed).status_code == 404
    assert Client().post(f"{page}details/", changed).status_code == 302  # to sign in
    close_ticket(SYSTEM, ticket)
    assert f"{page}details/" not in client.get(page).content.decode()
    assert client.post(f"{page}details/", changed).status_code == 404


def test_the_door_itself_keeps_customers_to_what_is_theirs(desk, fields):
    olga, pyotr = make_customer("Olga Nesterova"), make_customer("Pyotr", "pyotr@sever.example")
    ticket, mine = own_ticket(desk, olga), actor_for_customer(olga)
    assert change_fields(mine, ticket, {"colour": "red"}).custom["colour"] == "red"
    for key, value, refusal in (
        ("secret", "mine", Missing),
        ("nothing", "mine", Missing),
        ("verdict", "not guilty", Forbidden),
        ("bought", "2026-01-01", Forbidden),
        ("owner", pyotr.pk, Forbidden),
        ("colour", "ultraviolet", Invalid),
    ):
        with pytest.raises(refusal):
            change_fields(mine, ticket, {key: value})
    with pytest.raises(Conflict):
        change_fields(mine, ticket, {"colour": "blue"}, was={"colour": "green"})
    with pytest.raises(Missing):
        change_fields(actor_for_customer(pyotr), ticket, {"colour": "blue"})
    # What is not offered any more stays, and is not chosen anew.
    change_field(SYSTEM, fields["parts"], options=[{"code": "red", "name": "Red"}])
    with pytest.raises(Invalid):
        change_fields(mine, ticket, {"parts": ["blue"]})
    # A field that the ticket does not show takes nothing; what is needed is not emptied.
    change_field(SYSTEM, fields["serial"], customer_access="changed")
    with pytest.raises(Missing):
        change_fields(mine, ticket, {"serial": "AB-17"})
    change_fields(mine, ticket, {"colour": "blue", "serial": "AB-17"})
    with pytest.raises(Invalid, match="This is needed"):
        change_fields(mine, ticket, {"serial": ""})
    close_ticket(SYSTEM, ticket)
    with pytest.raises(Forbidden):
        change_fields(mine, ticket, {"colour": "red"})
    # Whom a company knows is nobody's to enumerate; people have no fields for customers.
    for wrong in (
        {"kind": "person", "customer_access": "asked"},
        {"kind": "organisation", "customer_access": "changed"},
        {"thing": "person", "customer_access": "shown"},
        {"customer_access": "everything"},
    ):
        with pytest.raises(Invalid):
            make_field("another", **wrong)
