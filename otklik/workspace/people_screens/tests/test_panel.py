"""The customer panel on screen: beside a ticket and on the person's page."""

from __future__ import annotations

import pytest

from otklik.core.access import SYSTEM
from otklik.core.fields.actions import create_field
from otklik.people.actions import (
    change_organisation,
    change_person,
    create_consent_kind,
    write_customer_note,
)
from otklik.people.looks import looks
from otklik.people.models import Consent, CustomerNote, Look, Person
from otklik.people.tests import factories as people
from otklik.tickets.actions import add_note
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.people_screens.panels import Panel, register_panel
from otklik.workspace.settings_screens.tests.cast import browser_of, customer_browser

pytestmark = [pytest.mark.django_db, pytest.mark.data]
FRAGMENT = {"HTTP_HX_REQUEST": "true"}


def test_beside_a_ticket_stand_who_they_are_and_what_must_be_known() -> None:
    anna, polden = people.make_agent("Anna Manager"), people.make_organisation("Polden")
    olga = people.make_customer(organisation=polden)
    change_organisation(SYSTEM, polden, account_manager=anna, is_vip=True)
    change_person(SYSTEM, olga, time_zone="Asia/Tokyo")
    write_customer_note(SYSTEM, olga, "Never call before noon", is_pinned=True)
    write_customer_note(SYSTEM, olga, "Likes tea")
    ticket = make_ticket(olga)
    marina = browser_of(people.make_agent("Marina"))
    page = marina.get(f"/tickets/{ticket.number}/").content.decode()
    for words in ("Anna Manager", "VIP", 'data-zone="Asia/Tokyo"', "Never call before noon"):
        assert words in page, words
    assert "Likes tea" not in page  # it comes when it is opened
    panel = marina.get(f"/people/{olga.pk}/panel/", **FRAGMENT).content.decode()
    assert "Likes tea" in panel
    assert customer_browser(olga).get(f"/people/{olga.pk}/panel/").status_code == 404


def test_notes_and_consent_are_written_in_the_panel_and_on_a_plain_page() -> None:
    olga, dasha = people.make_customer(), people.make_administrator()
    news = create_consent_kind(people.actor_of(dasha), name="News")
    marina = browser_of(people.make_agent("Marina"))
    notes = f"/people/{olga.pk}/notes/"
    answer = marina.post(notes, {"text": "Speaks <b>French</b>", "pin": "1"}, **FRAGMENT)
    assert "Speaks &lt;b&gt;French" in answer.content.decode()
    assert marina.post(notes, {"text": ""}, **FRAGMENT).status_code == 422
    assert marina.post(notes, {"text": "Plain"}).headers["Location"] == f"/people/{olga.pk}/"
    note = CustomerNote.objects.get(text="Plain")
    here = f"/people/notes/{note.pk}/"
    marina.post(here, {"text": "Changed", "version": "1"}, **FRAGMENT)
    crossing = marina.post(here, {"text": "Mine", "version": "1"}, **FRAGMENT)
    assert crossing.status_code == 409
    assert "Changed" in crossing.content.decode()
    assert "Mine" in crossing.content.decode()
    removed = marina.post(here, {"remove": "1"}, **FRAGMENT)
    assert "undo" in removed.headers["HX-Trigger"]
    data = {"kind": news.pk, "given": "1", "how": "phone", "on": "2026-05-04", "evidence": "Call"}
    said = marina.post(f"/people/{olga.pk}/consents/", data, **FRAGMENT)
    assert "Call" in said.content.decode()
    assert Consent.objects.get().is_given
    future = marina.post(f"/people/{olga.pk}/consents/", data | {"on": "2999-01-01"}, **FRAGMENT)
    assert future.status_code == 422
    blocked = marina.post(f"/people/{olga.pk}/panel/block/", **FRAGMENT)
    assert "block/?undo=1" in blocked.headers["HX-Trigger"]
    marina.post(f"/people/{olga.pk}/panel/block/?undo=1", **FRAGMENT)
    assert not Person.objects.get(pk=olga.pk).is_blocked
    for address in (notes, here, f"/people/{olga.pk}/consents/"):
        assert customer_browser(people.make_customer()).post(address).status_code == 404


