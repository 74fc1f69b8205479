"""From what a carrier said or raised to the delivery's next state."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import SYSTEM, Actor
from otklik.core.db import write
from otklik.core.events.record import record
from otklik.core.outbox.carriers import (
    PermanentFailure,
    RecipientResult,
    TemporaryFailure,
    UncertainOutcome,
)
from otklik.core.outbox.events import DeliveryChanged
from otklik.core.outbox.models import (
    FINAL,
    LIFETIME,
    Delivery,
    DeliveryRecipient,
    ErrorKind,
    RecipientStatus,
    Status,
)

logger = structlog.get_logger(__name__)

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
LONGEST_ASKED = timedelta(days=1)
MAX_FAULTS = 8
MAX_TEXT = 2_000

Said = Sequence[RecipientResult] | Exception


def settle(delivery: Delivery, said: Said) -> bool:
    """Write down what became of an attempt. False when the delivery is no longer ours.

    A sender thought lost that comes back while nobody else has begun still knows best, so an
    uncertain outcome of the same attempt is replaced by the certain one.
    """
    now = timezone.now()
    with write():
        current = (
            Delivery.objects.select_for_update()
            .filter(
                pk=delivery.pk,
                lease_token=delivery.lease_token,
                status__in=[Status.SENDING, Status.UNCERTAIN],
            )
            .first()
        )
        if current is None:
            logger.warning("delivery_settle_refused", delivery=delivery.pk)
            return False
        previous, previous_kind = current.status, current.error_kind
        current.leased_until = None
        current.external_id = delivery.external_id or current.external_id
        if isinstance(said, Exception):
            _settle_failure(current, said, now)
        else:
            _settle_results(current, said, now)
        _finish(current)
        if previous == Status.SENDING:
            # Being sent is no news, so the change is told from what it was before the attempt.
            previous = Status.QUEUED
        record_change(SYSTEM, current, previous, previous_kind)
    logger.info(
        "delivery_settled",
        delivery=current.pk,
        kind=current.kind,
        status=current.status,
        error=current.error_kind,
        attempt=current.attempts,
    )
    return True


def record_change(actor: Actor, delivery: Delivery, previous: str, previous_kind: str) -> None:
    """Record the event unless neither the state nor the kind of trouble is new."""
    if (delivery.status, delivery.error_kind) == (previous, previous_kind):
        return
    record(
        actor,
        DeliveryChanged(
            delivery_id=delivery.pk,
            kind=delivery.kind,
            subject_id=delivery.subject_id,
            account_id=delivery.account_id,
            status=str(delivery.status),
            previous=str(previous),
            error_kind=str(delivery.error_kind),
            ticket_id=delivery.ticket_id,
        ),
    )


def back_off(attempts: int) -> timedelta:
    """1, 2, 4 … minutes, at most 4 hours, each spread by a fifth."""
    wait: timedelta = min(FIRST_WAIT * int(2 ** min(attempts - 1, 12)), LONGEST_WAIT)
    return wait * random.uniform(0.8, 1.2)  # noqa: S311  no secret


def apply_results(delivery: Delivery, results: Sequence[RecipientResult]) -> None:
    """Write what was said about each recipient; addresses we did not ask about are ignored."""
    for result in results:
        if result.is_accepted:
            status = RecipientStatus.SENT
        elif result.is_permanent:
            status = RecipientStatus.FAILED
        else:
            status = RecipientStatus.QUEUED
        DeliveryRecipient.objects.filter(
            delivery=delivery, address=result.address, status=RecipientStatus.QUEUED
        ).update(status=status, detail=result.detail[:MAX_TEXT])


def wipe(delivery: Delivery) -> None:
    """Forget what was sealed; the row is saved by the caller."""
    if delivery.sealed:
        delivery.sealed, delivery.is_wiped = "", True


def _settle_results(delivery: Delivery, results: Sequence[RecipientResult], now: datetime) -> None:
    recipients = DeliveryRecipient.objects.filter(delivery=delivery)
    if results:
        apply_results(delivery, results)
    else:
        recipients.filter(status=RecipientStatus.QUEUED).update(status=RecipientStatus.SENT)
    rows = list(recipients.order_by("pk"))
    waiting = [row for row in rows if row.status == RecipientStatus.QUEUED]
    refused = [row for row in rows if row.status == RecipientStatus.FAILED]
    if waiting:
        said = next((row.detail for row in waiting if row.detail), "")
        _try_again(delivery, said or _("Some recipients could not be reached yet."), None, now)
    elif refused and len(refused) == len(rows):
        _fail(delivery, ErrorKind.PERMANENT, refused[0].detail)
    else:
        delivery.status = Status.SENT
        delivery.sent_at = delivery.sent_at or now
        delivery.error_kind = ErrorKind.PARTIAL if refused else ErrorKind.NONE
        delivery.error_text = refused[0].detail if refused else ""


def _settle_failure(delivery: Delivery, error: Exception, now: datetime) -> None:
    text = str(error)[:MAX_TEXT]
    if isinstance(error, TemporaryFailure):
        _try_again(delivery, text, error.retry_after, now)
    elif isinstance(error, PermanentFailure):
        DeliveryRecipient.objects.filter(delivery=delivery, status=RecipientStatus.QUEUED).update(
            status=RecipientStatus.FAILED, detail=text
        )
        if DeliveryRecipient.objects.filter(
            delivery=delivery, status=RecipientStatus.SENT
        ).exists():
            delivery.status, delivery.error_text = Status.SENT, text
            delivery.error_kind, delivery.sent_at = ErrorKind.PARTIAL, delivery.sent_at or now
        else:
            _fail(delivery, ErrorKind.PERMANENT, text)
    elif isinstance(error, UncertainOutcome) or delivery.window_entered_at is not None:
        delivery.status, delivery.error_kind = Status.UNCERTAIN, ErrorKind.UNCERTAIN
        delivery.error_text = (
            text
            if isinstance(error, UncertainOutcome)
            else _("Something went wrong while sending. It may have arrived or not.")
        )
    else:
        _try_again(delivery, _("A fault of the desk; its log says more."), None, now)
        if delivery.status == Status.QUEUED:
            delivery.error_kind = ErrorKind.FAULT
            if delivery.attempts >= MAX_FAULTS:
                _give_up(delivery, ErrorKind.FAULT, now)


def _try_again(delivery: Delivery, text: str, retry_after: timedelta | None, now: datetime) -> None:
    delivery.error_text = text[:MAX_TEXT]
    wait = back_off(delivery.attempts)
    if retry_after is not None:
        wait = min(max(retry_after, timedelta(seconds=1)), LONGEST_ASKED)
    # Made while a clock ran ahead: it is tried for as long as everything else.
    delivery.give_up_at = min(delivery.give_up_at, now + LIFETIME)
    if now + wait > delivery.give_up_at:
        _give_up(delivery, ErrorKind.EXPIRED, now)
        return
    delivery.status = Status.QUEUED
    delivery.error_kind = ErrorKind.TEMPORARY
    delivery.next_attempt_at = now + wait
    delivery.window_entered_at = None


def _give_up(delivery: Delivery, kind: ErrorKind, now: datetime) -> None:
    delivery.status, delivery.error_kind = Status.FAILED, kind
    delivery.next_attempt_at, delivery.dead_at = None, now


def _fail(delivery: Delivery, kind: ErrorKind, text: str) -> None:
    delivery.status, delivery.error_kind = Status.FAILED, kind
    delivery.error_text = text[:MAX_TEXT]


def _finish(delivery: Delivery) -> None:
    is_final = delivery.status in FINAL or (
        delivery.status == Status.FAILED and delivery.dead_at is None
    )
    if is_final:
        wipe(delivery)
    delivery.save()
