"""Finding accounts, and noting how they fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import timezone

from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.db.briefly import briefly
from otklik.core.db.spelling import spelt_once
from otklik.core.events.record import record
from otklik.desk.brands import default_brand
from otklik.desk.events import AccountFailing, AccountRecovered
from otklik.desk.models import Account, AccountState, Brand
from otklik.kit.addresses import normalise_email, split_plus
from otklik.kit.text import clean_line

Way = Literal["", "in", "out"]
# A mailbox that works is noted at most this often: state is for people, not for the database.
_NOTE_AFTER_SECONDS = 30


def find_account_for(kind: str, address: str) -> Account | None:
    """The active account that receives at ``address``: its own, an alias, or plus-addressed."""
    try:
        wanted = normalise_email(address) if kind == "email" else address
    except ValueError:
        return None
    base, _detail = split_plus(wanted) if kind == "email" else (wanted, "")
    accounts = list(Account.objects.active().filter(kind=kind).select_related("brand"))
    for candidate in dict.fromkeys((wanted, base)):
        for account in accounts:
            if candidate == account.address or candidate in account.config.get("aliases", ()):
                return account
    return None


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """Where this desk itself is reached: who writes there or takes part there is nobody else."""

    addresses: frozenset[str]

    def __contains__(self, address: str) -> bool:
        """``address`` is normalised; a plus address of ours is ours."""
        return address in self.addresses or split_plus(address)[0] in self.addresses


@briefly
def own_addresses(kind: str = "email") -> OwnAddresses:
    """Of all active accounts of a kind, aliases among them. One query."""
    rows = Account.objects.active().filter(kind=kind).values_list("address", "config")
    found = {address for address, _config in rows}
    found.update(str(one) for _address, config in rows for one in config.get("aliases", ()))
    return OwnAddresses(frozenset(found - {""}))


def find_sending_account(brand: Brand | int | None = None, kind: str = "email") -> Account | None:
    """The account through which a brand writes: its own, else the default brand's, else any."""
    return choose_account(_sending(kind), brand.pk if isinstance(brand, Brand) else brand)


def choose_account(accounts: Sequence[Account], brand_id: int | None) -> Account | None:
    """Of these the brand's own, else the default brand's, else any."""
    own = [account for account in accounts if account.brand_id == brand_id]
    default = [account for account in accounts if account.brand.is_default]
    return next(iter([*own, *default, *accounts]), None)


def list_sending_accounts(kind: str = "email") -> list[Account]:
    """Every account that can write, by the order they were made in."""
    return list(_sending(kind))


@spelt_once
def _sending(kind: str) -> QuerySet[Account]:
    rows = Account.objects.active().filter(kind=kind).exclude(address="")
    return rows.select_related("brand").order_by("id")


def brand_of(account: Account | None) -> Brand:
    return account.brand if account is not None else default_brand()


def report_success(
    account: Account, *, received_at: datetime | None = None, sent_at: datetime | None = None
) -> None:
    """It works: note when, and that trouble is over. Call outside other transactions.

    Sending well says nothing about fetching: with only ``sent_at`` trouble on the way in stays,
    and without it trouble on the way out does.
    """
    now = timezone.now()
    state = AccountState.objects.filter(account=account).first() or AccountState(account=account)
    changes: dict[str, Any] = {}
    for name, at in (
        ("last_received_at", received_at),
        ("last_sent_at", sent_at),
        ("last_checked_at", now),
    ):
        known: datetime | None = getattr(state, name)
        if at and (known is None or (at - known).total_seconds() >= _NOTE_AFTER_SECONDS):
            changes[name] = at
    way: Way = "out" if sent_at is not None else "in"
    recovers = state.failing_since is not None and state.failing_way in ("", way)
    if recovers:
        changes |= {"failing_since": None, "failing_way": "", "error": "", "server_reply": ""}
    if not changes:
        return
    with write():
        AccountState.objects.update_or_create(account=account, defaults=changes)
        if recovers:
            record(SYSTEM, AccountRecovered(account_id=account.pk))


def report_failure(account: Account, error: str, *, way: Way = "", server_reply: str = "") -> None:
    """It does not work: since when, why in plain words, and what the other side said.

    ``way``: "in" or "out", so that the other way's success does not end it.
    """
    now = timezone.now()
    state = AccountState.objects.filter(account=account).first()
    since = state.failing_since if state is not None else None
    with write():
        AccountState.objects.update_or_create(
            account=account,
            defaults={
                "last_checked_at": now,
                "failing_since": since or now,
                "failing_way": way,
                "error": clean_line(error, 500),
                "server_reply": clean_line(server_reply, 1000),
            },
        )
        if since is None:
            record(SYSTEM, AccountFailing(account_id=account.pk))
