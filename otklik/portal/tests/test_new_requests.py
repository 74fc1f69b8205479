"""The request form, signed in or not, on our pages and inside other sites."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from otklik.channels.acknowledging import acknowledge
from otklik.core.access import SYSTEM
from otklik.core.events.models import EventRow
from otklik.core.outbox.models import Delivery
from otklik.desk.actions import change_brand, deactivate_account
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_brand
from otklik.people.actions import block_person
from otklik.people.models import Identity
from otklik.people.tests.factories import make_customer
from otklik.portal.limits import REQUESTS_OF_ADDRESS
from otklik.portal.tests.factories import browser_of, filled, form_token
from otklik.tickets.models import Attachment, Message, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.data]

EMBED = "/portal/embed/{}/"


def test_a_strangers_request_is_a_ticket_of_an_unproven_address(desk):
    client = Client()
    photo = SimpleUploadedFile("e07.txt", b"E-07")
    response = client.post("/portal/new/", {**filled(desk), "attachments": [photo]})
    assert response.status_code == 302
    ticket = Ticket.objects.get()
    identity = ticket.requester_identity
    assert identity is not None
    assert ticket.account is not None
    assert (identity.kind, identity.value) == ("email", "o.nesterova@polden.example")
    assert not identity.is_verified
    assert identity.person.name == "Olga Nesterova"
    assert (ticket.account.kind, ticket.last_channel) == ("web", "web")
    assert Attachment.objects.get().message.ticket == ticket
    told = client.get(response["Location"]).content.decode()
    assert f"№ {ticket.number}" in told
    assert "We answer at the latest" in told
    # The page tells nothing to who merely counts numbers.
    assert client.get("/portal/new/sent/1/").status_code == 404


def test_the_request_is_acknowledged_by_mail_with_its_number_and_without_its_words(desk):
    Client().post("/portal/new/", filled(desk, text="BUY OUR TEAPOTS"))
    ticket = Ticket.objects.get()
    acknowledge(EventRow.objects.get(name="ticket.opened"))
    answer = Message.objects.get(ticket=ticket, is_automatic=True)
    assert str(ticket.number) in answer.body.text
    assert "TEAPOTS" not in answer.body.text
    delivery = Delivery.objects.get(subject_id=answer.pk)
    assert [row.address for row in delivery.recipients.all()] == ["o.nesterova@polden.example"]


def test_sending_twice_is_one_request_and_other_words_are_another(desk):
    client = Client()
    first = client.post("/portal/new/", filled(desk))
    again = client.post("/portal/new/", filled(desk))
    assert first["Location"].split(":")[0] == again["Location"].split(":")[0]
    assert Ticket.objects.count() == 1
    client.post("/portal/new/", filled(desk, text="Another matter."))
    assert Ticket.objects.count() == 2


def test_who_has_signed_in_is_not_asked_who_they_are_and_sees_it_at_once(desk):
    olga = make_customer("Olga Nesterova")
    client = browser_of(olga)
    assert 'name="email"' not in client.get("/portal/new/").content.decode()
    said = filled(desk, email="gromov@other.example", name="Alexey Gromov")
    response = client.post("/portal/new/", said)
    ticket = Ticket.objects.get()
    assert ticket.requester == olga
    assert not Identity.objects.filter(value="gromov@other.example").exists()
    assert "Open the request" in client.get(response["Location"]).content.decode()
    assert client.get(f"/portal/requests/{ticket.number}/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"email": "no address"}, "This is no e-mail address"),
        ({"email": ""}, "Write the address where we can answer you."),
        ({"subject": " "}, "Say in a few words what it is about."),
        ({"text": "\u200b"}, "Nothing is written yet."),
        ({"website": "https://spam.example"}, "We could not tell that a person sent this."),
        ({"token": ""}, "We could not tell that a person sent this."),
        ({"token": "forged"}, "We could not tell that a person sent this."),
        ({"text": "x" * 50_001}, "50000"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(desk, wrong, words):
    said = filled(desk, **wrong)
    refused = Client().post("/portal/new/", said)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert words in page
    assert 'value="Olga Nesterova"' in page
    assert not Ticket.objects.exists()


def test_a_form_sent_within_a_blink_is_doubted_and_the_next_try_is_taken(desk):
    client = Client()
    hasty = filled(desk, token=form_token(desk, seconds=0.1))
    assert client.post("/portal/new/", hasty).status_code == 422
    assert client.post("/portal/new/", filled(desk)).status_code == 302


def test_our_own_mailbox_is_nobodys_address(desk):
    own = Account.objects.get(kind="email").address
    refused = Client().post("/portal/new/", filled(desk, email=own))
    assert "This is our own address." in refused.content.decode()
    assert not Ticket.objects.exists()


def test_a_flood_is_stopped_with_words_and_a_neighbour_still_gets_in(desk):
    client = Client(REMOTE_ADDR="203.0.113.7")
    for number in range(REQUESTS_OF_ADDRESS.count):
        response = client.post("/portal/new/", filled(desk, nonce=f"n{number}"))
        assert response.status_code == 302
    refused = client.post("/portal/new/", filled(desk, nonce="last"))
    assert refused.status_code == 429
    assert "Too many attempts. Try again in" in refused.content.decode()
    assert "Error E-07 since the morning." in refused.content.decode()
    assert Ticket.objects.count() == REQUESTS_OF_ADDRESS.count
    other = filled(desk, email="gromov@sever.example", nonce="other")
    assert client.post("/portal/new/", other).status_code == 302
    # Addresses are cheap; the place they come from is counted as well.
    answers = [
        client.post("/portal/new/", filled(desk, email=f"a{n}@spam.example", nonce=f"s{n}"))
        for n in range(10)
    ]
    assert answers[-1].status_code == 429
    elsewhere = Client(REMOTE_ADDR="198.51.100.1")
    fresh = filled(desk, email="fresh@sever.example", nonce="fresh")
    assert elsewhere.post("/portal/new/", fresh).status_code == 302


def test_a_blocked_person_and_a_switched_off_form_are_told_so(desk):
    mallory = make_customer("Mallory", "mallory@elsewhere.example")
    block_person(SYSTEM, mallory)
    refused = Client().post("/portal/new/", filled(desk, email="mallory@elsewhere.example"))
    assert refused.status_code == 403
    assert "are not taken in" in refused.content.decode()
    deactivate_account(SYSTEM, Account.objects.get(kind="web"))
    refused = Client().post("/portal/new/", filled(desk))
    assert "switched off" in refused.content.decode()
    assert not Ticket.objects.exists()


def test_every_brand_has_a_web_account_from_its_first_moment(desk):
    shop = make_brand("Shop")
    assert Account.objects.filter(kind="web", brand=shop).count() == 1
    assert Account.objects.filter(kind="web", brand=desk).count() == 1


def test_the_embedded_form_is_framed_by_the_brands_domains_and_by_nobody_else(desk):
    shop = make_brand("Shop", embed_domains=["shop.example", "*.sever.example:8443"])
    allowed = Client().get(EMBED.format(shop.pk))
    policy = allowed["Content-Security-Policy"]
    assert "frame-ancestors shop.example *.sever.example:8443;" in f"{policy};"
    assert "X-Frame-Options" not in allowed
    forbidden = Client().get(EMBED.format(desk.pk))
    assert "frame-ancestors 'none'" in forbidden["Content-Security-Policy"]
    assert forbidden["X-Frame-Options"] == "DENY"
    change_brand(SYSTEM, shop, embed_domains=[])
    assert Client().get(EMBED.format(shop.pk))["X-Frame-Options"] == "DENY"
    assert Client().get(EMBED.format(999)).status_code == 404
    # The portal itself is framed by nobody, whatever the form allows.
    assert Client().get("/portal/")["X-Frame-Options"] == "DENY"


def test_the_embedded_form_neither_reads_nor_sets_a_cookie(desk):
    olga = make_customer("Olga Nesterova")
    client = browser_of(olga)
    shown = client.get(EMBED.format(desk.pk))
    assert not shown.cookies
    assert 'name="email"' in shown.content.decode()
    # No cookie for the token either: Django's own check would refuse this one.
    stranger = Client(enforce_csrf_checks=True)
    response = stranger.post(EMBED.format(desk.pk), filled(desk))
    assert response.status_code == 302
    assert not response.cookies
    told = stranger.get(response["Location"])
    assert not told.cookies
    assert f"№ {Ticket.objects.get().number}" in told.content.decode()
    assert not stranger.cookies


def test_a_token_of_one_brand_is_none_of_another(desk):
    shop = make_brand("Shop", embed_domains=["shop.example"])
    assert Client().post(EMBED.format(shop.pk), filled(desk)).status_code == 422
    assert Client().post(EMBED.format(shop.pk), filled(shop)).status_code == 302
    assert Ticket.objects.get().brand == shop


def test_the_embedded_form_speaks_the_language_it_is_asked_for_if_the_brand_does(desk):
    assert 'lang="ru"' in Client().get(EMBED.format(desk.pk) + "?lang=ru").content.decode()
    only = make_brand("Only", language="en")
    assert 'lang="en"' in Client().get(EMBED.format(only.pk) + "?lang=ru").content.decode()


def test_the_loader_may_be_loaded_from_other_sites(desk):
    response = Client().get("/portal/embed.js")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=3600" in response["Cache-Control"]
    assert b"otklikHeight" in response.content
