"""The first start without a demo: a link that works once, an administrator, a company."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from otklik.core.hooks.program import find_setup_link
from otklik.desk.brands import default_brand
from otklik.desk.company import company_language, company_name, is_set_up
from otklik.people.models import User
from otklik.people.roles import ADMINISTRATOR
from otklik.people.tests import factories as people

pytestmark = [pytest.mark.django_db, pytest.mark.data]

GIVEN = {
    "person": "Dasha Lim",
    "email": "dasha@zernopar.example",
    "password": "the kettle is warm",
    "name": "Зерно и Пар",
    "language": "ru",
    "time_zone": "Europe/Moscow",
}


@pytest.fixture(autouse=True)
def roles() -> None:
    people.sync_roles()


def test_the_link_sets_the_desk_up_once_and_signs_the_administrator_in() -> None:
    link = find_setup_link()
    assert link is not None
    client = Client(headers={"accept-language": "en"})

    assert client.get(link).status_code == 200
    assert not User.objects.exists()  # looking uses nothing up
    done = client.post(link, GIVEN)
    assert done.headers["Location"] == "/setup/mailbox/"
    user = User.objects.get()
    assert [role.code for role in user.roles.all()] == [ADMINISTRATOR]
    assert user.check_password(GIVEN["password"])
    assert (company_name(), company_language(), is_set_up()) == ("Зерно и Пар", "ru", True)
    brand = default_brand()
    assert (brand.name, brand.language, brand.languages[0]) == ("Зерно и Пар", "ru", "ru")
    assert brand.calendar.time_zone == "Europe/Moscow"
    following = client.get("/setup/mailbox/")
    assert following.status_code == 200
    assert "/channel-email/mailboxes/new/" in following.content.decode()

    stranger = Client(headers={"accept-language": "en"})
    again = stranger.post(link, GIVEN | {"email": "mallory@elsewhere.example"})
    assert again.status_code == 404
    assert "set up already" in again.content.decode()
    assert User.objects.count() == 1
    assert find_setup_link() is None
    assert stranger.get("/setup/mailbox/").headers["Location"].startswith("/sign-in/")


def test_a_weak_password_is_refused_beside_its_field_and_the_link_still_works() -> None:
    link = find_setup_link() or ""
    client = Client(headers={"accept-language": "en"})

    refused = client.post(link, GIVEN | {"password": "short"})
    assert refused.status_code == 422
    assert re.search(r'id="id_password_note".*?too short', refused.content.decode(), re.S)
    assert not User.objects.exists()
    assert not is_set_up()
    assert client.post(link, GIVEN).status_code == 302


def test_a_newer_link_ends_an_earlier_one_and_a_guess_opens_nothing() -> None:
    first, second = find_setup_link() or "", find_setup_link() or ""
    client = Client(headers={"accept-language": "en"})

    assert client.get(first).status_code == 404
    assert client.get("/setup/AAAAAAAA/").status_code == 404
    assert client.get(second).status_code == 200


def test_a_desk_with_an_administrator_gives_out_no_link() -> None:
    people.make_administrator()
    assert find_setup_link() is None
