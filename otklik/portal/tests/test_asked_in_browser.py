"""Custom fields in the form for a new request, in a real browser, with script and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.core.fields.tests.factories import make_field
from otklik.portal.tests.factories import furnish_desk
from otklik.tickets.models import Ticket

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]

BLUE = {"all": [{"condition": "field.colour", "operator": "in", "value": ["blue"]}]}


def fill_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Your e-mail").fill("olga@polden.example")
    page.get_by_label("What is it about").fill("It drips")
    page.get_by_label("What happened").fill("From below.")
    page.get_by_label("Green").check()
    page.get_by_label("Colour").focus()
    page.get_by_label("Colour").select_option("blue")


def tall(page: Page, label: str) -> float:
    box = page.get_by_label(label).bounding_box()
    assert box is not None
    return box["height"]


def test_a_choice_brings_its_field_at_once_and_without_script_when_the_form_comes_back(
    page: Page, chromium: Browser, live_server: LiveServer
) -> None:
    brand = furnish_desk()
    make_field("colour", "choice", customer_access="asked")
    make_field("serial", customer_access="asked", required="opening", visible_when=BLUE)
    make_field("parts", "multi", customer_access="asked")
    for path in ("/portal/new/", f"/portal/embed/{brand.pk}/"):
        fill_in(page, live_server.url + path)
        serial = page.get_by_label("Serial")
        expect(serial).to_be_visible()
        # A line, as tall as those that cannot grow, also where it is refused below.
        assert tall(page, "Serial") == tall(page, "What is it about")
        # Nothing typed is lost, and the focus stays where it was.
        expect(page.get_by_label("What happened")).to_have_value("From below.")
        expect(page.get_by_label("Colour")).to_be_focused()
        expect(page.get_by_label("Green")).to_be_checked()
        page.get_by_label("Colour").select_option("red")
        expect(serial).to_have_count(0)
        page.get_by_label("Colour").select_option("blue")
        serial.fill("AB-17")
        page.wait_for_timeout(2000)  # nobody writes a request within a blink
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("heading", name="We have received request")).to_be_visible()
    plain = chromium.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    bare = plain.new_page()
    fill_in(bare, f"{live_server.url}/portal/new/")
    expect(bare.get_by_label("Serial")).to_have_count(0)
    bare.get_by_role("button", name="Send").click()
    expect(bare.get_by_text("What you chose brings more to fill in: Serial")).to_be_visible()
    assert tall(bare, "Serial") == tall(bare, "What is it about")
    bare.get_by_label("Serial").fill("AB-18")
    bare.wait_for_timeout(2000)
    bare.get_by_role("button", name="Send").click()
    expect(bare.get_by_role("heading", name="We have received request")).to_be_visible()
    plain.close()
    said = [ticket.custom for ticket in Ticket.objects.order_by("pk")]
    same = {"colour": "blue", "parts": ["green"]}
    assert said == [{**same, "serial": each} for each in ("AB-17", "AB-17", "AB-18")]
