"""What is slow about a message, done before the transaction: cleaning and storing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from otklik.channels.contract import Address, InboundFile, InboundMessage
from otklik.core import files
from otklik.desk.models import Account
from otklik.kit.html import sanitise_mail_html
from otklik.tickets.contract import StoredFile, Words

# Beyond this a text is kept in the raw original alone; what is shown says so.
MAX_TEXT = 1_000_000
MAX_FILES = 200
MOST_NOTES = 20
MOST_KEPT = 200  # addresses of To and of Cc; how many more there are is kept as a number


@dataclass(frozen=True, slots=True)
class Prepared:
    words: Words


def prepare(account: Account, message: InboundMessage) -> Prepared:
    """Sanitised HTML and stored blobs. Raises `files.StorageFull`; nothing is half written."""
    # The sanitiser has its own bounds; cutting before it would cut inside a tag.
    clean = sanitise_mail_html(message.html) if message.html else ""
    stored = tuple(_store(file) for file in message.files[:MAX_FILES])
    words = Words(
        text=message.text[:MAX_TEXT],
        html=clean,
        reply_text=message.reply_text[:MAX_TEXT],
        subject=message.subject,
        files=stored,
        addresses={
            "from": _spell(message.sender),
            "reply_to": [_spell(address) for address in message.reply_to[:10]],
            "to": [_spell(address) for address in message.to[:MOST_KEPT]],
            "cc": [_spell(address) for address in message.cc[:MOST_KEPT]],
            **_left_out(message),
        },
        authentication=dict(message.authentication),
        reading=_found(message),
        raw=files.offer_blob(message.raw) if message.raw else None,
    )
    return Prepared(words)


def _store(file: InboundFile) -> StoredFile:
    return StoredFile(
        blob=files.offer_blob(file.content),
        name=file.name,
        content_type=file.content_type,
        content_id=file.content_id,
        is_inline=file.is_inline,
    )


def _spell(address: Address) -> dict[str, str]:
    return {"address": address.address, "name": address.name}


def _found(message: InboundMessage) -> dict[str, Any] | None:
    """What stands beside the words, None when there is nothing."""
    found = {
        "protection": dict(message.protection),
        "invitation": dict(message.invitation),
        "notes": [note[:200] for note in message.notes[:MOST_NOTES]],
    }
    kept = {name: value for name, value in found.items() if value}
    return kept or None


def _left_out(message: InboundMessage) -> dict[str, int]:
    more = max(0, len(message.to) - MOST_KEPT) + max(0, len(message.cc) - MOST_KEPT)
    return {"more": more} if more else {}
