"""Which address belongs to which account, kept in memory and looked up for every recipient."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from pydantic import ValidationError

from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.kit.addresses import split_plus

from .account_settings import EmailSettings, addresses_of, settings_of
from .addresses import find_address
from .desk_mark import desk_marks
from .pipe import ADDRESSES_NAME
from .protection.store import KEYS
from .reading import ReadingRules
from .screening import rules

logger = structlog.get_logger(__name__)

KIND = "email"
FRESH_FOR = (
    15.0  # seconds; an unknown recipient looks again at once, but not more than every second
)


@dataclass(frozen=True, slots=True)
class Mailbox:
    account: Account
    settings: EmailSettings
    addresses: tuple[str, ...]


@dataclass(slots=True)
class Directory:
    """The active mailboxes. Thread-safe; reads the database, so never call it on an event loop."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _by_address: dict[str, Mailbox] = field(default_factory=dict)
    _mailboxes: tuple[Mailbox, ...] = ()
    _read_at: float = -1e9
    _written: str = ""

    def list_mailboxes(self) -> tuple[Mailbox, ...]:
        self._refresh(FRESH_FOR)
        return self._mailboxes

    def find_mailbox(self, address: str) -> Mailbox | None:
        """The mailbox of an address or of one of its plus addresses."""
        address = find_address(address)
        if not address:
            return None
        self._refresh(FRESH_FOR)
        found = self._find(address)
        if found is None:
            self._refresh(1.0)
            found = self._find(address)
        return found

    def knows(self, address: str) -> bool:
        """Whether an address is known to be ours without asking the database: safe on a loop.

        False says nothing.
        """
        is_fresh = time.monotonic() - self._read_at < FRESH_FOR
        return is_fresh and self._find(find_address(address)) is not None

    def find_account(self, account: Account) -> Mailbox | None:
        """The mailbox of an account row, None when it is inactive or no mailbox."""
        found = (one for one in self.list_mailboxes() if one.account.pk == account.pk)
        return next(found, None)

    def reading_rules(self, mailbox: Mailbox | None) -> ReadingRules:
        settings = mailbox.settings if mailbox else EmailSettings()
        screening = rules()
        return ReadingRules(
            own_addresses=frozenset(self._by_address),
            desk_ids=desk_marks(),
            trusted_hosts=(*config().auth_results_hosts, *settings.trusted_hosts),
            own_lists=frozenset(settings.own_lists),
            filter_hosts=screening.filter_hosts,
            is_checking=screening.is_checking,
            keys=KEYS.load,
        )

    def forget(self) -> None:
        """Read anew at the next question: an account was changed."""
        self._read_at = -1e9

    def publish(self) -> None:
        """Write the addresses for the pipe, which must know them while the desk is down."""
        self._refresh(FRESH_FOR)
        limits = f"limit {config().max_message} free {config().keep_free}"
        lines = [limits, *sorted(self._by_address)]
        content = "\n".join(lines) + "\n"
        path = config().run_dir / ADDRESSES_NAME
        if content == self._written and path.exists():
            return
        _replace(path, content)
        self._written = content

    def _find(self, address: str) -> Mailbox | None:
        found = self._by_address.get(address)
        if found is not None:
            return found
        base, detail = split_plus(address)
        found = self._by_address.get(base) if detail else None
        return found if found is not None and found.settings.plus_addresses else None

    def _refresh(self, fresh_for: float) -> None:
        with self._lock:
            if time.monotonic() - self._read_at < fresh_for:
                return
            by_address: dict[str, Mailbox] = {}
            mailboxes = []
            accounts = Account.objects.filter(kind=KIND, is_active=True).select_related("brand")
            for account in accounts.order_by("id"):
                try:
                    settings = settings_of(account)
                except ValidationError as error:
                    logger.warning(
                        "mailbox_settings_wrong", account=account.pk, errors=error.error_count()
                    )
                    settings = EmailSettings()
                mailbox = Mailbox(account, settings, addresses_of(account, settings))
                mailboxes.append(mailbox)
                for address in mailbox.addresses:
                    by_address.setdefault(address, mailbox)
            self._by_address, self._mailboxes = by_address, tuple(mailboxes)
            self._read_at = time.monotonic()


def _replace(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    fresh.write_text(content, "utf-8")
    fresh.chmod(0o644)
    fresh.replace(path)


DIRECTORY = Directory()
