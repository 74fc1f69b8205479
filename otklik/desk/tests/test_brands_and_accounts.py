"""Brands and accounts: one default brand always, addresses found, secrets sealed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.core.access import NOBODY, SYSTEM, Actor, ActorKind, Forbidden, Invalid
from otklik.core.events.models import EventRow
from otklik.desk.accounts import (
    find_account_for,
    find_sending_account,
    report_failure,
    report_success,
)
from otklik.desk.actions import (
    change_account,
    change_brand,
    create_account,
    deactivate_account,
    make_default_brand,
)
from otklik.desk.brands import default_brand, find_brand_for_host
from otklik.desk.models import Account, AccountState, Brand
from otklik.desk.tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.data]

MARINA = Actor(kind=ActorKind.AGENT, id=1, scopes=frozenset({"public", "staff"}))
DASHA = Actor(
    kind=ActorKind.AGENT,
    id=2,
    scopes=frozenset({"public", "staff"}),
    permissions=frozenset({"desk.manage", "desk.accounts"}),
)


def test_there_is_always_one_default_brand():
    first = factories.make_default_brand()
    second = factories.make_brand("Второй бренд")
    assert not second.is_default
    make_default_brand(SYSTEM, second)
    assert default_brand() == second
    assert list(Brand.objects.filter(is_default=True)) == [second]
    assert not Brand.objects.get(pk=first.pk).is_default


def test_an_administrator_changes_a_brand_and_an_agent_does_not():
    brand = factories.make_brand()
    change_brand(DASHA, brand, language="ru", host="Help.Example.com")
    assert brand.languages == ["ru", "en"]
    assert find_brand_for_host("help.example.com") == brand
    with pytest.raises(Forbidden):
        change_brand(MARINA, brand, name="Mallory")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("color", "red; background:url(x)"),
        ("corner", 7),
        ("embed_domains", ["https://shop.example/path"]),
        ("embed_domains", ["'self' *"]),
        ("language", "tlh"),
        ("name", "   "),
        ("first_reply_minutes", 0),
    ],
)
def test_what_makes_no_brand_is_refused(field, value):
    with pytest.raises(Invalid) as raised:
        change_brand(SYSTEM, factories.make_brand(), **{field: value})
    assert field in raised.value.fields


def test_embedding_domains_are_host_names():
    brand = factories.make_brand(embed_domains=["https://shop.example/", "*.shop.example:8443"])
    assert brand.embed_domains == ["shop.example", "*.shop.example:8443"]


def test_an_account_is_found_by_its_address_its_aliases_and_plus_addresses():
    mailbox = factories.make_mailbox(
        "support@demo.example", config={"aliases": ["help@demo.example"]}
    )
    for address in ("Support@Demo.example", "support+t-123@demo.example", "help@demo.example"):
        assert find_account_for("email", address) == mailbox
    assert find_account_for("email", "nobody@demo.example") is None
    assert find_account_for("email", "not an address") is None
    deactivate_account(SYSTEM, mailbox)
    assert find_account_for("email", "support@demo.example") is None


def test_an_address_belongs_to_one_account():
    mailbox = factories.make_mailbox("support@demo.example")
    with pytest.raises(Invalid) as raised:
        factories.make_mailbox("support@demo.example")
    assert raised.value.code == "address_taken"
    other = factories.make_mailbox("sales@demo.example")
    with pytest.raises(Invalid):
        change_account(SYSTEM, other, address=mailbox.address)


def test_secrets_are_sealed_kept_and_forgotten():
    mailbox = factories.make_mailbox(secrets={"imap_password": "Тайна 1"})
    assert "Тайна" not in str(Account.objects.values("sealed").get(pk=mailbox.pk))
    change_account(SYSTEM, mailbox, name="Support", secrets={})
    assert Account.objects.get(pk=mailbox.pk).secret("imap_password") == "Тайна 1"
    change_account(SYSTEM, mailbox, secrets={"imap_password": ""})
    assert Account.objects.get(pk=mailbox.pk).secret("imap_password") == ""


def test_only_who_manages_accounts_sees_to_them():
    with pytest.raises(Forbidden):
        create_account(NOBODY, kind="email", name="x", brand=factories.make_default_brand())
    factories.make_mailbox()
    assert not Account.objects.visible_to(NOBODY).exists()


def test_a_brand_writes_through_its_own_mailbox_else_the_default_brands():
    brand = factories.make_brand()
    default = factories.make_mailbox()
    assert find_sending_account(brand.pk) == default
    own = factories.make_mailbox(brand=brand)
    assert find_sending_account(brand) == own
    assert find_sending_account() == default


def test_trouble_is_told_once_and_so_is_its_end():
    mailbox = factories.make_mailbox()
    report_failure(mailbox, "The server did not take the password.", server_reply="535 5.7.8")
    since = AccountState.objects.get(account=mailbox).failing_since
    report_failure(mailbox, "The server did not take the password.")
    state = AccountState.objects.get(account=mailbox)
    assert state.failing_since == since
    report_success(mailbox, sent_at=timezone.now() + timedelta(minutes=1))
    state = AccountState.objects.get(account=mailbox)
    assert (state.failing_since, state.error) == (None, "")
    names = list(
        EventRow.objects.filter(name__startswith="account.").values_list("name", flat=True)
    )
    assert names.count("account.failing") == names.count("account.recovered") == 1


def test_a_mailbox_that_works_is_not_written_down_for_every_message(django_assert_num_queries):
    mailbox = factories.make_mailbox()
    at = timezone.now()
    report_success(mailbox, received_at=at)
    with django_assert_num_queries(1):
        report_success(mailbox, received_at=at)


def test_sending_well_does_not_hide_that_fetching_fails():
    mailbox = factories.make_mailbox()
    report_failure(mailbox, "The server did not take the password.", way="in")
    report_success(mailbox, sent_at=timezone.now())
    assert AccountState.objects.get(account=mailbox).failing_since is not None
    report_success(mailbox)
    assert AccountState.objects.get(account=mailbox).failing_since is None
