"""One act on many tickets: what is done, by whom, how far it is, and what could not be done."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from otklik.core.access import Actor
from otklik.core.operations.models import Operation


class BulkState(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class ItemState(models.TextChoices):
    PENDING = "pending"
    CHANGED = "changed"
    SAME = "same"  # it was so already
    FAILED = "failed"


class BulkActQuerySet(models.QuerySet["BulkAct"]):
    def visible_to(self, actor: Actor) -> BulkActQuerySet:
        """One's own; of a program, those its token began."""
        if actor.id is None or not actor.is_staff:
            return self.none()
        return self.filter(actor_kind=actor.kind.value, actor_id=actor.id)


class BulkAct(models.Model):
    """``steps`` are effects: [{"effect": "ticket.assign", "params": {…}}]; empty for an undo, which
    names the act it takes back. ``rights`` are those its beginner had: at the end of the work
    nobody may do more than at its beginning, and nothing that they may not do any more."""

    title = models.CharField(max_length=200, blank=True, default="")
    steps = models.JSONField(default=list)
    operation = models.ForeignKey(Operation, models.SET_NULL, null=True, related_name="+")
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    rights = models.JSONField(default=list)
    language = models.CharField(max_length=10, blank=True, default="")
    client_key = models.UUIDField(null=True, unique=True)
    state = models.CharField(max_length=10, choices=BulkState, default=BulkState.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = BulkActQuerySet.as_manager()

    class Meta:
        verbose_name = "bulk act"
        indexes = [
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="tickets_bulk_mine"),
        ]

    def __str__(self) -> str:
        return f"bulk act {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.state in (BulkState.DONE, BulkState.CANCELLED)


class BulkItem(models.Model):
    """One ticket of an act. ``why`` is in the words of its beginner's language. No foreign key:
    the ticket may be purged."""

    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="items", db_index=False)
    ticket_id = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=ItemState, default=ItemState.PENDING)
    why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "ticket of a bulk act"
        constraints = [
            models.UniqueConstraint(fields=["act", "ticket_id"], name="tickets_bulk_once")
        ]
        indexes = [models.Index(fields=["act", "state", "id"], name="tickets_bulk_items")]

    def __str__(self) -> str:
        return f"{self.ticket_id} of {self.act_id}"
