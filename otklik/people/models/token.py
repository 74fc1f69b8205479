"""Tokens by which programs act for a user."""

from __future__ import annotations

from django.db import models

from otklik.people.models.user import User


class ApiToken(models.Model):
    """A bearer token; only its hash is kept, it is shown once.

    ``scopes`` are permissions it is narrowed to; null means all the user's rights, now and later.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "API token"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
