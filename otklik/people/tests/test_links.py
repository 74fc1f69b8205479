"""Mailed links: GET looks, POST acts once, and asking never tells whom the desk knows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from otklik.core.access import SYSTEM, Forbidden, Invalid, Missing
from otklik.core.jobs.models import Job
from otklik.core.outbox.models import Delivery
from otklik.people.actions import block_person, mark_automated
from otklik.people.invitations import invite_again, invite_agent
from otklik.people.letters import request_password_link, request_sign_in_link
from otklik.people.limits import TooManyTries
from otklik.people.middleware import AS_CUSTOMER
from otklik.people.models import Identity, SignInLink, User
from otklik.people.sign_in import Purpose, create_link, find_link, hash_token, redeem, safe_path
from otklik.people.tasks import send_password_link, send_sign_in_link
from otklik.people.tests.factories import (
    actor_of,
    make_administrator,
    make_agent,
    make_customer,
    make_identity,
    user_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    yield
    cache.clear()


def ask(email: str, next_path: str = "") -> None:
    """Ask for a sign-in link and let the job run that the asking put."""
    request_sign_in_link(email, place="203.0.113.5", next_path=next_path)
    run_jobs()


def run_jobs() -> None:
    for job in Job.objects.filter(name__startswith="people.send").order_by("id"):
        {each.name: each for each in (send_sign_in_link, send_password_link)}[job.name](
            **job.arguments
        )
        job.delete()


def letters() -> list[dict[str, str]]:
    return [
        {"to": row.payload["to"], **row.unseal()}
        for row in Delivery.objects.filter(kind="letter").order_by("id")
    ]


def path_in(letter: dict[str, str]) -> str:
    found = re.search(r"https?://[^/]+(/link/\S+)", letter["text"])
    assert found is not None
    return found[1]


def test_olga_gets_in_by_a_link_and_her_address_is_proven(client):
    olga = make_customer("Olga Nesterova", "olga@polden.example", is_verified=False)
    ask("Olga@Polden.Example", next_path="/portal/requests/7/")
    (letter,) = letters()
    assert letter["to"] == "olga@polden.example"
    path = path_in(letter)
    for _look in range(2):
        assert client.get(path).status_code == 200
    assert not Identity.objects.get(person=olga).is_verified
    response = client.post(path)
    assert response.headers["Location"] == "/portal/requests/7/"
    assert Identity.objects.get(person=olga).is_verified
    assert client.session["_auth_user_id"] == str(User.objects.get(person=olga).pk)
    assert Client().post(path).status_code == 404


def test_strangers_machines_and_the_blocked_get_no_letter_and_the_same_answer():
    robot = make_identity("robot@shop.example", is_automated=True)
    blocked = make_customer("Mallory", "mallory@elsewhere.example")
    block_person(SYSTEM, blocked)
    olga = make_customer("Olga", "olga@polden.example")
    mark_automated(SYSTEM, olga.identities.get())
    for address in (robot.value, "mallory@elsewhere.example", "olga@polden.example", "x@y.example"):
        ask(address)
    assert letters() == []
    assert not SignInLink.objects.exists()


def test_only_the_hash_of_a_link_is_kept_and_the_letter_is_sealed():
    make_customer("Olga", "olga@polden.example")
    ask("olga@polden.example")
    token = path_in(letters()[0]).split("/")[2]
    link = SignInLink.objects.get()
    assert link.token_hash == hash_token(token) != token
    row = Delivery.objects.values().get()
    assert token not in str(row)


def test_a_link_runs_out_and_a_new_one_ends_the_old_one():
    identity = make_customer().identities.get()
    first = create_link(Purpose.SIGN_IN, identity=identity)
    second = create_link(Purpose.SIGN_IN, identity=identity)
    assert find_link(first) is None
    SignInLink.objects.filter(token_hash=hash_token(second)).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    with pytest.raises(Missing):
        redeem(second)


def test_a_link_for_a_robot_or_a_blocked_person_opens_nothing():
    identity = make_customer().identities.get()
    token = create_link(Purpose.SIGN_IN, identity=identity)
    block_person(SYSTEM, identity.person)
    with pytest.raises(Missing):
        redeem(token)
    assert not User.objects.exists()


def test_an_agent_who_opens_a_portal_link_is_a_customer_there(client):
    marina = make_agent(email="marina@desk.example")
    ask("marina@desk.example")
    client.post(path_in(letters()[0]))
    assert client.session[AS_CUSTOMER] is True
    assert client.get(reverse("people:sign_in")).status_code == 200
    working = Client()
    working.force_login(user_of(marina))
    ask("marina@desk.example")
    working.post(path_in(letters()[1]))
    assert AS_CUSTOMER not in working.session


def test_asking_too_often_is_refused_for_known_and_unknown_alike():
    make_customer("Olga", "olga@polden.example")
    for address in ("olga@polden.example", "nobody@elsewhere.example"):
        for _time in range(5):
            request_sign_in_link(address, place="203.0.113.5")
        with pytest.raises(TooManyTries):
            request_sign_in_link(address, place="203.0.113.6")
    with pytest.raises(Invalid):
        request_sign_in_link("not an address", place="203.0.113.5")


def test_a_forgotten_password_is_replaced_through_the_page(client):
    marina = make_agent(email="marina@desk.example")
    make_customer("Olga", "olga@polden.example")
    page = reverse("people:password_forgotten")
    shown = [
        client.post(page, {"email": address}).content.decode().replace(address, "…")
        for address in ("marina@desk.example", "olga@polden.example", "nobody@desk.example")
    ]
    # A token and the server's time of each answer say nothing of the address.
    own = re.compile(r'<meta name="(?:csrf-token|now)"[^>]*>|value="\w{64}"')
    assert len({own.sub("", each) for each in shown}) == 1
    run_jobs()
    (letter,) = letters()
    path = path_in(letter)
    assert client.get(path).status_code == 200
    assert client.post(path, {"password": "short"}).status_code == 422
    assert client.post(path, {"password": "a much longer phrase"}).status_code == 302
    assert user_of(marina).check_password("a much longer phrase")
    assert Client().get(path).status_code == 404


def test_dasha_invites_ilya_and_an_agent_may_not(client):
    dasha = make_administrator("Dasha")
    with pytest.raises(Forbidden):
        invite_agent(actor_of(make_agent()), name="Mallory", email="mallory@desk.example")
    ilya = invite_agent(actor_of(dasha), name="Ilya", email="ilya@desk.example", language="ru")
    (letter,) = letters()
    assert "Dasha" in letter["text"]
    assert letter["subject"] == "Приглашение в службу поддержки"
    assert not user_of(ilya).has_usable_password()
    client.post(path_in(letter), {"password": "мой длинный пароль"})
    assert user_of(ilya).check_password("мой длинный пароль")
    assert Identity.objects.get(person=ilya.person).is_verified
    with pytest.raises(Invalid):
        invite_again(actor_of(dasha), ilya)


def test_nobody_is_reset_who_cannot_sign_in_with_a_password():
    make_customer("Olga", "olga@polden.example")
    request_password_link("olga@polden.example", place="203.0.113.5")
    run_jobs()
    assert letters() == []


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/portal/requests/7/", "/portal/requests/7/"),
        ("//evil.example/", ""),
        ("https://evil.example/", ""),
        ("/\\evil.example", ""),
        ("/" + "a" * 400, ""),
    ],
)
def test_a_link_leads_to_this_desk_only(path, kept):
    assert safe_path(path) == kept
