"""What is known about stored content."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Blob(models.Model):
    """One content, whatever it is called and wherever it hangs.

    ``refs`` counts its holders; ``seen_at`` is when it was last stored or let go, so that what
    was just stored and not yet held is not purged. While ``deleting_since`` is set the content
    is being removed and nobody may hold it. Without a ``storage_key`` the content is small and
    lies in ``InlineContent``; ``offered`` is such a content on its way there.
    """

    offered: bytes | None = None

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=127)
    storage_key = models.CharField(max_length=200)
    refs = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    deleting_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(refs__gte=0), name="blob_refs")]
        indexes = [
            models.Index(fields=["seen_at"], condition=models.Q(refs=0), name="blob_unreferenced")
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]}… ({self.size} bytes)"


class InlineContent(models.Model):
    """A small content, committed with the rows that hold it: one wait for the disk, not four."""

    blob = models.OneToOneField(Blob, models.CASCADE, primary_key=True, related_name="inline")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"content of {self.blob_id}"
