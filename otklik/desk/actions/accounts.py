"""Accounts: the configured ways in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.desk import policy, values
from otklik.desk.events import (
    AccountActivated,
    AccountChanged,
    AccountCreated,
    AccountDeactivated,
)
from otklik.desk.models import Account, AccountState, Brand

_CLEANERS: dict[str, values.Cleaner] = {
    "name": values.line("name", 100, is_required=True),
    "address": values.line("address", 254),
    "brand": values.as_is,
    "language": values.optional_language,
    "config": dict,
}


@action
def create_account(
    actor: Actor,
    *,
    kind: str,
    name: str,
    brand: Brand,
    address: str = "",
    language: str = "",
    config: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Account:
    """``address`` is normalised by the channel, ``config`` checked by it; ``secrets`` are sealed.

    Raises Forbidden, and Invalid when the address is another account's.
    """
    policy.demand_manage_accounts(actor)
    cleaned = values.clean_changes(
        {
            "name": name,
            "address": address,
            "brand": brand,
            "language": language,
            "config": config or {},
        },
        _CLEANERS,
    )
    account = Account(kind=kind, **cleaned)
    for key, value in (secrets or {}).items():
        account.set_secret(key, value)
    _save(account)
    AccountState.objects.create(account=account)
    record(actor, AccountCreated(account.pk, brand.pk, kind))
    return account


@action
def change_account(
    actor: Actor,
    account: Account,
    *,
    secrets: Mapping[str, str] | None = None,
    **changes: Any,
) -> Account:
    """Change name, address, brand, language or config (replaced as a whole).

    A secret is set to its new value, forgotten when empty, kept when not named. Raises Forbidden
    and Invalid.
    """
    policy.demand_manage_accounts(actor)
    cleaned = values.clean_changes(changes, _CLEANERS)
    current = Account.objects.select_for_update().get(pk=account.pk)
    changed = {name for name, value in cleaned.items() if getattr(current, name) != value}
    for name, value in cleaned.items():
        setattr(current, name, value)
    for key, value in (secrets or {}).items():
        current.set_secret(key, value)
        changed.add("secrets")
    if changed:
        _save(current)
        record(actor, AccountChanged(account.pk, tuple(sorted(changed))))
    for name in (*cleaned, "sealed"):
        setattr(account, name, getattr(current, name))
    return account


@action
def deactivate_account(actor: Actor, account: Account) -> None:
    """Take nothing more in and send nothing more out; its tickets stay."""
    policy.demand_manage_accounts(actor)
    if Account.objects.filter(pk=account.pk, is_active=True).update(is_active=False):
        record(actor, AccountDeactivated(account.pk))
    account.is_active = False


@action
def activate_account(actor: Actor, account: Account) -> None:
    policy.demand_manage_accounts(actor)
    if Account.objects.filter(pk=account.pk, is_active=False).update(is_active=True):
        record(actor, AccountActivated(account.pk))
    account.is_active = True


def _save(account: Account) -> None:
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:
        words = _("Another account uses this address already.")
        raise Invalid(words, code="address_taken", fields={"address": words}) from None
