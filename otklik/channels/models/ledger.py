"""What came in and what became of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from otklik.core.files.models import Blob
from otklik.desk.models import Account
from otklik.people.models import Team


class AccountRoute(models.Model):
    """Which team gets what a new talk through this account opens."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.account_id} → {self.team_id}"


class InboundRecord(models.Model):
    """One inbound message of one account and its disposition: the ledger that stops doubles.

    A duplicate is the same (account, external id) and the same digest; the same id with another
    digest is another message.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    external_hash = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)
    disposition = models.CharField(max_length=12)
    reason = models.CharField(max_length=200, blank=True, default="")
    ticket_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    sender_id = models.BigIntegerField(null=True)  # the identity's id, for limits per sender
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "external_hash", "digest"], name="channels_inbound_once"
            )
        ]
        indexes = [
            models.Index(fields=["external_hash", "digest"], name="channels_inbound_by_id"),
            models.Index(fields=["sender_id", "-received_at"], name="channels_inbound_sender"),
            models.Index(fields=["received_at"], name="channels_inbound_old"),
        ]

    def __str__(self) -> str:
        return f"{self.disposition} #{self.pk}"


class Quarantined(models.Model):
    """A message nobody could read or place: kept whole, shown to administrators, retried."""

    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(max_length=30)
    raw = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    envelope_to = models.CharField(max_length=320, blank=True, default="")
    envelope_from = models.CharField(max_length=320, blank=True, default="")
    reason = models.CharField(max_length=300)
    attempts = models.PositiveSmallIntegerField(default=1)
    # Which reader gave up on it; a later one tries again by itself.
    reader_version = models.PositiveIntegerField(null=True)
    received_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=12, blank=True, default="")  # taken_in, dropped

    class Meta:
        verbose_name = "quarantined message"
        indexes = [
            models.Index(
                fields=["-received_at"],
                name="channels_quarantine",
                condition=models.Q(resolved_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.reason
