"""What the health page asks."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from otklik.core.jobs.models import Job


def list_dead() -> QuerySet[Job]:
    """Dead letters, newest first."""
    return Job.objects.filter(dead_at__isnull=False).order_by("-dead_at", "-pk")


def count_dead() -> int:
    return list_dead().count()


def list_waiting() -> QuerySet[Job]:
    """What waits or runs, in the order it is due."""
    return Job.objects.filter(dead_at__isnull=True).order_by("run_at", "pk")


def oldest_due() -> datetime | None:
    """When the job that has waited longest became due; None when nothing is late."""
    due = list_waiting().filter(leased_until__isnull=True, run_at__lte=timezone.now())
    return due.values_list("run_at", flat=True).first()
