"""Deliveries: one thing to send through one account, with what became of each recipient."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from otklik.core.db import write
from otklik.core.outbox.carriers import LeaseLost
from otklik.core.settings import secrets

LEASE = timedelta(seconds=120)
LIFETIME = timedelta(days=5)


class Status(models.TextChoices):
    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Not sent")
    UNCERTAIN = "uncertain", _("May have been sent")
    CANCELLED = "cancelled", _("Cancelled")


class ErrorKind(models.TextChoices):
    NONE = "", _("None")
    TEMPORARY = "temporary", _("Temporary")
    PERMANENT = "permanent", _("Permanent")
    EXPIRED = "expired", _("Tried for too long")
    UNCERTAIN = "uncertain", _("Uncertain")
    FAULT = "fault", _("A fault of the desk")
    PARTIAL = "partial", _("Some recipients refused")


FINAL = frozenset({Status.SENT, Status.DELIVERED, Status.CANCELLED})


class Delivery(models.Model):
    """``next_attempt_at`` is set exactly while queued, ``leased_until`` while sending.

    ``lane`` is what may be slow or broken alone: the account, else the kind. ``dead_at`` marks a
    dead letter: the desk has given up and somebody decides. No foreign key points out.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    account_id = models.BigIntegerField(null=True)
    subject_id = models.BigIntegerField(null=True)
    ticket_id = models.BigIntegerField(null=True)
    lane = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    sealed = models.TextField(default="", blank=True)
    is_wiped = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now)
    give_up_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    lease_token = models.BigIntegerField(default=0)
    worker = models.CharField(max_length=80, default="", blank=True)
    window_entered_at = models.DateTimeField(null=True)
    external_id = models.TextField(default="", blank=True)
    error_kind = models.CharField(max_length=10, choices=ErrorKind, default="", blank=True)
    error_text = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["lane", "next_attempt_at", "id"],
                name="outbox_due",
                condition=models.Q(next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["leased_until"],
                name="outbox_leased",
                condition=models.Q(leased_until__isnull=False),
            ),
            models.Index(
                fields=["dead_at"],
                name="outbox_dead",
                condition=models.Q(dead_at__isnull=False),
            ),
            models.Index(fields=["kind", "subject_id"], name="outbox_by_subject"),
            models.Index(fields=["status", "id"], name="outbox_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} ({self.status})"

    def unseal(self) -> dict[str, str]:
        """What was given as ``sealed``. Raises `settings.secrets.SecretError`."""
        if not self.sealed:
            return {}
        opened: dict[str, str] = json.loads(secrets.unseal(self.sealed))
        return opened

    def waiting_addresses(self) -> list[str]:
        """Recipients who have not got it yet, in the order they were given."""
        waiting = self.recipients.filter(status=RecipientStatus.QUEUED).order_by("pk")
        return list(waiting.values_list("address", flat=True))

    def mark_in_window(self) -> None:
        """Commit that from now on it may have been sent. Raises LeaseLost: then do not send."""
        now = timezone.now()
        with write():
            is_ours = Delivery.objects.filter(
                pk=self.pk, lease_token=self.lease_token, status=Status.SENDING
            ).update(window_entered_at=now, leased_until=now + LEASE)
        if not is_ours:
            raise LeaseLost(f"delivery {self.pk} is no longer ours")
        self.window_entered_at = now


class RecipientStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Refused")


class DeliveryRecipient(models.Model):
    """One address of a delivery; ``detail`` is what the other side said, in its words."""

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="recipients", db_index=False
    )
    address = models.CharField(max_length=320)
    status = models.CharField(
        max_length=10, choices=RecipientStatus, default=RecipientStatus.QUEUED
    )
    detail = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "address"], name="outbox_one_per_address")
        ]

    def __str__(self) -> str:
        return f"recipient #{self.pk} ({self.status})"
