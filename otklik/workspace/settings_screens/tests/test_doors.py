"""Every page opens to who may, and says in words to others that they may not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from otklik.core.hooks.health import State, collect
from otklik.desk import builtin_texts
from otklik.people.tests import factories as people
from otklik.tickets.models import Tag
from otklik.workspace.settings_screens.tests.cast import browser_of, customer_browser

pytestmark = pytest.mark.django_db

PAGES = [
    "index",
    "company",
    "brands",
    "new_brand",
    "calendars",
    "new_calendar",
    "agents",
    "invite_agent",
    "teams",
    "new_team",
    "roles",
    "new_role",
    "statuses",
    "categories",
    "new_category",
    "tags",
    "texts",
    "health",
    "failed_jobs",
    "deliveries",
    "quarantine",
]


@pytest.mark.parametrize("name", PAGES)
def test_an_administrator_opens_it_and_nobody_else_does(name: str) -> None:
    url = reverse(f"settings_screens:{name}")
    dasha = browser_of(people.make_administrator())
    marina = browser_of(people.make_agent("Marina"))
    olga = customer_browser(people.make_customer())

    shown = dasha.get(url)
    assert shown.status_code == 200
    assert "Settings" in shown.content.decode()
    refused = marina.get(url)
    assert refused.status_code == 403
    assert "for those who may change" in refused.content.decode()
    assert olga.get(url).status_code == 404
    assert browser_of(None).get(url).headers["Location"].startswith("/sign-in/")


def test_every_single_thing_has_its_page() -> None:
    from otklik.desk.brands import default_brand

    dasha = browser_of(people.make_administrator())
    brand = default_brand()
    team = people.make_team()
    tag = Tag.objects.create(name="urgent", key="urgent")
    urls = [
        reverse("settings_screens:brand", args=[brand.pk]),
        reverse("settings_screens:calendar", args=[brand.calendar_id]),
        reverse("settings_screens:agent", args=[people.make_agent("Ilya").pk]),
        reverse("settings_screens:team", args=[team.pk]),
        reverse("settings_screens:tag", args=[tag.pk]),
        reverse("settings_screens:text", args=[builtin_texts.ACKNOWLEDGEMENT]),
    ]
    for url in urls:
        assert dasha.get(url).status_code == 200, url
    gone = reverse("settings_screens:brand", args=[9999])
    assert dasha.get(gone).status_code == 404


def test_the_navigation_shows_what_is_open_to_a_role() -> None:
    from otklik.core.access import SYSTEM
    from otklik.people.actions import create_role

    people.sync_roles()
    role = create_role(SYSTEM, name="Librarian", permissions=["desk.manage"])
    vera = browser_of(people.make_agent("Vera", roles_held=(role.code,)))

    page = vera.get(reverse("settings_screens:index")).content.decode()
    assert reverse("settings_screens:texts") in page
    assert reverse("settings_screens:agents") not in page
    assert vera.get(reverse("settings_screens:agents")).status_code == 403


def test_every_look_at_the_desks_health_can_be_taken() -> None:
    names = {item.name for item in collect()}
    assert {"events", "jobs", "outbox", "disk", "write_gate", "quarantine"} <= names
    assert not [item for item in collect() if "could not be looked" in str(item.title)]
    assert State.OK in {item.state for item in collect()}
