"""The journal: what an operation changed, so that it can be taken back."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class Operation(models.Model):
    """One act of a person: a change, a bulk change, a merge. ``name`` such as tickets.assign."""

    name = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "operation"
        indexes = [
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="operations_by_actor")
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Change(models.Model):
    """One field of one object: what it was and what it became, as JSON."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="changes")
    model = models.CharField(max_length=60)  # "tickets.Ticket"
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=60)
    old = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    new = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "change"
        indexes = [
            models.Index(fields=["model", "object_id", "-id"], name="operations_by_object")
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}.{self.field}"
