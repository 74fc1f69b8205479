"""What e-mail remembers: how far each mailbox was read, and the demo's outgoing tray."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from otklik.core.files.models import Blob
from otklik.desk.models import Account


class MailboxCursor(models.Model):
    """How far one folder of an IMAP mailbox was taken in.

    UIDs only mean something together with UIDVALIDITY (RFC 3501 §2.3.1.1). ``last_uid`` moves
    after the mail it names is committed, so that a crash repeats a mail
    (a duplicate) and never skips one.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    folder = models.CharField(max_length=200)
    uid_validity = models.BigIntegerField()
    last_uid = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    last_success_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "mailbox cursor"
        constraints = [
            models.UniqueConstraint(fields=["account", "folder"], name="email_cursor_once")
        ]

    def __str__(self) -> str:
        return f"{self.folder} {self.uid_validity}:{self.last_uid}"


class MailboxGrant(models.Model):
    """What a mailbox's owner allowed us at their provider: an access token and the token that
    renews it, sealed together.

    ``bound_to`` says for which servers they were given. ``version`` grows with every renewal;
    ``renewing_until`` is the lease of the one process that renews, because a provider that hands
    out a new refresh token each time would take a second renewal with the old one for a theft.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    sealed = models.TextField()
    expires_at = models.DateTimeField()
    bound_to = models.CharField(max_length=64)
    granted_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    renewing_until = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)  # the provider renews it no longer
    reply = models.CharField(max_length=500, blank=True, default="")  # its own words

    class Meta:
        verbose_name = "mailbox grant"

    def __str__(self) -> str:
        return f"grant of {self.account_id}"


class RoundTripLetter(models.Model):
    """A letter to ourselves: sent through the real server, awaited in the real mailbox."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    mark = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField(default=timezone.now)
    awaited_until = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True, default="")  # it could not be sent
    dkim_domain = models.CharField(max_length=253, blank=True, default="")
    dkim_selector = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = "round-trip letter"
        indexes = [models.Index(fields=["account", "-id"], name="email_round_trips")]

    def __str__(self) -> str:
        return f"round trip {self.pk} of {self.account_id}"


class DomainReport(models.Model):
    """What the DNS said of a mailbox's domain when it was asked last; ``findings`` hold codes and
    values, the words are the reader's (``domain_words``)."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    checked_at = models.DateTimeField(default=timezone.now)
    findings = models.JSONField(default=list)

    class Meta:
        verbose_name = "domain report"

    def __str__(self) -> str:
        return f"domain report of {self.account_id}"


class TrayLetter(models.Model):
    """A letter that a demo without a mail server would have sent."""

    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    external_id = models.CharField(max_length=998, unique=True)
    recipients = models.JSONField(default=list)
    subject = models.CharField(max_length=500, blank=True, default="")
    raw = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "letter in the outgoing tray"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject
