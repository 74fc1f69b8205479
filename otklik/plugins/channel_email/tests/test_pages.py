"""The outgoing tray and the health of mailboxes, as an administrator sees them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from otklik.channels.actions import find_team_of
from otklik.channels.contract import Address, OutboundMessage
from otklik.core.hooks.health import State
from otklik.desk.accounts import report_failure, report_success
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_mailbox
from otklik.people.models import Agent, User
from otklik.people.tests import factories as people
from otklik.plugins.channel_email import health, tray
from otklik.plugins.channel_email.composing import compose
from tests.rest.client import program_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(transactional_db: None) -> Account:
    from django.utils import timezone

    account = make_mailbox("support@demo.example")
    message = OutboundMessage(
        external_id="m1@demo.example",
        sender=Address("support@demo.example", "Marina"),
        subject="[#7] Hello <b>Olga</b>",
        text="Hello Olga",
        html='<p>Hello <i>Olga</i></p><script>alert(1)</script><img src="https://evil.example/x">',
        to=(Address("olga@polden.example"),),
    )
    raw = compose(
        message, at=timezone.now(), desk_id="d", reply_to=None, read_file=lambda file: b""
    )
    tray.keep(account, message, ["olga@polden.example"], raw)
    return account


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="otklik.people.backends.EmailBackend")
    return client


def test_an_administrator_reads_the_tray_and_an_agent_does_not(kept: Account) -> None:
    dasha = signed_in(people.user_of(people.make_administrator()))
    marina = signed_in(people.user_of(people.make_agent("Marina")))
    listed = dasha.get(reverse("channel_email:tray"))
    from otklik.plugins.channel_email.models import TrayLetter

    pk = TrayLetter.objects.get().pk
    shown = dasha.get(reverse("channel_email:tray_letter", args=[pk]))
    html = dasha.get(reverse("channel_email:tray_letter_html", args=[pk]))
    raw = dasha.get(reverse("channel_email:tray_letter_raw", args=[pk]))

    assert "Hello &lt;b&gt;Olga&lt;/b&gt;" in listed.content.decode()
    assert "Hello Olga" in shown.content.decode()
    assert "<i>Olga</i>" in html.content.decode()
    assert "script" not in html.content.decode()
    assert 'src="https://evil.example' not in html.content.decode()
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert raw.content.startswith(b"Date: ")
    for name, arguments in (
        ("tray", []),
        ("tray_letter", [pk]),
        ("tray_letter_html", [pk]),
        ("tray_letter_raw", [pk]),
    ):
        url = reverse(f"channel_email:{name}", args=arguments)
        assert marina.get(url).status_code == 404
        assert Client().get(url).status_code in {302, 404}
    program = program_of(Agent.objects.get(person__name="Dasha"))
    (row,) = program.get("/tray").json()["items"]
    assert (row["id"], row["recipients"]) == (pk, ["olga@polden.example"])
    assert program.get(f"/tray/{pk}/raw").content == raw.content
    stranger = program_of(Agent.objects.get(person__name="Marina"))
    assert stranger.get("/tray").status_code == 403
    assert stranger.get(f"/tray/{pk}/raw").status_code == 403


def test_the_health_page_says_how_each_mailbox_fares(kept: Account) -> None:
    from django.utils import timezone

    (item,) = health.look_at_mailboxes()
    assert (item.state, item.title) == (State.OK, "support@demo.example")

    report_failure(kept, "The mailbox cannot be read.", server_reply="NO")
    (item,) = health.look_at_mailboxes()
    assert item.state is State.FAILED
    assert "The mailbox cannot be read." in str(item.detail)

    report_success(kept, received_at=timezone.now())
    (item,) = health.look_at_mailboxes()
    assert item.state is State.OK
    assert "Last letter" in str(item.detail)


def form_of(address: str, **changes: object) -> dict[str, object]:
    from otklik.desk.brands import ensure_default_brand

    return {
        "name": "Service",
        "address": address,
        "brand": ensure_default_brand().pk,
        "imap_port": 993,
        "imap_security": "tls",
        "imap_folder": "INBOX",
        "after_fetch": "keep",
        "smtp_port": 587,
        "smtp_security": "starttls",
        "plus_addresses": "on",
        "acknowledge": "on",
    } | changes


def test_an_administrator_adds_a_mailbox_and_an_agent_cannot(transactional_db: None) -> None:
    dasha = signed_in(people.user_of(people.make_administrator()))
    marina = signed_in(people.user_of(people.make_agent("Marina")))
    url = reverse("channel_email:mailbox_new")

    assert marina.get(url).status_code == 404
    assert marina.post(url, form_of("service@demo.example")).status_code == 404
    assert dasha.get(url).status_code == 200
    team = people.make_team("Service")
    answer = dasha.post(url, form_of("Service@Demo.Example", anyway="1", team=team.pk))

    account = Account.objects.get(address="service@demo.example")
    assert find_team_of(account.pk) == team
    assert answer.status_code == 302
    assert account.config["plus_addresses"] is True
    listed = dasha.get(reverse("channel_email:mailboxes"))
    assert "service@demo.example" in listed.content.decode()
    dasha.post(reverse("channel_email:mailbox_activity", args=[account.pk]))
    account.refresh_from_db()
    assert not account.is_active


def test_a_failed_test_says_what_is_wrong_saves_nothing_and_shows_no_password(
    transactional_db: None,
) -> None:
    dasha = signed_in(people.user_of(people.make_administrator()))
    url = reverse("channel_email:mailbox_new")
    wanted = form_of(
        "service@demo.example",
        imap_host="127.0.0.1",
        imap_port=1,
        imap_user="service",
        imap_password="the secret word",
    )

    answer = dasha.post(url, wanted)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "does not answer on port 1" in page
    assert "the secret word" not in page
    assert not Account.objects.filter(kind="email").exists()

    dasha.post(url, wanted | {"anyway": "1"})
    account = Account.objects.get(kind="email")
    assert account.secret("imap_password") == "the secret word"
    kept = dasha.post(
        reverse("channel_email:mailbox", args=[account.pk]),
        wanted | {"anyway": "1", "imap_password": "", "name": "Other"},
    )
    account.refresh_from_db()
    assert kept.status_code == 302
    assert (account.name, account.secret("imap_password")) == ("Other", "the secret word")


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "no address"},
        {"imap_host": "imap.example"},
        {"after_fetch": "move"},
        {"aliases": "not an address"},
        {"imap_port": "70000"},
    ],
)
def test_a_form_that_cannot_be_meant_is_shown_again(
    transactional_db: None, changes: dict[str, object]
) -> None:
    dasha = signed_in(people.user_of(people.make_administrator()))
    url = reverse("channel_email:mailbox_new")

    answer = dasha.post(url, form_of("service@demo.example", anyway="1") | changes)

    assert answer.status_code == 422
    assert not Account.objects.filter(kind="email").exists()


def test_older_mail_is_asked_for_by_an_administrator(transactional_db: None) -> None:
    from otklik.core.jobs.models import Job

    account = make_mailbox("support@demo.example", config={"imap_host": "imap.example"})
    dasha = signed_in(people.user_of(people.make_administrator()))
    marina = signed_in(people.user_of(people.make_agent("Marina")))
    url = reverse("channel_email:mailbox_imports", args=[account.pk])

    assert (
        "Days back"
        in dasha.get(reverse("channel_email:mailbox", args=[account.pk])).content.decode()
    )
    assert marina.post(url, {"days": 7}).status_code == 404
    assert dasha.post(url, {"days": 0}).status_code == 422
    assert not Job.objects.filter(name="channel_email.import_mailbox").exists()
    assert dasha.post(url, {"days": 7}).status_code == 302
    job = Job.objects.get(name="channel_email.import_mailbox")
    assert job.arguments == {"account_id": account.pk, "days": 7}
    Job.objects.all().delete()
    program = program_of(Agent.objects.get(person__name="Dasha"))
    stranger = program_of(Agent.objects.get(person__name="Marina"))
    path = f"/mailboxes/{account.pk}/imports"
    assert stranger.post(path, {"days": 7}).status_code == 403
    assert program.post(path, {"days": 0}).status_code == 422
    assert program.post(path, {"days": 9}).status_code == 202
    assert Job.objects.get(name=job.name).arguments == {"account_id": account.pk, "days": 9}
    by_lmtp = make_mailbox("sales@demo.example")
    assert program.post(f"/mailboxes/{by_lmtp.pk}/imports", {"days": 9}).status_code == 422


def test_a_password_typed_before_a_failed_test_is_kept_sealed_and_for_that_mailbox_only() -> None:
    import re

    dasha = signed_in(people.user_of(people.make_administrator()))
    given = {
        "name": "Service",
        "address": "service@demo.example",
        "brand": make_mailbox("other@demo.example").brand_id,
        "imap_host": "127.0.0.1",
        "imap_port": 1,
        "imap_security": "none",
        "imap_user": "service",
        "imap_folder": "INBOX",
        "after_fetch": "keep",
        "smtp_port": 587,
        "smtp_security": "starttls",
    }
    failed = dasha.post(reverse("channel_email:mailbox_new"), given | {"imap_password": "s3cret"})
    page = failed.content.decode()
    assert failed.status_code == 422
    assert "s3cret" not in page
    found = re.search(r'name="kept" value="([^"]+)"', page)
    assert found is not None
    again = given | {"kept": found[1], "anyway": "1"}
    assert dasha.post(reverse("channel_email:mailbox_new"), again).status_code == 302
    stored = Account.objects.get(address="service@demo.example")
    assert stored.secret("imap_password") == "s3cret"

    # To another server it goes neither at once nor by way of a provider that signs in meanwhile.
    here = reverse("channel_email:mailbox", args=[stored.pk])
    evil = given | {"imap_host": "imap.evil.example", "anyway": "1"}
    assert dasha.post(here, evil).status_code == 422
    dasha.post(here, evil | {"sign_in": "google", "oauth_client_id": "desk"})
    stored.refresh_from_db()
    assert (stored.config["sign_in"], stored.secret("imap_password")) == ("google", "")

    other = Account.objects.get(address="other@demo.example")
    elsewhere = again | {"address": "other@demo.example"}
    dasha.post(reverse("channel_email:mailbox", args=[other.pk]), elsewhere)
    assert Account.objects.get(pk=other.pk).secret("imap_password") == ""


def test_a_mailbox_has_its_own_signatures_names_and_way_to_sign_in() -> None:
    dasha = signed_in(people.user_of(people.make_administrator()))
    url = reverse("channel_email:mailbox_new")
    wanted = form_of(
        "service@demo.example",
        anyway="1",
        sender_style="mailbox",
        signature_en="Coffee service",
        signature_ru="Кофейный сервис",
        round_trip="daily",
        dkim_selectors="mail2026, autumn",
        sign_in="google",
        imap_host="imap.gmail.com",
        imap_user="service@demo.example",
    )
    refused = dasha.post(url, wanted)
    assert refused.status_code == 422
    assert "The provider asks for it." in refused.content.decode()
    dasha.post(url, wanted | {"oauth_client_id": "desk", "oauth_client_secret": "s3cret"})
    account = Account.objects.get(address="service@demo.example")
    assert account.config["signatures"] == {"en": "Coffee service", "ru": "Кофейный сервис"}
    assert account.config["dkim_selectors"] == ["mail2026", "autumn"]
    assert (account.config["sender_style"], account.config["round_trip"]) == ("mailbox", "daily")
    assert account.secret("oauth_client_secret") == "s3cret"
    page = dasha.get(reverse("channel_email:mailbox", args=[account.pk])).content.decode()
    assert "Sign in with Google" in page
    assert "/channel-email/authorisation/" in page
    assert "s3cret" not in page
    # The client secret too goes to no other provider than the one it was typed for.
    elsewhere = wanted | {
        "sign_in": "oauth",
        "oauth_client_id": "desk",
        "oauth_authorize_url": "https://mallory.example/authorize",
        "oauth_token_url": "https://mallory.example/token",
    }
    moved = dasha.post(reverse("channel_email:mailbox", args=[account.pk]), elsewhere)
    assert moved.status_code == 422
    assert "Enter the client secret again" in moved.content.decode()
    plain = elsewhere | {"oauth_token_url": "http://mallory.example/token"}
    assert dasha.post(url, plain | {"address": "other@demo.example"}).status_code == 422
