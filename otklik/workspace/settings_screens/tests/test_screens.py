"""Every page of the settings and of people in a real browser: both themes, narrow and wide."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from otklik.core.access import SYSTEM
from otklik.desk.brands import default_brand
from otklik.people.models import User
from otklik.people.tests import factories as people
from otklik.tickets.actions.sorting import create_category
from otklik.tickets.models import Tag
from otklik.tickets.tests.factories import make_ticket
from otklik.workspace.settings_screens.tests.cast import browser_of
from otklik.workspace.settings_screens.tests.test_doors import PAGES

pytestmark = [pytest.mark.screen, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).resolve().parents[4] / "node_modules" / "axe-core" / "axe.min.js"
LONG = "Наталья Чернова-Константинопольская-Преображенская с Верхней Набережной улицы"


@pytest.fixture
def signed_in(page: Page, live_server: LiveServer) -> Page:
    dasha = people.make_administrator("Dasha Lim")
    cookie = browser_of(dasha).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.on("console", lambda said: _refuse(said.text))
    return page


def _refuse(said: str) -> None:
    assert "Content Security Policy" not in said, said


def _urls() -> list[str]:
    from django.utils import timezone

    from otklik.channels.quarantine import quarantine
    from otklik.core.jobs.models import Job
    from otklik.core.outbox.models import Delivery

    now = timezone.now()
    polden = people.make_organisation("Кофейня «Полдень»", ["polden.example"])
    olga = people.make_customer("Ольга Нестерова", "o.nesterova@polden.example")
    long = people.make_person(LONG, "a-very-long-address-of-somebody@mail.polden.example")
    make_ticket(olga, subject="Кофемашина не греет воду после чистки от накипи, ошибка E-07")
    team = people.make_team("Service", 2, [people.make_agent("Ilya Vetrov")])
    coffee = create_category(SYSTEM, name="Coffee machines")
    create_category(SYSTEM, name="Heating", parent=coffee)
    tag = Tag.objects.create(name="warranty", key="warranty")
    Job.objects.create(name="search.index", last_error="It broke", dead_at=now, attempts=10)
    Delivery.objects.create(
        key="k1",
        kind="letter",
        lane="kind:letter",
        status="uncertain",
        next_attempt_at=None,
        give_up_at=now,
        error_text="250 was never heard",
    )
    row = quarantine(
        "email",
        b"From: x\n\nno charset",
        account=None,
        reason="no text could be read",
        envelope_from="mallory@elsewhere.example",
    )
    brand = default_brand()
    return [
        *(reverse(f"settings_screens:{name}") for name in (*PAGES, "first_account")),
        reverse("settings_screens:brand", args=[brand.pk]),
        reverse("settings_screens:calendar", args=[brand.calendar_id]),
        reverse("settings_screens:agent", args=[team.agents.get().pk]),
        reverse("settings_screens:team", args=[team.pk]),
        reverse("settings_screens:tag", args=[tag.pk]),
        reverse("settings_screens:text", args=["mail.acknowledgement"]),
        reverse("settings_screens:quarantined", args=[row.pk]),
        "/people/",
        "/people/new/",
        f"/people/{olga.pk}/",
        f"/people/{long.pk}/",
        f"/people/{olga.pk}/change/",
        "/people/?q=nobody",
        "/organisations/",
        f"/organisations/{polden.pk}/",
        "/organisations/new/",
    ]


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390), ("light", 320)])
def test_no_page_is_inaccessible_or_scrolls_sideways(
    signed_in: Page, live_server: LiveServer, theme: str, width: int
) -> None:
    page = signed_in
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 844})
    wrong = []
    for url in _urls():
        page.goto(f"{live_server.url}{url}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            wrong.append(f"{url} is {wide} wide")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        wrong += [f"{url}: {each['id']} {each['nodes'][0]['html'][:160]}" for each in found]
    assert not wrong, "\n".join(wrong)


def test_the_last_administrator_stays_and_the_page_says_why(
    signed_in: Page, live_server: LiveServer
) -> None:
    page = signed_in
    page.goto(f"{live_server.url}/settings/agents/")
    page.click("text=Dasha Lim")
    page.click("button:has-text('Deactivate')")
    expect(page.locator(".form-errors")).to_contain_text("only administrator")
    expect(page.get_by_label("Name")).to_have_value("Dasha Lim")


def test_a_brands_colour_is_shown_as_it_will_be_used(
    signed_in: Page, live_server: LiveServer
) -> None:
    page = signed_in
    page.goto(f"{live_server.url}{reverse('settings_screens:brand', args=[default_brand().pk])}")
    page.locator("#id_color").fill("#ffd400")
    expect(page.locator("#colour")).to_contain_text("Made")
    expect(page.locator("#colour")).to_contain_text("#ffd400")


def test_blocking_is_taken_back_from_the_toast(signed_in: Page, live_server: LiveServer) -> None:
    page, olga = signed_in, people.make_customer()
    page.goto(f"{live_server.url}/people/{olga.pk}/")
    page.click("button:has-text('Block')")
    expect(page.locator(".toast")).to_contain_text("Nothing more is taken")
    page.click(".toast-action")
    expect(page.locator("button:has-text('Block')")).to_be_visible()
    expect(page.locator(".page-head")).not_to_contain_text("Blocked")


def test_an_organisation_is_found_by_typing(signed_in: Page, live_server: LiveServer) -> None:
    people.make_organisation("Полдень")
    page, anna = signed_in, people.make_person("Anna")
    page.goto(f"{live_server.url}/people/{anna.pk}/change/")
    page.locator("#organisation-words").click()
    page.locator(".combobox-list .menu-item").first.click()
    page.click("button:has-text('Save')")
    page.wait_for_url(f"**/people/{anna.pk}/")
    expect(page.locator(".people-columns")).to_contain_text("Полдень")


@pytest.mark.parametrize(
    ("language", "typed", "group", "chosen"),
    [
        ("en", "person ad", "People and organisations", "Person added"),
        ("ru", "человек доб", "Люди и организации", "Человек добавлен"),
    ],
)
def test_a_kind_of_event_is_found_by_typing_in_either_language(
    signed_in: Page, live_server: LiveServer, language: str, typed: str, group: str, chosen: str
) -> None:
    page = signed_in
    User.objects.update(language=language)
    people.make_customer("Olga Nesterova")
    page.goto(f"{live_server.url}/settings/events/?name=person.created")
    field = page.locator("#id_name")
    badge = page.locator(".combobox-box .badge").filter(has_text=chosen)
    expect(badge).to_be_visible()
    expect(field).to_have_value("")
    badge.get_by_role("button").click()
    expect(badge).to_have_count(0)
    field.fill(typed)
    offered = page.get_by_role("listbox").get_by_role("group", name=group)
    expect(offered.get_by_role("option", name=chosen, exact=True)).to_be_visible()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run('.combobox', {resultTypes: ['violations']})")["violations"]
    assert [each["id"] for each in found] == []
    field.press("Enter")
    expect(badge).to_be_visible()
    page.locator("form button.button").last.click()
    page.wait_for_url("**name=person.created**")
    expect(page.locator(".settings-audit li").first).to_contain_text(chosen)
