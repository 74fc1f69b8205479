"""Mailboxes by REST, with the rights and the care of their pages."""

from __future__ import annotations

import pytest

from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import make_administrator, make_agent, make_team
from otklik.plugins.channel_email.account_settings import smtp_server_of
from tests.rest.client import program_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]


def test_an_administrator_adds_and_changes_a_mailbox_and_an_agent_may_not() -> None:
    dasha, marina = program_of(make_administrator()), program_of(make_agent("Marina"))
    body = {
        "name": "Service",
        "address": "Service@Demo.example",
        "team": make_team().pk,
        "config": {"imap_host": "imap.mail.example", "imap_user": "service"},
        "imap_password": "tea and cake",
    }
    assert marina.post("/mailboxes", body).status_code == 403
    made = dasha.post("/mailboxes", body)
    assert made.status_code == 201, made.content
    mailbox = made.json()
    assert (mailbox["address"], mailbox["has_imap_password"]) == ("service@demo.example", True)
    assert "tea" not in made.content.decode()
    path = f"/mailboxes/{mailbox['id']}"
    renamed = dasha.patch(path, {"name": "Repair", "config": {"sender_name": "Repair"}}).json()
    assert (renamed["name"], renamed["has_imap_password"]) == ("Repair", True)
    wrong = dasha.patch(path, {"config": {"imap_port": 0, "imap_hosts": "x"}})
    assert wrong.status_code == 422
    assert "config.imap_port" in wrong.json()["fields"]
    assert marina.get(path).status_code == 403


def test_a_stored_password_does_not_follow_a_mailbox_to_another_server() -> None:
    dasha = program_of(make_administrator())
    body = {
        "name": "Service",
        "address": "service@demo.example",
        "config": {"imap_host": "imap.mail.example", "imap_user": "service"},
        "imap_password": "tea and cake",
    }
    path = f"/mailboxes/{dasha.post('/mailboxes', body).json()['id']}"
    moved = dasha.patch(path, {"config": {"imap_host": "imap.evil.example"}}).json()
    assert moved["config"]["imap_host"] == "imap.evil.example"
    assert not moved["has_imap_password"]
    assert Account.objects.get(pk=moved["id"]).secret("imap_password") == ""


def test_the_password_for_reading_is_sent_to_no_server_for_writing_that_comes_later() -> None:
    dasha = program_of(make_administrator())
    body = {
        "name": "Service",
        "address": "service@demo.example",
        "config": {"imap_host": "imap.mail.example", "imap_user": "service"},
        "imap_password": "tea and cake",
    }
    pk = dasha.post("/mailboxes", body).json()["id"]
    path, evil = f"/mailboxes/{pk}", {"smtp_host": "smtp.evil.example"}
    # Neither at once nor by way of a provider, where no password is asked for.
    for config in (evil, {**evil, "sign_in": "google", "oauth_client_id": "desk"}):
        refused = dasha.patch(path, {"config": config})
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["smtp_password"])
    assert smtp_server_of(Account.objects.get(pk=pk)) is None
    moved = dasha.patch(path, {"config": evil, "smtp_password": "another one"})
    assert moved.status_code == 200, moved.content
    server = smtp_server_of(Account.objects.get(pk=pk))
    assert server is not None
    assert server.password == "another one"
    assert dasha.patch(path, {"smtp_password": ""}).status_code == 422


def test_signatures_names_and_sign_in_are_set_by_rest_and_nonsense_is_named() -> None:
    dasha = program_of(make_administrator())
    account = make_mailbox("support@demo.example")
    path = f"/mailboxes/{account.pk}"
    config = {
        "signatures": {"en": "Coffee service", "ru": "Сервис"},
        "sender_style": "agent",
        "sign_in": "microsoft",
        "oauth_client_id": "desk",
        "oauth_tenant": "polden.onmicrosoft.com",
        "round_trip": "hourly",
        "plus_addresses": False,
    }
    shown = dasha.patch(path, {"config": config, "oauth_client_secret": "s3cret"}).json()
    assert shown["authorisation"] == "needed"
    assert shown["has_oauth_client_secret"] is True
    assert "s3cret" not in str(shown)
    assert {name: shown["config"][name] for name in config} == config
    away = dasha.get(f"{path}/authorisation").json()
    assert away["url"].startswith(
        "https://login.microsoftonline.com/polden.onmicrosoft.com/oauth2/v2.0/authorize?"
    )
    assert "code_challenge_method=S256" in away["url"]
    for wrong, name in (
        ({"sender_style": "loud"}, "sender_style"),
        ({"oauth_token_url": "http://mallory.example/token"}, "oauth_token_url"),
        ({"signatures": {"en": "x" * 3000}}, "signatures"),
        ({"round_trip": "always"}, "round_trip"),
        ({"oauth_tenant": "a/b"}, "oauth_tenant"),
        ({"dkim_selectors": ["a b"]}, "dkim_selectors"),
    ):
        refused = dasha.patch(path, {"config": wrong})
        assert refused.status_code == 422
        assert name in refused.content.decode()
