"""Messages as a channel hands them in."""

from __future__ import annotations

import hashlib
from itertools import count
from typing import Any

from otklik.channels.contract import Address, InboundMessage

_numbers = count(1)


def make_inbound(
    sender: str = "o.nesterova@polden.example",
    text: str = "The machine does not heat water.",
    *,
    name: str = "",
    subject: str = "No hot water",
    **details: Any,
) -> InboundMessage:
    number = next(_numbers)
    digest = hashlib.sha256(f"{sender}{subject}{text}".encode()).hexdigest()
    details.setdefault("external_id", f"mail-{number}@client.example")
    details.setdefault("digest", digest)
    details.setdefault("reply_text", text)
    return InboundMessage(
        channel="email",
        sender=Address(sender, name),
        subject=subject,
        text=text,
        **details,
    )
