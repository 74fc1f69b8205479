"""Answers remembered for requests that may be sent again."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class RememberedAnswer(models.Model):
    """What a request with an Idempotency-Key was answered. Bound to token, key and body.

    ``status`` is 0 while the first one is still at work. Kept for a day.
    """

    token_id = models.BigIntegerField()
    key_hash = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)  # method, path and body
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True, default="")
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_id", "key_hash"], name="rest_key_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="rest_old_answers")]

    def __str__(self) -> str:
        return f"answer {self.pk}"
