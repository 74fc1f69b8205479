"""What e-mail remembers: how far each mailbox was read, and the demo's outgoing tray."""

from __future__ import annotations

from django.db import models

from otklik.core.files.models import Blob
from otklik.desk.models import Account


class MailboxCursor(models.Model):
    """How far one folder of an IMAP mailbox was taken in.

    UIDs only mean something together with UIDVALIDITY (RFC 3501 §2.3.1.1). ``last_uid`` moves
    after the mail it names is committed, so that a crash repeats a mail
    (a duplicate) and never skips one.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
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
