"""What nobody could read or place: kept whole, looked at by administrators, tried again."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import DatabaseError
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.channels.contract import Disposition, IntakeResult
from otklik.channels.events import QuarantineResolved
from otklik.channels.models import Quarantined
from otklik.core import files
from otklik.core.access import SYSTEM, Actor, Forbidden
from otklik.core.db import write
from otklik.core.events.record import record
from otklik.core.jobs import every, task
from otklik.core.outbox.permissions import HANDLE
from otklik.desk.models import Account
from otklik.kit.text import clean_line

# How a channel reads one of its raw messages again: (raw bytes, account or None, the row).
Retry = Callable[[bytes, "Account | None", Quarantined], IntakeResult]
_retries: dict[str, Retry] = {}
_versions: dict[str, int] = {}
MOST_AT_ONCE = 200

logger = structlog.get_logger(__name__)


def register_retry(channel: str, retry: Retry, *, version: int = 1) -> None:
    """``version`` grows with what the channel's reader understands: what an earlier one left in
    quarantine is then tried again by itself, once."""
    _retries[channel] = retry
    _versions[channel] = version


def quarantine(
    channel: str,
    raw: bytes,
    *,
    account: Account | None,
    reason: str,
    envelope_to: str = "",
    envelope_from: str = "",
) -> Quarantined:
    """Keep a raw message for a person to look at. Safe against a power cut when it returns."""
    blob = files.offer_blob(raw)
    with write():
        files.hold(blob)
        return Quarantined.objects.create(
            account=account,
            channel=channel,
            raw=blob,
            envelope_to=clean_line(envelope_to, 320),
            envelope_from=clean_line(envelope_from, 320),
            reason=clean_line(reason, 300),
            reader_version=_versions.get(channel),
        )


def retry_quarantined(actor: Actor, row: Quarantined) -> IntakeResult:
    """Read it again, as after an upgrade. Stays in quarantine when it still cannot be read.

    Raises Forbidden, and LookupError when the channel's plug-in is gone.
    """
    _demand(actor)
    retry = _retries.get(row.channel)
    if retry is None:
        raise LookupError(f"no plug-in reads {row.channel!r}")
    with files.open_blob(row.raw) as stream:
        raw = stream.read()
    result = retry(raw, row.account, row)
    if result.disposition is Disposition.QUARANTINED:
        Quarantined.objects.filter(pk=row.pk).update(
            attempts=F("attempts") + 1,
            reader_version=_versions.get(row.channel),
            reason=clean_line(result.reason, 300) or row.reason,
        )
    else:
        _resolve(actor, row, "taken_in")
    return result


@every(minutes=10)
@task(name="channels.retry_after_upgrade", unique=True)
def retry_after_upgrade() -> None:
    """What an earlier reader could not read, by the reader of today; each row once per version.

    A mistake of ours on one row leaves the others their turn, a desk that is unwell ends the round.
    """
    for channel, version in _versions.items():
        rows = Quarantined.objects.filter(channel=channel, resolved_at__isnull=True)
        older = rows.filter(Q(reader_version__isnull=True) | Q(reader_version__lt=version))
        for row in older.select_related("account", "raw").order_by("pk")[:MOST_AT_ONCE]:
            _try_anew(row, version)


def _try_anew(row: Quarantined, version: int) -> None:
    try:
        result = retry_quarantined(SYSTEM, row)
    except (DatabaseError, files.StorageFull):
        raise
    except Exception as error:
        logger.warning("quarantine_retry_failed", row=row.pk, reason=type(error).__name__)
        Quarantined.objects.filter(pk=row.pk).update(reader_version=version)
    else:
        logger.info("quarantine_retried", row=row.pk, disposition=result.disposition.value)


def drop_quarantined(actor: Actor, row: Quarantined) -> None:
    """Decide that nobody needs it. The raw file goes with its last holder. Raises Forbidden."""
    _demand(actor)
    _resolve(actor, row, "dropped")


def _demand(actor: Actor) -> None:
    if not actor.can(HANDLE):
        raise Forbidden(_("Unread messages are handled by administrators."))


def _resolve(actor: Actor, row: Quarantined, resolution: str) -> None:
    with write():
        changed = Quarantined.objects.filter(pk=row.pk, resolved_at__isnull=True).update(
            resolved_at=timezone.now(), resolution=resolution
        )
        if changed:
            if resolution == "dropped":
                files.release(row.raw)
            record(actor, QuarantineResolved(quarantined_id=row.pk, resolution=resolution))
