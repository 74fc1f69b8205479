"""The outgoing tray of a demo: mail that is kept to be read instead of being sent."""

from __future__ import annotations

from collections.abc import Sequence

from otklik.channels.contract import OutboundMessage, RecipientOutcome
from otklik.core import files
from otklik.core.db import write
from otklik.desk.models import Account

from .models import TrayLetter

DETAIL = "kept in the outgoing tray"


def keep(
    account: Account, message: OutboundMessage, recipients: Sequence[str], raw: bytes
) -> list[RecipientOutcome]:
    """Keep one composed letter. The same Message-ID again changes nothing."""
    blob = files.offer_blob(raw)
    with write():
        files.hold(blob)
        _letter, is_new = TrayLetter.objects.get_or_create(
            external_id=message.external_id[:998],
            defaults={
                "account": account,
                "recipients": list(recipients),
                "subject": message.subject[:500],
                "raw": blob,
            },
        )
        if not is_new:
            files.release(blob)
    return [
        RecipientOutcome(address, is_accepted=True, detail=DETAIL, is_kept=True)
        for address in recipients
    ]
