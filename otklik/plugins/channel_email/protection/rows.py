"""Keys of the desk as rows: what decrypts letters to it and vouches for letters to it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from otklik.core.settings import secrets


class DeskKey(models.Model):
    """One certificate or OpenPGP key; ``sealed`` holds its private part when it is the desk's own.

    ``public`` is base64: DER for S/MIME, the binary certificate for OpenPGP. ``addresses`` is what
    it speaks for.
    """

    class Kind(models.TextChoices):
        SMIME = "smime"
        OPENPGP = "openpgp"

    kind = models.CharField(max_length=8, choices=Kind)
    fingerprint = models.CharField(max_length=64)  # lower-case hex; SHA-256 for S/MIME
    name = models.CharField(max_length=200)
    addresses = models.JSONField(default=list)
    public = models.TextField()
    sealed = models.JSONField(default=dict, editable=False)
    is_authority = models.BooleanField(default=False)  # vouches for others
    expires_at = models.DateTimeField(null=True)
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "channel_email"
        verbose_name = "mail key"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "fingerprint"], name="email_key_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_private(self) -> bool:
        return bool(self.sealed.get("private"))

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at < timezone.now()

    def secret(self, name: str) -> str:
        """In clear, "" when it was never set. Raises SecretError without the key file's key."""
        sealed: dict[str, Any] = self.sealed
        return secrets.unseal(sealed[name]) if sealed.get(name) else ""

    def names(self) -> tuple[str, ...]:
        return tuple(str(one) for one in self.addresses)
