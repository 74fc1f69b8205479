"""What did not work wears the brand and says where to go from there."""

from __future__ import annotations

import pytest
from django.test import Client

from otklik.desk.tests.factories import make_brand
from otklik.people.tests.factories import make_agent, make_customer, user_of
from otklik.portal.tests.factories import browser_of, browser_of_agent
from otklik.portal.web import home

pytestmark = [pytest.mark.django_db, pytest.mark.data]

HTML = {"HTTP_ACCEPT": "text/html"}


def test_a_lost_address_wears_the_brand_of_its_host_and_leads_on(desk, settings):
    settings.ALLOWED_HOSTS = ["*"]
    make_brand("Shop", host="help.shop.example", languages=["ru", "en"])
    stranger, olga = Client(), browser_of(make_customer("Olga Nesterova"))
    lost = stranger.get("/portal/nothing/", **HTML)
    page = lost.content.decode()
    assert lost.status_code == 404
    assert "There is nothing here · Grain &amp; Steam" in page
    assert 'class="button" href="/portal/sign-in/"' in page
    assert 'href="/portal/new/"' in page
    page = olga.get("/portal/requests/999999/", **HTML).content.decode()
    assert 'class="button button-primary" href="/portal/requests/"' in page
    assert "find the request in the list of yours" in page
    # On a brand's own host every address is the brand's, in its language; agents go on as ever.
    at_shop = {"HTTP_HOST": "help.shop.example", "HTTP_ACCEPT_LANGUAGE": "ru", **HTML}
    for address in ("/nothing/", "/portal/nothing/", "/portal/requests/1/nothing/"):
        page = stranger.get(address, **at_shop).content.decode()
        assert "Здесь ничего нет · Shop" in page
        assert "Grain" not in page
    marina = browser_of_agent(user_of(make_agent("Marina")))
    assert "portal-head" not in marina.get("/nothing/", **at_shop).content.decode()
    assert "portal-head" in marina.get("/portal/nothing/", **at_shop).content.decode()
    assert "portal-head" not in stranger.get("/nothing/", **HTML).content.decode()
    # Scripts and programs are told as ever.
    told = stranger.get("/portal/nothing/", HTTP_ACCEPT="application/json")
    assert told.json()["status"] == 404
    assert "<main" not in stranger.get("/portal/nothing/", HTTP_HX_REQUEST="true").text


def test_what_is_refused_or_breaks_keeps_the_brand_and_a_broken_brand_keeps_the_words(
    desk, monkeypatch
):
    careless = Client(enforce_csrf_checks=True)
    refused = careless.post("/portal/new/", {"subject": "x"}, **HTML)
    assert refused.status_code == 403
    assert "The page is out of date · Grain &amp; Steam" in refused.content.decode()
    shop = make_brand("Shop", embed_domains=["shop.example"])
    framed = Client().get(f"/portal/embed/{shop.pk}/nothing/", **HTML)
    assert framed.status_code == 404
    assert "frame-ancestors shop.example" in framed["Content-Security-Policy"]
    assert f"/portal/embed/{shop.pk}/?lang=en" in framed.content.decode()
    assert "portal-embedded" in framed.content.decode()
    assert not framed.cookies

    def broken(*_args: object, **_named: object) -> None:
        raise RuntimeError("the roof leaks")

    monkeypatch.setattr(home, "list_home_sections", broken)
    client = Client(raise_request_exception=False)
    failed = client.get("/portal/", **HTML)
    page = failed.content.decode()
    assert failed.status_code == 500
    assert "Something went wrong on our side · Grain &amp; Steam" in page
    assert failed["X-Request-ID"] in page
    assert "Load it again" in page
    assert "roof" not in page
    monkeypatch.setattr("otklik.portal.errors.visit_of", broken)
    failed = client.get("/portal/", **HTML)
    assert failed.status_code == 500
    assert "Something went wrong on our side" in failed.content.decode()
    assert "portal-head" not in failed.content.decode()
