"""Custom fields on every screen where they are filled in, and in REST."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

from django.test import Client

from otklik.core.fields.models import Field
from otklik.core.fields.tests.factories import make_field
from otklik.people.models import Organisation
from otklik.people.tests.factories import make_administrator, user_of
from otklik.tickets.models import Ticket
from tests.rest.client import program_of

FRAGMENT = {"HTTP_HX_REQUEST": "true"}
INCIDENT = {"all": [{"condition": "ticket.kind", "operator": "in", "value": ["incident"]}]}


def test_a_ticket_shows_and_takes_its_fields_in_place(
    at_desk: Client, cast: SimpleNamespace
) -> None:
    make_field("colour", "choice")
    make_field("parts", "multi")
    make_field("serial", required="solving")
    make_field("installer", "person")
    url = f"/tickets/{cast.ticket.number}"
    assert 'id="custom-colour"' in at_desk.get(f"{url}/").content.decode()
    first = {"value": "red", "was": ""}
    assert at_desk.post(f"{url}/custom/colour/", first, **FRAGMENT).status_code == 200
    crossing = at_desk.post(f"{url}/custom/colour/", first | {"value": "blue"}, **FRAGMENT)
    assert crossing.status_code == 409
    assert 'name="was" value="red"' in crossing.content.decode()
    again = {"value": ["", "red", "blue"], "was": ""}
    assert at_desk.post(f"{url}/custom/parts/", again, **FRAGMENT).status_code == 200
    assert at_desk.post(f"{url}/custom/parts/", again, **FRAGMENT).status_code == 409
    script = {"value": "<script>alert(1)</script>", "was": ""}
    shown = at_desk.post(f"{url}/custom/serial/", script, **FRAGMENT).content.decode()
    assert "&lt;script&gt;alert(1)" in shown
    at_desk.post(f"{url}/custom/installer/", {"value": cast.olga.pk, "was": ""})
    assert Ticket.objects.get(pk=cast.ticket.pk).custom == {
        "colour": "red",
        "parts": ["red", "blue"],
        "serial": "<script>alert(1)</script>",
        "installer": cast.olga.pk,
    }
    assert "Olga Nesterova" in at_desk.get(f"{url}/").content.decode()
    at_desk.post(f"{url}/custom/serial/", {"value": ""})
    solving = at_desk.post(f"{url}/status/", {"value": "solved"}, **FRAGMENT)
    assert solving.status_code == 422
    assert "Fill in before solving: Serial" in solving.content.decode()
    assert at_desk.post(f"{url}/custom/unknown/", {"value": "x"}).status_code == 404


def test_a_new_ticket_asks_what_its_kind_needs(at_desk: Client, cast: SimpleNamespace) -> None:
    make_field("serial", required="opening", visible_when=INCIDENT)
    make_field("colour", "choice", default="green")
    plain = at_desk.get("/tickets/new/").content.decode()
    assert 'name="field-serial"' not in plain
    assert 'name="field-colour"' in plain
    asked = at_desk.get("/tickets/new/fields/?kind=incident&field-colour=red").content.decode()
    assert 'name="field-serial"' in asked
    assert '<option value="red" selected>' in asked
    form = {
        "channel": "phone",
        "person": cast.olga.pk,
        "subject": "It leaks",
        "text": "Since Monday.",
        "kind": "incident",
        "priority": 20,
        "client_key": uuid4(),
        "field-colour": "blue",
    }
    refused = at_desk.post("/tickets/new/", form)
    assert refused.status_code == 422
    assert "Fill in first: Serial" in refused.content.decode()
    assert '<option value="blue" selected>' in refused.content.decode()
    assert at_desk.post("/tickets/new/", form | {"field-serial": "AB-17"}).status_code == 302
    made = Ticket.objects.get(subject="It leaks")
    assert made.custom == {"colour": "blue", "serial": "AB-17"}
    found = at_desk.get("/tickets/", {"query": "serial:AB-17"})
    assert found.status_code in (200, 422)


def test_people_and_organisations_show_theirs(at_desk: Client, cast: SimpleNamespace) -> None:
    make_field("birthday", "date", thing="person")
    make_field("contract", thing="organisation")
    coffee = Organisation.objects.get()
    page = f"/people/{cast.olga.pk}/"
    assert 'type="date"' in at_desk.get(page).content.decode()
    at_desk.post(f"{page}fields/birthday/", {"value": "1990-05-14", "was": ""})
    assert 'value="1990-05-14"' in at_desk.get(page).content.decode()
    at_desk.post(f"/organisations/{coffee.pk}/fields/contract/", {"value": "12/26"})
    assert "12/26" in at_desk.get(f"/organisations/{coffee.pk}/").content.decode()


def test_administrators_define_order_and_archive_fields(at_desk: Client) -> None:
    assert at_desk.get("/settings/fields/ticket/").status_code == 403
    dasha = Client()
    dasha.force_login(user_of(make_administrator()))
    assert "No fields of your own yet" in dasha.get("/settings/fields/ticket/").content.decode()
    assert dasha.get("/settings/fields/nothing/").status_code == 404
    form = {
        "name": "Cause",
        "kind": "choice",
        "key": "",
        "options": "Scale | ru: Накипь\nPump\n",
        "decimals": 0,
        "default": "Pump",
        "required": "solving",
        "visible_when": "kind:incident",
        "customer_access": "asked",
        "is_filterable": "on",
        "label-ru": "Причина",
        "hint": "What was found",
        "hint-ru": "Что нашли",
    }
    for line in ("Scale | fr: Tartre", "x" * 101):
        refused = dasha.post("/settings/fields/ticket/new/", form | {"options": line})
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["options"])
    wrong = dasha.post("/settings/fields/ticket/new/", form | {"visible_when": "kind:nonsense"})
    assert wrong.status_code == 422
    assert dasha.post("/settings/fields/ticket/new/", form).status_code == 302
    cause = Field.objects.get(key="cause")
    assert (cause.default, cause.required, cause.label("ru")) == ("pump", "solving", "Причина")
    editor = dasha.get(f"/settings/fields/{cause.pk}/").content.decode()
    assert "kind:incident" in editor
    assert '<option value="asked" selected>' in editor
    assert "scale | Scale | ru: Накипь" in editor
    assert "Что нашли" in editor
    hint = dict.fromkeys(("en", "fr"), "What was found") | {"ru": "Что нашли"}
    assert {code: cause.hint_in(code) for code in hint} == hint
    # A line that is written anew without its code stays the same option in every language.
    again = form | {"options": "Pump | ru: Насос\nScale", "version": 1}
    assert dasha.post(f"/settings/fields/{cause.pk}/", again).status_code == 302
    cause.refresh_from_db()
    assert cause.option_choices("ru") == [("pump", "Насос"), ("scale", "Накипь")]
    assert cause.option_choices("en") == [("pump", "Pump"), ("scale", "Scale")]
    crossing = form | {"options": "scale | Lime", "version": 7}
    assert dasha.post(f"/settings/fields/{cause.pk}/", crossing).status_code == 409
    make_field("serial")
    state = f"/settings/fields/{cause.pk}/state/"
    assert dasha.post(state, {"value": "down"}).status_code == 302
    assert [row.key for row in Field.objects.all()] == ["serial", "cause"]
    dasha.post(state, {"value": "archive"})
    assert "Archived" in dasha.get("/settings/fields/ticket/").content.decode()
    dasha.post(state, {"value": "restore"})
    assert Field.objects.get(key="cause").archived_at is None
    assert "does not show the field" in trial(dasha, cause)


def trial(dasha: Client, cause: Field) -> str:
    number = Ticket.objects.earliest("pk").number
    return dasha.get(f"/settings/fields/{cause.pk}/?ticket={number}").content.decode()


def test_programs_define_and_fill_fields(cast: SimpleNamespace) -> None:
    dasha, marina = program_of(make_administrator()), program_of(cast.marina)
    body = {
        "thing": "ticket",
        "key": "cause",
        "kind": "choice",
        "name": "Cause",
        "options": [{"name": "Scale", "labels": {"ru": "Накипь"}}],
        "hint": "What was found",
        "hints": {"ru": "Что нашли"},
    }
    assert marina.post("/fields", body).status_code == 403
    made = dasha.post("/fields", body).json()
    assert made["options"][0]["code"] == "scale"
    assert made["hints"] == {"ru": "Что нашли"}
    refused = dasha.patch(f"/fields/{made['id']}", {"hints": {"xx": "?"}})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["hints"])
    path = f"/tickets/{cast.ticket.number}/fields"
    filled = marina.patch(path, {"values": {"cause": "scale"}, "was": {"cause": None}}).json()
    assert [(row["key"], row["value"], row["words"]) for row in filled] == [
        ("cause", "scale", "Scale")
    ]
    assert (
        marina.patch(path, {"values": {"cause": None}, "was": {"cause": None}}).status_code == 409
    )
    assert marina.patch(path, {"values": {"cause": "rust"}}).status_code == 422
    assert marina.get(f"/people/{cast.olga.pk}/fields").json() == []
    opened = marina.post(
        "/tickets",
        {
            "subject": "New",
            "text": "It leaks",
            "requester": {"id": cast.olga.pk},
            "fields": {"cause": "scale"},
        },
    )
    assert opened.status_code == 201
    assert marina.get(f"/tickets/{opened.json()['number']}/fields").json()[0]["value"] == "scale"
    assert (
        dasha.send("PUT", "/fields/order", {"thing": "ticket", "ids": [made["id"]]}).status_code
        == 204
    )
    assert dasha.send("DELETE", f"/fields/{made['id']}").status_code == 204
    assert marina.get("/fields").json() == []
    assert dasha.post(f"/fields/{made['id']}/restoration").json()["is_archived"] is False
