"""Signing in with a password: who gets in, who is held off, what ends a session."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from otklik.core.access import NOBODY, SYSTEM
from otklik.core.events.models import EventRow
from otklik.people.actions import change_preferences, deactivate_agent, set_password
from otklik.people.middleware import ActorMiddleware
from otklik.people.models import User
from otklik.people.tests.factories import (
    PASSWORD,
    actor_of,
    make_administrator,
    make_agent,
    user_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.data]


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()
    yield
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **data: str):
    return client.post(reverse("people:sign_in"), {"email": email, "password": password, **data})


def signed_in_user(client: Client) -> int | None:
    found = client.session.get("_auth_user_id")
    return int(found) if found else None


def test_marina_signs_in_however_she_writes_her_address(client):
    user = user_of(make_agent(email="marina@desk.example"))
    response = sign_in(client, " Marina@Desk.Example ", next="/tickets/42/")
    assert response.headers["Location"] == "/tickets/42/"
    assert signed_in_user(client) == user.pk
    assert EventRow.objects.filter(name="user.signed_in", person_id=user.person_id).exists()


def test_a_wrong_password_and_an_unknown_address_look_the_same(client):
    make_agent(email="marina@desk.example")
    wrong = sign_in(client, "marina@desk.example", "not the password")
    unknown = sign_in(client, "mallory@desk.example", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    said = "The address or the password is not right."
    assert said in wrong.content.decode()
    assert said in unknown.content.decode()
    assert signed_in_user(client) is None


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_signing_in_leads_nowhere_else(client, target):
    make_agent(email="marina@desk.example")
    assert sign_in(client, "marina@desk.example", next=target).headers["Location"] == "/"


def test_who_guesses_is_held_off_and_others_are_not(client):
    make_agent(email="marina@desk.example")
    make_agent("Ilya", email="ilya@desk.example")
    for _attempt in range(8):
        sign_in(client, "marina@desk.example", "a guess")
    held = sign_in(client, "marina@desk.example")
    assert held.status_code == 429
    assert "Too many attempts" in held.content.decode()
    assert sign_in(client, "ilya@desk.example").status_code == 302
    elsewhere = Client(REMOTE_ADDR="203.0.113.7")
    assert sign_in(elsewhere, "marina@desk.example").status_code == 302


def test_somebody_let_go_is_out_at_once(client):
    make_administrator()
    marina = make_agent(email="marina@desk.example")
    sign_in(client, "marina@desk.example")
    deactivate_agent(SYSTEM, marina)
    assert actor_seen(client) == NOBODY
    assert sign_in(client, "marina@desk.example").status_code == 422


def test_a_new_password_ends_the_sessions_elsewhere(client):
    marina = make_agent(email="marina@desk.example")
    sign_in(client, "marina@desk.example")
    set_password(actor_of(marina), user_of(marina), "another long phrase")
    assert actor_seen(client) == NOBODY


def test_signing_out_takes_a_post(client):
    make_agent(email="marina@desk.example")
    sign_in(client, "marina@desk.example")
    assert client.get(reverse("people:sign_out")).status_code == 405
    assert signed_in_user(client) is not None
    client.post(reverse("people:sign_out"))
    assert signed_in_user(client) is None


def test_the_page_speaks_the_users_language_then_the_cookies_then_the_browsers(client):
    browser = {"HTTP_ACCEPT_LANGUAGE": "ru,en;q=0.5"}
    assert client.get("/sign-in/", **browser).headers["Content-Language"] == "ru"
    client.cookies["otklik_language"] = "en"
    assert client.get("/sign-in/", **browser).headers["Content-Language"] == "en"
    user = user_of(make_agent(email="marina@desk.example"))
    sign_in(client, "marina@desk.example")
    change_preferences(actor_of(user.person.agent), user, language="ru")
    assert client.get("/sign-in/").headers["Content-Language"] == "ru"


def test_a_page_without_a_session_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/password/forgotten/").status_code == 200


def test_unknown_time_zones_of_a_cookie_do_no_harm(client):
    for zone in ("Mars/Phobos", "../../etc/passwd", "A" * 500, "Europe"):
        client.cookies["otklik_time_zone"] = zone
        assert client.get("/sign-in/").status_code == 200


def actor_seen(client: Client):
    """Who a page would take this browser for."""
    from django.contrib.auth.middleware import AuthenticationMiddleware
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.http import HttpResponse

    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    inner = ActorMiddleware(lambda _request: HttpResponse())
    SessionMiddleware(lambda each: AuthenticationMiddleware(inner)(each))(request)  # type: ignore[arg-type]
    assert User.objects.exists()
    return request.actor  # type: ignore[attr-defined]


def test_the_lazy_user_of_a_request_chooses_a_language() -> None:
    agent = make_agent()
    user = user_of(agent)
    change_preferences(actor_of(agent), SimpleLazyObject(lambda: user), language="ru")
    assert User.objects.get(pk=user.pk).language == "ru"


def test_a_desk_without_an_administrator_says_where_to_set_it_up() -> None:
    words = "This desk is not set up yet"
    assert words in Client().get(reverse("people:sign_in")).content.decode()
    make_administrator()
    assert words not in Client().get(reverse("people:sign_in")).content.decode()
