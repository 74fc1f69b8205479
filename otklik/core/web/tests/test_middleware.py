import io
import json
import logging
import threading
from ipaddress import ip_network
from typing import Any

import pytest
import structlog
from django.db import DataError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from otklik.core.access import Conflict, Missing
from otklik.core.web import readiness
from otklik.core.web import urls as web_urls
from otklik.core.web.headers import MAIL_FRAME, policy, set_policy
from otklik.core.web.logs import set_up_logs, stay_discreet
from otklik.core.web.middleware import RefusalMiddleware, trust_proxy
from otklik.core.web.places import place_of


def page(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse("<p>page</p>")


@policy(frame_ancestors=["https://shop.example"])
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>form</p>")


@policy(MAIL_FRAME)
def letter(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>letter</p>")


def crossing(request: HttpRequest) -> HttpResponse:
    raise Conflict("Ilya changed it meanwhile.", fields={"status": "solved"})


def foreign(request: HttpRequest) -> HttpResponse:
    raise Missing("There is nothing here")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


urlpatterns = [
    *web_urls.urlpatterns,
    path("page/<str:token>/", page),
    path("form/", form),
    path("letter/", letter),
    path("crossing/", crossing),
    path("foreign/", foreign),
    path("broken/", broken),
]
handler400 = "otklik.core.web.errors.bad_request"
handler404 = "otklik.core.web.errors.not_found"
handler500 = "otklik.core.web.errors.server_error"


@pytest.fixture
def client(settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [
        "otklik.core.web.middleware.RequestMiddleware",
        "otklik.core.web.middleware.HeadersMiddleware",
        "otklik.core.web.middleware.RefusalMiddleware",
    ]
    return Client(raise_request_exception=False)


def test_a_page_may_load_only_from_this_desk_and_nobody_frames_or_keeps_it(client: Client) -> None:
    response = client.get("/page/x/")
    directives = response["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in directives
    assert "script-src 'self'" in directives
    assert "frame-ancestors 'none'" in directives
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cache-Control"] == "no-store"
    assert "HX-Request" in response["Vary"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_embeddable_form_is_framed_by_its_domain_and_a_letter_runs_no_script(
    client: Client,
) -> None:
    response = client.get("/form/")
    assert "frame-ancestors https://shop.example" in response["Content-Security-Policy"]
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response
    frame = client.get("/letter/")["Content-Security-Policy"]
    assert "script-src" not in frame
    assert "sandbox allow-popups" in frame
    assert "frame-ancestors 'self'" in frame


def test_a_domain_cannot_smuggle_a_directive_into_the_policy() -> None:
    with pytest.raises(ValueError, match="no source"):
        set_policy(HttpResponse(), frame_ancestors=["https://shop.example; script-src *"])


def test_a_refused_action_answers_with_its_words_and_status_in_the_askers_form(
    client: Client,
) -> None:
    page_answer = client.get("/crossing/")
    assert page_answer.status_code == 409
    assert "Ilya changed it meanwhile." in page_answer.content.decode()
    fragment = client.get("/crossing/", headers={"HX-Request": "true"})
    assert fragment.status_code == 409
    assert "<html" not in fragment.content.decode()
    trigger = json.loads(fragment["HX-Trigger"])
    assert trigger["otklik:refused"]["title"] == "Ilya changed it meanwhile."
    problem = client.get("/crossing/", headers={"Accept": "application/json"})
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["code"] == "conflict"
    assert problem.json()["fields"] == {"status": "solved"}
    assert client.get("/foreign/").status_code == client.get("/nowhere/").status_code == 404


def test_an_error_page_gives_a_number_and_no_detail(client: Client) -> None:
    response = client.get("/broken/")
    assert response.status_code == 500
    text = response.content.decode()
    assert "secret detail" not in text
    assert response["X-Request-ID"] in text


def test_error_pages_speak_the_readers_language(client: Client) -> None:
    response = client.get("/broken/", headers={"Accept-Language": "ru,en;q=0.5"})
    assert 'lang="ru"' in response.content.decode()
    response = client.get("/broken/", headers={"Accept-Language": "en"})
    assert 'lang="en"' in response.content.decode()


def test_log_lines_hold_the_route_and_the_id_but_never_the_path(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    from otklik.core.web import logs

    logs.set_up_logs("INFO", "json")
    import logging

    logging.getLogger().addHandler(caplog.handler)
    response = client.get("/page/secret-token/")
    lines = [str(record.msg) for record in caplog.records]
    found = [line for line in lines if "'event': 'request'" in line]
    assert len(found) == 1
    assert "/page/<str:token>/" in found[0]
    assert "secret-token" not in found[0]
    assert response["X-Request-ID"] in found[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.2", "1.2.3.4, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("203.0.113.5", "1.2.3.4", "203.0.113.5"),
        ("::ffff:10.0.0.2", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_only_a_trusted_proxy_says_who_the_caller_is(
    peer: str, forwarded: str, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from otklik.core.settings import config
    from otklik.core.web import middleware

    trusting = replace(config(), trusted_proxies=(ip_network("10.0.0.0/8"),))
    monkeypatch.setattr(middleware, "config", lambda: trusting)
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
    trust_proxy(meta)
    assert meta["REMOTE_ADDR"] == seen
    assert "HTTP_X_FORWARDED_FOR" not in meta


@pytest.mark.django_db
def test_probes_answer_and_figures_stay_on_this_machine(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").json()["database"] == "ok"
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


@pytest.mark.data
@pytest.mark.django_db
def test_a_desk_is_ready_once_every_migration_was_applied(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "_migrated", threading.Event())
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("tickets", "0001_initial")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "waiting for otklik migrate"
    recorder.record_applied("tickets", "0001_initial")
    assert client.get("/readyz").json()["migrations"] == "ok"


def test_an_address_the_desk_does_not_know_is_refused_with_what_to_do(
    client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["desk.example"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.common.CommonMiddleware"]
    assert client.get("/page/x/", HTTP_HOST="desk.example").status_code == 200
    response = client.get("/page/x/", HTTP_HOST="192.168.7.7:8000")
    assert response.status_code == 400
    assert "OTKLIK_ALLOWED_HOSTS" in response.content.decode()


def test_choosing_a_language_never_leads_to_another_site(client: Client, settings: Any) -> None:
    response = client.post("/language/", {"language": "ru", "next": "https://evil.example/"})
    assert response["Location"] == "/"
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ru"
    response = client.post("/language/", {"language": "xx", "next": "/portal/"})
    assert response["Location"] == "/portal/"
    assert not response.cookies


def test_request_factory_requests_get_an_error_answer_too() -> None:
    from otklik.core.web import errors

    assert errors.not_found(RequestFactory().get("/"), Exception()).status_code == 404


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_trace_in_the_log_shows_no_variables(form: str) -> None:
    before, level = list(logging.getLogger().handlers), logging.getLogger().level
    stream = io.StringIO()
    try:
        set_up_logs("INFO", form, stream)
        try:
            held = "kettle" * 3  # noqa: F841
            raise RuntimeError("broken")
        except RuntimeError:
            structlog.get_logger("test").exception("failed")
    finally:
        logging.getLogger().handlers[:] = before
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
        stay_discreet()
    written = stream.getvalue()
    assert "RuntimeError: broken" in written
    assert "kettlekettle" not in written


@pytest.mark.django_db
@pytest.mark.parametrize("cookie", ['"aaaaaaaaaaaa\\000aaaaaaaaaaaa"', "a" * 4000])
def test_a_session_cookie_of_nonsense_is_no_session(cookie: str) -> None:
    client = Client(headers={"Cookie": f"otklik_session={cookie}"})
    assert client.get("/sign-in/").status_code == 200


@pytest.mark.parametrize(
    "error",
    [
        OverflowError("Python int too large to convert to SQLite INTEGER"),
        DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"),
        ValueError("Exceeds the limit (4300 digits) for integer string conversion"),
    ],
)
def test_a_value_no_column_holds_is_the_askers_mistake(error: Exception) -> None:
    middleware = RefusalMiddleware(lambda request: HttpResponse())
    request = RequestFactory().get("/", headers={"Accept": "application/json"})
    answer = middleware.process_exception(request, error)
    assert answer is not None
    assert answer.status_code == 400
    assert middleware.process_exception(request, ValueError("something else")) is None


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::ffff", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_limits_count_one_machine_of_ipv6_once(address: str, place: str) -> None:
    assert place_of(RequestFactory().get("/", REMOTE_ADDR=address)) == place
