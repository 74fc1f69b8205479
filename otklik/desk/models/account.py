"""Accounts: configured instances of a channel, such as the mailbox support@."""

from __future__ import annotations

from typing import Any

from django.db import models

from otklik.core.settings import secrets
from otklik.desk.models.brand import Brand
from otklik.desk.querysets import AccountQuerySet


class Account(models.Model):
    """One way in and out. ``config`` belongs to the channel plug-in, ``sealed`` to its secrets."""

    kind = models.CharField(max_length=30)  # "email", "web", …: the plug-in's channel kind
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=254, blank=True, default="")  # normalised by the channel
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    language = models.CharField(max_length=10, blank=True, default="")
    is_active = models.BooleanField(default=True)
    config = models.JSONField(default=dict, blank=True)
    sealed = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = "account"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "address"],
                condition=~models.Q(address=""),
                name="desk_account_address",
            )
        ]

    def __str__(self) -> str:
        return self.address or self.name

    def secret(self, name: str) -> str:
        """The secret in clear, "" when it was never set."""
        sealed: dict[str, Any] = self.sealed
        return secrets.unseal(sealed[name]) if sealed.get(name) else ""

    def set_secret(self, name: str, value: str) -> None:
        """Keep a secret sealed; an empty value forgets it. The row is not saved here."""
        sealed = dict(self.sealed)
        if value:
            sealed[name] = secrets.seal(value)
        else:
            sealed.pop(name, None)
        self.sealed = sealed


class AccountState(models.Model):
    """How an account fares; apart from it, because it changes with every message."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="state")
    last_received_at = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    last_checked_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failing_way = models.CharField(max_length=3, blank=True, default="")  # "in", "out", "": both
    error = models.CharField(max_length=500, blank=True, default="")  # plain words
    server_reply = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        verbose_name = "account state"

    def __str__(self) -> str:
        return self.error or "ok"
