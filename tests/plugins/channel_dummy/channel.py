"""Pigeons: they carry a short text to a numbered loft, and remember what they carried."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from otklik.channels.contract import Check, OutboundMessage, RecipientOutcome
from otklik.core.outbox import PermanentFailure
from otklik.desk.models import Account

FLOWN: list[OutboundMessage] = []


class DummyChannel:
    kind = "pigeon"
    label = "Pigeon"
    can_start_talk = True

    def normalise(self, value: str) -> str:
        if not value.isdecimal():
            raise ValueError("a loft has a number")
        return str(int(value))

    def read_token(self, token: str) -> int | None:
        return None

    def is_token_for(self, token: str, ticket: int, address: str) -> bool:
        return False

    def make_external_id(
        self, account: Account, key: str, *, ticket: int | None = None, reader: str = ""
    ) -> str:
        return f"ring-{key}"

    def send(
        self, account: Account, message: OutboundMessage, *, entering: Callable[[], None]
    ) -> Sequence[RecipientOutcome]:
        if len(message.text) > 500:
            raise PermanentFailure("Too heavy for a pigeon.")
        entering()
        FLOWN.append(message)
        return [RecipientOutcome(address.address, is_accepted=True) for address in message.to]

    def check(self, account: Account) -> Sequence[Check]:
        return [Check("Loft", "ok")]
