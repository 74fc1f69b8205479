"""What people, and later news from the other side, do to deliveries."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Missing
from otklik.core.db import action, after_commit
from otklik.core.outbox.carriers import RecipientResult
from otklik.core.outbox.models import (
    LIFETIME,
    Delivery,
    DeliveryRecipient,
    ErrorKind,
    RecipientStatus,
    Status,
)
from otklik.core.outbox.permissions import HANDLE
from otklik.core.outbox.settling import record_change, wipe
from otklik.core.outbox.wakeup import wake_outbox


@action
def retry_delivery(actor: Actor, delivery: Delivery) -> Delivery:
    """Send again what failed, or now what waits; only to those who have not got it.

    Raises Forbidden, Missing, or Conflict when it is not for sending any more.
    """
    found = _lock(actor, delivery)
    if found.status not in (Status.FAILED, Status.QUEUED):
        raise Conflict(_("Only what has not been sent can be sent again."))
    if found.is_wiped:
        raise Conflict(_("What it contained is no longer kept. Write it anew."))
    return _queue_again(actor, found)


@action
def drop_delivery(actor: Actor, delivery: Delivery) -> Delivery:
    """Do not send it any more. Raises Forbidden, Missing, or Conflict when it is too late."""
    found = _lock(actor, delivery)
    if found.status == Status.CANCELLED:
        return found
    if found.status in (Status.SENDING, Status.SENT, Status.DELIVERED):
        raise Conflict(_("It is being sent or has been sent already."))
    previous, previous_kind = found.status, found.error_kind
    found.status, found.next_attempt_at, found.dead_at = Status.CANCELLED, None, None
    wipe(found)
    found.save()
    record_change(actor, found, previous, previous_kind)
    return found


@action
def confirm_uncertain(actor: Actor, delivery: Delivery, was_sent: bool) -> Delivery:
    """Somebody has found out whether it arrived. Raises Forbidden, Missing or Conflict."""
    found = _lock(actor, delivery)
    if found.status != Status.UNCERTAIN:
        raise Conflict(_("What became of it is known already."))
    if not was_sent:
        return _queue_again(actor, found)
    previous, previous_kind = found.status, found.error_kind
    now = timezone.now()
    found.status, found.error_kind, found.error_text = Status.SENT, ErrorKind.NONE, ""
    found.sent_at, found.dead_at = now, None
    wipe(found)
    found.save()
    found.recipients.filter(status=RecipientStatus.QUEUED).update(status=RecipientStatus.SENT)
    record_change(actor, found, previous, previous_kind)
    return found


@action
def note_results(actor: Actor, delivery: Delivery, results: Sequence[RecipientResult]) -> Delivery:
    """Later news about what was sent: a bounce, a receipt. News about strangers is ignored.

    When nobody got it after all, the delivery has failed; when everybody did, it is delivered.
    """
    found = Delivery.objects.select_for_update().filter(pk=delivery.pk).first()
    if found is None:
        raise Missing(_("There is no such delivery."))
    if found.status not in (Status.SENT, Status.DELIVERED, Status.UNCERTAIN, Status.FAILED):
        return found
    for result in results:
        if not result.is_accepted and not result.is_permanent:
            # Not the last word: only its words are kept.
            DeliveryRecipient.objects.filter(delivery=found, address=result.address).update(
                detail=result.detail[:2000]
            )
            continue
        status = RecipientStatus.DELIVERED if result.is_accepted else RecipientStatus.FAILED
        DeliveryRecipient.objects.filter(delivery=found, address=result.address).update(
            status=status, detail=result.detail[:2000]
        )
    previous, previous_kind = found.status, found.error_kind
    rows = list(found.recipients.order_by("pk"))
    refused = [row for row in rows if row.status == RecipientStatus.FAILED]
    if rows and len(refused) == len(rows):
        found.status, found.error_kind = Status.FAILED, ErrorKind.PERMANENT
    elif refused:
        found.status, found.error_kind = Status.SENT, ErrorKind.PARTIAL
    elif rows and all(row.status == RecipientStatus.DELIVERED for row in rows):
        found.status, found.error_kind = Status.DELIVERED, ErrorKind.NONE
    found.error_text = refused[0].detail if refused else ""
    found.save()
    record_change(actor, found, previous, previous_kind)
    return found


def _queue_again(actor: Actor, found: Delivery) -> Delivery:
    now = timezone.now()
    previous, previous_kind = found.status, found.error_kind
    found.status, found.next_attempt_at, found.dead_at = Status.QUEUED, now, None
    found.error_kind, found.error_text = ErrorKind.NONE, ""
    found.attempts, found.give_up_at = 0, now + LIFETIME
    found.window_entered_at = None
    found.save()
    found.recipients.filter(status=RecipientStatus.FAILED).update(
        status=RecipientStatus.QUEUED, detail=""
    )
    record_change(actor, found, previous, previous_kind)
    after_commit(wake_outbox)
    return found


def _lock(actor: Actor, delivery: Delivery) -> Delivery:
    if not actor.can(HANDLE):
        raise Forbidden(_("You may not change what is being sent."))
    found = Delivery.objects.select_for_update().filter(pk=delivery.pk).first()
    if found is None:
        raise Missing(_("There is no such delivery."))
    return found
