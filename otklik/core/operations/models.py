"""An operation and its journal: each value that moved, in the order it moved."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class Operation(models.Model):
    """One thing somebody did that may be undone as a whole: a merge, a bulk change, a macro.

    ``summary`` holds ids, codes and counts for the screen, never texts.
    """

    name = models.CharField(max_length=80)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    summary = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_by_kind = models.CharField(max_length=12, default="", blank=True)
    undone_by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor_kind", "actor_id", "id"], name="operations_by_actor")
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Change(models.Model):
    """One field of one object, by label and id: the object may be gone by the time of the undo."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="changes")
    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=80)
    old = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    new = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [models.Index(fields=["model", "object_id"], name="operations_by_object")]

    def __str__(self) -> str:
        return f"{self.model} #{self.object_id}.{self.field}"