def test_fields_of_the_person_are_filled_in_beside_the_ticket() -> None:
    dasha, olga = people.make_administrator(), people.make_customer()
    create_field(people.actor_of(dasha), thing="person", kind="text", key="shoes", name="Shoe size")
    ticket, marina = make_ticket(olga), browser_of(people.make_agent("Marina"))
    panel = marina.get(f"/people/{olga.pk}/panel/", **FRAGMENT).content.decode()
    assert 'for="person-field-shoes"' in panel
    url = f"/people/{olga.pk}/fields/shoes/"
    answer = marina.post(url, {"value": "39", "was": ""}, **FRAGMENT)
    assert ">39</textarea>" in answer.content.decode()
    assert "undo" in answer.headers["HX-Trigger"]
    crossing = marina.post(url, {"value": "42", "was": ""}, **FRAGMENT)
    assert crossing.status_code == 409
    assert ">39</textarea>" in crossing.content.decode()
    assert "39" in marina.get(f"/people/{olga.pk}/").content.decode()
    assert customer_browser(olga).post(url, {"value": "1"}, **FRAGMENT).status_code == 404
    assert marina.get(f"/tickets/{ticket.number}/").status_code == 200


def test_people_who_are_two_are_suggested_no_more_and_again_when_that_is_undone() -> None:
    olga = people.make_customer("Olga Nesterova", "olga.n@gmail.com")
    other = people.make_customer("Olga", "olgan@gmail.com")
    marina, page = browser_of(people.make_agent("Marina")), f"/people/{olga.pk}/"
    assert "Perhaps the same person" in marina.get(page).content.decode()
    url = f"{page}not/{other.pk}/"
    answer = marina.post(url, **FRAGMENT)
    assert "Perhaps" not in answer.content.decode()
    assert f"{url}?undo=1" in answer.headers["HX-Trigger"]
    assert "Perhaps the same" not in marina.get(f"/people/{other.pk}/").content.decode()
    assert marina.post(f"{url}?undo=1").headers["Location"] == page
    assert "Perhaps the same person" in marina.get(page).content.decode()
    assert customer_browser(olga).post(url).status_code == 404


def test_a_part_of_another_room_stands_in_the_panel() -> None:
    from otklik.workspace.people_screens import panels

    register_panel(Panel("test", lambda request, person: f"Shoe size of {person}: 39"))
    try:
        olga = people.make_customer()
        marina = browser_of(people.make_agent("Marina"))
        assert "Shoe size of Olga" in marina.get(f"/people/{olga.pk}/").content.decode()
    finally:
        del panels._panels["test"]


def test_all_talk_is_read_in_a_drawer_beside_the_ticket_and_the_look_is_noted() -> None:
    looks.forget()
    olga, marina = people.make_customer(), people.make_agent("Marina")
    ticket = make_ticket(olga, "Boiler", text="The pump <i>screams</i>")
    add_note(people.actor_of(marina), ticket, words=written_by_hand(text="A difficult one"))
    browser, url = browser_of(marina), f"/people/{olga.pk}/talk/"
    drawer = browser.get(url, {"beside": ticket.number}, **FRAGMENT).content.decode()
    assert "<html" not in drawer
    assert "screams" in drawer
    assert "A difficult one" in drawer
    found = browser.get(url, {"q": "pump"}, **FRAGMENT).content.decode()
    assert "screams" in found
    assert "A difficult one" not in found
    assert browser.get(url, {"before": "nonsense"}).status_code == 422
    assert browser.get(url, {"ticket": "9" * 30}).status_code in (200, 422)
    assert customer_browser(olga).get(url).status_code == 404
    looks.flush()
    assert Look.objects.filter(person_id=olga.pk, viewer_id=marina.person_id).exists()


def test_kinds_of_consent_are_an_administrators() -> None:
    marina, dasha = browser_of(people.make_agent()), browser_of(people.make_administrator())
    assert marina.get("/settings/consents/").status_code == 403
    dasha.post("/settings/consents/new/", {"usual": "1"})
    page = dasha.get("/settings/consents/").content.decode()
    assert "News and offers" in page
    made = dasha.post("/settings/consents/new/", {"name": "Photographs", "label-ru": "Фото"})
    assert made.status_code == 302
