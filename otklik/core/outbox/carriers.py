"""The seam: how things are put in the outbox, who carries them, how carrying fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from otklik.core.outbox.models import Delivery


class TemporaryFailure(Exception):
    """Not sent, may be later. ``message`` is for people; ``retry_after`` is what was asked for."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentFailure(Exception):
    """Not sent, and never will be as it is. ``message`` is for people."""


class UncertainOutcome(Exception):
    """It may have been sent: nobody tries again unasked. ``message`` is for people."""


class LeaseLost(Exception):
    """Somebody else has this delivery by now. Do not send."""


class RecipientResult(Protocol):
    """What the other side said about one recipient (`channels.contract.RecipientOutcome`)."""

    @property
    def address(self) -> str: ...
    @property
    def is_accepted(self) -> bool: ...
    @property
    def is_permanent(self) -> bool: ...
    @property
    def detail(self) -> str: ...


class Carrier(Protocol):
    def carry(self, delivery: Delivery) -> Sequence[RecipientResult]:
        """Send now, blocking, to ``delivery.waiting_addresses()``, outside any transaction.

        Call ``delivery.mark_in_window()`` right before the moment after which it may have been
        sent. One result per recipient that was judged; none at all means that everybody has it.
        ``delivery.external_id`` may be set. Raises TemporaryFailure, PermanentFailure or
        UncertainOutcome.
        """


@dataclass(frozen=True, slots=True)
class CarrierEntry:
    carrier: Carrier
    concurrency: int


_carriers: dict[str, CarrierEntry] = {}


def register_carrier(kind: str, carrier: Carrier, *, concurrency: int = 2) -> None:
    """``concurrency``: how many deliveries of one account may be under way at once."""
    _carriers[kind] = CarrierEntry(carrier, concurrency)


def find_carrier(kind: str) -> CarrierEntry | None:
    return _carriers.get(kind)


def lane_limit(kind: str) -> int:
    entry = _carriers.get(kind)
    return entry.concurrency if entry else 1


def enqueue(
    *,
    kind: str,
    key: str,
    account_id: int | None = None,
    subject_id: int | None = None,
    ticket_id: int | None = None,
    recipients: Sequence[str] = (),
    payload: Mapping[str, Any] | None = None,
    sealed: Mapping[str, str] | None = None,
) -> Delivery:
    """Put something in the outbox, in the caller's transaction; it leaves after the commit.

    Idempotent by ``key``: the delivery that has it is returned unchanged. ``payload`` is JSON of
    ids and codes; ``sealed`` is encrypted and wiped when the delivery is final.
    """
    from otklik.core.outbox.rows import put_delivery

    return put_delivery(
        kind=kind,
        key=key,
        account_id=account_id,
        subject_id=subject_id,
        ticket_id=ticket_id,
        recipients=recipients,
        payload=dict(payload or {}),
        sealed=dict(sealed or {}),
    )
