"""The connection test of an account: in a thread, with a time limit, before it is saved."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connections
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from otklik.channels.contract import Check
from otklik.channels.registry import find_channel
from otklik.desk.models import Account

logger = structlog.get_logger(__name__)

WITHIN = 45.0  # seconds: two servers, each with a few steps
_MOST_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What the test found, when, and how long it took in seconds."""

    checks: tuple[Check, ...]
    at: datetime
    took: float

    @property
    def advice(self) -> list[str]:
        return [words for check in self.checks for words in check.advice]

    @property
    def replies(self) -> list[str]:
        return [check.server_reply for check in self.checks if check.server_reply]


def check_account(account: Account, *, within: float = WITHIN) -> CheckReport:
    """Test an account that need not be stored. Never raises for what the other side does.

    A server that keeps us waiting is left to its thread, which its own time-outs end.
    """
    started = time.monotonic()
    found: list[Check] = []
    if not _MOST_AT_ONCE.acquire(blocking=False):
        words = _("Another test is running. Try again in half a minute.")
        return _report([Check(_("Connection test"), "failed", words)], started)
    language = get_language() or "en"
    thread = threading.Thread(
        target=_run, args=(account, language, found), daemon=True, name="account check"
    )
    thread.start()
    thread.join(within)
    if thread.is_alive():
        words = _("The server kept us waiting for too long.")
        advice = (_("Check the server's name and port, then test again."),)
        return _report([Check(_("Connection test"), "failed", words, advice)], started)
    return _report(found, started)


def _run(account: Account, language: str, found: list[Check]) -> None:
    try:
        with override(language):
            channel = find_channel(account.kind)
            if channel is None:
                words = _("No plug-in speaks this channel any more.")
                found.append(Check(_("Connection test"), "failed", words))
            else:
                found.extend(channel.check(account))
    except Exception:
        logger.exception("account_check_failed", kind=account.kind)
        words = _("The test itself failed. The log says why.")
        with override(language):
            found.append(Check(_("Connection test"), "failed", words))
    finally:
        connections.close_all()
        _MOST_AT_ONCE.release()


def _report(checks: Sequence[Check], started: float) -> CheckReport:
    return CheckReport(tuple(checks), timezone.now(), round(time.monotonic() - started, 1))
