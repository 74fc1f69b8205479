"""Signing in, the brand's look, its languages, the places other rooms fill."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from otklik.core import files
from otklik.core.access import SYSTEM
from otklik.core.jobs.models import Job
from otklik.core.outbox.models import Delivery
from otklik.desk.actions import change_brand
from otklik.desk.tests.factories import make_brand
from otklik.people.models import SignInLink
from otklik.people.sign_in import Purpose, create_link
from otklik.people.tasks import send_sign_in_link
from otklik.people.tests.factories import make_agent, make_customer, user_of
from otklik.portal import slots
from otklik.portal.tests.factories import browser_of, browser_of_agent
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data, pytest.mark.usefixtures("desk")]


# A token and the server's time: each answer has its own, whoever asks.
_OF_THIS_ANSWER = re.compile(r'<meta name="(?:csrf-token|now)"[^>]*>|value="\w{60,}"')


def run_jobs() -> None:
    for job in Job.objects.filter(name="people.send_sign_in_link"):
        send_sign_in_link(**job.arguments)
        job.delete()


def mailed_path() -> str:
    return find(r"https?://[^/\s]+(/link/\S+)", mailed_text())


def mailed_text() -> str:
    letter = Delivery.objects.filter(kind="letter").latest("id")
    return str(letter.unseal()["text"])


def find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None
    return found.group(1)


def test_signing_in_by_a_mailed_link_proves_the_address_and_leads_back():
    olga = make_customer("Olga Nesterova", is_verified=False)
    ticket = make_ticket(olga)
    where = f"/portal/requests/{ticket.number}/"
    client = Client()
    said = {"email": olga.identities.get().value, "next": where}
    assert "Look into your mail" in client.post("/portal/sign-in/", said).content.decode()
    run_jobs()
    path = mailed_path()
    assert client.get(path).status_code == 200
    assert client.get(where).status_code == 302  # looking at the link is no signing in
    assert client.post(path)["Location"] == where
    assert client.get(where).status_code == 200
    assert olga.identities.get().verified_how == "link"
    # Used up, for everybody.
    assert Client().post(path).status_code == 404
    client.post("/sign-out/")
    assert client.get(where).status_code == 302


def test_a_link_that_ran_out_lets_nobody_in():
    olga = make_customer("Olga Nesterova")
    token = create_link(Purpose.SIGN_IN, identity=olga.identities.get())
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client = Client()
    assert client.post(f"/link/{token}/").status_code == 404
    assert client.get("/portal/requests/").status_code == 302


def test_the_answer_does_not_tell_whom_the_desk_knows():
    olga = make_customer("Olga Nesterova", "olga@polden.example")
    pages = []
    for address in ("olga@polden.example", "mallory@elsewhere.example"):
        response = Client().post("/portal/sign-in/", {"email": address})
        assert response.status_code == 200
        pages.append(_OF_THIS_ANSWER.sub("", response.content.decode()).replace(address, "X"))
    assert pages[0] == pages[1]
    run_jobs()
    assert [row.payload["to"] for row in Delivery.objects.filter(kind="letter")] == [
        olga.identities.get().value
    ]


def test_asking_for_links_is_limited_and_a_wrong_address_is_explained():
    client = Client()
    wrong = client.post("/portal/sign-in/", {"email": "olga"})
    assert wrong.status_code == 422
    assert "no e-mail address" in wrong.content.decode()
    codes = [
        client.post("/portal/sign-in/", {"email": "olga@polden.example"}).status_code
        for _ in range(6)
    ]
    assert codes == [200] * 5 + [429]


def test_a_link_gives_an_agent_no_agents_rights_in_the_portal_or_elsewhere():
    marina = make_agent("Marina")
    ticket = make_ticket(make_customer("Olga Nesterova"))
    client = browser_of(marina.person)
    assert client.get(f"/portal/requests/{ticket.number}/").status_code == 404
    home = client.get("/portal/").content.decode()
    assert "To the agents’ desk" not in home
    assert "Sign out" in home
    assert (
        "To the agents’ desk" in browser_of_agent(user_of(marina)).get("/portal/").content.decode()
    )


def test_the_brand_of_the_host_gives_name_and_look(settings):
    settings.ALLOWED_HOSTS = ["testserver", "help.shop.example"]
    make_brand("Shop", host="help.shop.example", color="#7a2048")
    assert "Shop" in Client(SERVER_NAME="help.shop.example").get("/portal/").content.decode()
    default = Client().get("/portal/").content.decode()
    assert "Grain &amp; Steam" in default
    assert "Shop" not in default


def test_the_brands_sheet_is_kept_for_good_until_the_brand_changes(desk):
    def sheet_in(page: str) -> str:
        return find(r'href="(/portal/brand/[^"]+\.css)"', page)

    where = sheet_in(Client().get("/portal/").content.decode())
    sheet = Client().get(where)
    assert "immutable" in sheet["Cache-Control"]
    assert "--brand:" in sheet.content.decode()
    change_brand(SYSTEM, desk, color="#7a2048")
    assert sheet_in(Client().get("/portal/").content.decode()) != where
    assert Client().get(where)["Cache-Control"] == "no-store"


def test_the_logo_is_shown_without_its_hash_and_only_a_picture_is(desk):
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
    blob = files.store_blob(png)
    change_brand(SYSTEM, desk, logo_sha256=blob.sha256)
    page = Client().get("/portal/").content.decode()
    where = find(r'src="(/portal/brand/[^"]+/logo/)"', page)
    assert blob.sha256[:12] not in where
    shown = Client().get(where)
    assert shown["Content-Type"] == "image/png"
    assert b"".join(shown) == png
    page_blob = files.store_blob(b"<html><script>alert(1)</script></html>")
    change_brand(SYSTEM, desk, logo_sha256=page_blob.sha256)
    page = Client().get("/portal/").content.decode()
    where = find(r'src="(/portal/brand/[^"]+/logo/)"', page)
    assert Client().get(where).status_code == 404


def test_a_chosen_language_is_remembered_for_strangers_and_persons(desk):
    stranger = Client()
    stranger.post("/portal/language/", {"language": "ru", "next": "/portal/"})
    assert 'lang="ru"' in stranger.get("/portal/").content.decode()
    olga = make_customer("Olga Nesterova", language="en")
    client = browser_of(olga)
    client.post("/portal/language/", {"language": "ru", "next": "/portal/"})
    assert 'lang="ru"' in client.get("/portal/").content.decode()
    olga.refresh_from_db()
    assert olga.language == "ru"
    # What the brand does not speak is not shown, whoever wants it.
    change_brand(SYSTEM, desk, languages=["en"])
    assert '<html lang="en"' in client.get("/portal/").content.decode()


def test_rooms_above_add_to_the_menu_and_the_home_page(monkeypatch):
    monkeypatch.setattr(slots, "_menu", dict(slots._menu))
    monkeypatch.setattr(slots, "_sections", {})
    slots.register_menu_item("articles", "Articles", "portal:home", order=15)
    slots.register_home_section(
        "mine", "ui/components/banner.html", lambda visit: {"text": visit.brand.name}
    )
    slots.register_home_section("none", "ui/components/banner.html", lambda visit: None)
    page = Client().get("/portal/").content.decode()
    assert page.index("Help<") < page.index("Articles<") < page.index("New request<")
    assert page.count('class="banner ') == 1


def test_pages_answer_get_without_a_write_and_refuse_other_methods():
    assert Client().put("/portal/").status_code == 405
    assert Client().head("/portal/").status_code == 200
    assert Client().get("/portal/")["Cache-Control"].startswith("max-age=0")
