"""Rows of work. A job is deleted when it is done; what failed for good stays as a dead letter."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Queue(models.TextChoices):
    LIGHT = "light", "light"
    HEAVY = "heavy", "heavy"


class Job(models.Model):
    """One piece of work. Waiting, leased (``leased_until``) or dead (``dead_at``).

    ``lease_token`` grows with every claim and fences: whoever holds an older one can no longer
    finish the job. Jobs with the same ``order_key`` run one after another in id order; of the
    same ``unique_key`` at most one waits. ``attempts`` counts claims, the running one included.
    """

    name = models.CharField(max_length=100)
    queue = models.CharField(max_length=5, choices=Queue, default=Queue.LIGHT)
    arguments = models.JSONField(default=dict)
    order_key = models.CharField(max_length=200, null=True)
    unique_key = models.CharField(max_length=200, null=True)
    run_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=10)
    leased_until = models.DateTimeField(null=True)
    lease_token = models.BigIntegerField(default=0)
    worker = models.CharField(max_length=80, default="", blank=True)
    last_error = models.TextField(default="", blank=True)
    dead_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"],
                name="jobs_one_waiting_per_key",
                condition=models.Q(
                    unique_key__isnull=False, leased_until__isnull=True, dead_at__isnull=True
                ),
            )
        ]
        indexes = [
            models.Index(
                fields=["queue", "run_at", "id"],
                name="jobs_to_claim",
                condition=models.Q(dead_at__isnull=True),
            ),
            models.Index(
                fields=["order_key", "id"],
                name="jobs_in_order",
                condition=models.Q(order_key__isnull=False, dead_at__isnull=True),
            ),
            models.Index(
                fields=["dead_at"],
                name="jobs_dead",
                condition=models.Q(dead_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Schedule(models.Model):
    """When a repeating task is due next; whoever moves ``next_run_at`` on enqueues it."""

    name = models.CharField(max_length=100, unique=True)
    rule = models.CharField(max_length=40)  # "every 300 s", "daily 03:30"
    last_run_at = models.DateTimeField(null=True)
    next_run_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} ({self.rule})"


class Node(models.Model):
    """A process that runs the desk: written by itself every half minute, removed when it ends."""

    name = models.CharField(max_length=120, unique=True)  # "host:pid"
    part = models.CharField(max_length=20)  # "web", "worker", "mail", "back"
    version = models.CharField(max_length=40)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.part} on {self.name} ({self.version})"
