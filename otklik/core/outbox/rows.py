"""What happens to delivery rows: put, claim, extend, recover. Each is one short write."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import SYSTEM
from otklik.core.db import after_commit, write
from otklik.core.db.holders import is_gone
from otklik.core.db.rows import insert_linked
from otklik.core.db.spelling import spelt_once
from otklik.core.db.turn import take_turn
from otklik.core.outbox.carriers import lane_limit
from otklik.core.outbox.models import (
    LEASE,
    LIFETIME,
    Delivery,
    DeliveryRecipient,
    ErrorKind,
    Status,
)
from otklik.core.outbox.settling import LONGEST_ASKED, record_change
from otklik.core.outbox.wakeup import wake_outbox
from otklik.core.settings import secrets

logger = structlog.get_logger(__name__)

# Clocks of several nodes differ by seconds; what differs by more was written by a wrong one.
TOLERATED = timedelta(hours=1)
MAX_PAYLOAD = 256 * 1024
MAX_RECIPIENTS = 500
_TOGETHER = 3  # recipients of most deliveries, stored along with it
_TURN = 0x0B0C5  # outboxes claim one after another, so that a lane's limit holds


def put_delivery(
    *,
    kind: str,
    key: str,
    account_id: int | None,
    subject_id: int | None,
    ticket_id: int | None,
    recipients: Sequence[str],
    payload: dict[str, Any],
    sealed: dict[str, str],
) -> Delivery:
    """Raises ValueError for a payload that is no JSON or too large, or too many recipients."""
    addresses = list(dict.fromkeys(recipients))
    if len(addresses) > MAX_RECIPIENTS:
        raise ValueError(f"a delivery has at most {MAX_RECIPIENTS} recipients")
    if len(json.dumps(payload, allow_nan=False)) + len(json.dumps(sealed)) > MAX_PAYLOAD:
        raise ValueError(f"the payload is larger than {MAX_PAYLOAD} characters")
    for known in _under_key(key):
        return known
    now = timezone.now()
    delivery = Delivery(
        key=key,
        kind=kind,
        account_id=account_id,
        subject_id=subject_id,
        ticket_id=ticket_id,
        lane=f"account:{account_id}" if account_id is not None else f"kind:{kind}",
        payload=payload,
        sealed=secrets.seal(json.dumps(sealed)) if sealed else "",
        created_at=now,
        next_attempt_at=now,
        give_up_at=now + LIFETIME,
    )
    rows = [DeliveryRecipient(address=address) for address in addresses]
    together, rest = rows[:_TOGETHER], rows[_TOGETHER:]
    try:
        with write():
            insert_linked((delivery, {}), *((row, {"delivery": delivery}) for row in together))
            for row in rest:
                row.delivery = delivery
            DeliveryRecipient.objects.bulk_create(rest)
            after_commit(wake_outbox)
    except IntegrityError:
        return Delivery.objects.get(key=key)
    return delivery


@spelt_once
def _under_key(key: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(key=key)


def has_due(now: datetime | None = None) -> bool:
    """A read, so that an idle outbox leaves the write gate alone."""
    return _due(now or timezone.now()).exists()


def _due(now: datetime) -> QuerySet[Delivery]:
    """What waits longer than anything is made to wait was written by a clock gone wrong, and so
    was what is due when it was made, if that lies ahead."""
    made_ahead = Q(created_at__gt=now + TOLERATED, next_attempt_at__gte=F("created_at"))
    put_off_ahead = Q(next_attempt_at__gt=now + LONGEST_ASKED + TOLERATED)
    return Delivery.objects.filter(Q(next_attempt_at__lte=now) | made_ahead | put_off_ahead)


def claim_deliveries(
    worker: str,
    idle: int,
    threads: int,
    served: dict[str, int],
    *,
    now: datetime | None = None,
) -> list[Delivery]:
    """Take up to ``idle`` deliveries, lanes in turn, and commit that they are being sent.

    ``served`` (lane → when it last had a turn) makes the turns fair and is kept up to date. A
    lane gets a second place only while more than half of the threads are idle.
    """
    now = now or timezone.now()
    claimed: list[Delivery] = []
    with write():
        take_turn(_TURN)
        due = _due(now)
        lanes = sorted(
            set(due.values_list("lane", flat=True).distinct()),
            key=lambda lane: (served.get(lane, 0), lane),
        )
        sending = Delivery.objects.filter(leased_until__isnull=False)
        busy = Counter(sending.values_list("lane", flat=True))
        for is_second in (False, True):
            for lane in lanes:
                left = idle - len(claimed)
                if left <= 0 or (is_second and left * 2 <= threads):
                    break
                if busy[lane] and not is_second:
                    continue
                waiting = due.filter(lane=lane).order_by("next_attempt_at", "pk")
                found = waiting.select_for_update(skip_locked=True).first()
                if found is None or busy[lane] >= lane_limit(found.kind):
                    continue
                _begin(found, worker, now)
                busy[lane] += 1
                served[lane] = max(served.values(), default=0) + 1
                claimed.append(found)
    return claimed


def extend_leases(worker: str, delivery_ids: Collection[int]) -> int:
    with write():
        return Delivery.objects.filter(
            pk__in=delivery_ids, worker=worker, status=Status.SENDING
        ).update(leased_until=timezone.now() + LEASE)


def recover_lost(now: datetime | None = None) -> int:
    """Decide what becomes of deliveries whose sender died. Returns how many.

    Before the window nothing was sent: it is tried again. Inside, nobody knows: uncertain. A
    lease longer than leases are was written by a clock gone wrong, and protects nobody.
    """
    now = now or timezone.now()
    leased = Delivery.objects.filter(leased_until__isnull=False)
    workers = set(leased.values_list("worker", flat=True).distinct())
    is_lost = (
        Q(leased_until__lt=now)
        | Q(leased_until__gt=now + LEASE * 2)
        | Q(worker__in=[worker for worker in workers if is_gone(worker)])
    )
    if not leased.filter(is_lost).exists():
        return 0
    with write():
        lost = list(leased.filter(is_lost).select_for_update(skip_locked=True)[:20])
        for delivery in lost:
            previous, previous_kind = delivery.status, delivery.error_kind
            delivery.leased_until = None
            if delivery.window_entered_at is None:
                delivery.status, delivery.next_attempt_at = Status.QUEUED, now
            else:
                delivery.status = Status.UNCERTAIN
                delivery.error_kind = ErrorKind.UNCERTAIN
                delivery.error_text = _(
                    "The desk was interrupted while sending. It may have arrived or not."
                )
            delivery.save()
            if delivery.status == Status.UNCERTAIN:
                record_change(SYSTEM, delivery, previous, previous_kind)
            logger.warning("delivery_lost", delivery=delivery.pk, status=delivery.status)
        after_commit(wake_outbox)
    return len(lost)


def release_delivery(delivery: Delivery) -> None:
    """Give back what was claimed but not begun; it does not count as an attempt."""
    with write():
        Delivery.objects.filter(
            pk=delivery.pk, lease_token=delivery.lease_token, status=Status.SENDING
        ).update(
            status=Status.QUEUED,
            next_attempt_at=timezone.now(),
            leased_until=None,
            attempts=max(0, delivery.attempts - 1),
        )


def _begin(delivery: Delivery, worker: str, now: datetime) -> None:
    delivery.status = Status.SENDING
    delivery.next_attempt_at = None
    delivery.leased_until = now + LEASE
    delivery.lease_token += 1
    delivery.attempts += 1
    delivery.worker = worker
    delivery.window_entered_at = None
    delivery.save(
        update_fields=[
            "status",
            "next_attempt_at",
            "leased_until",
            "lease_token",
            "attempts",
            "worker",
            "window_entered_at",
        ]
    )
