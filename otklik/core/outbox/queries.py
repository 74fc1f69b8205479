"""What screens and the health page ask about deliveries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from otklik.core.outbox.models import Delivery, Status


def list_for_subjects(kind: str, subject_ids: Collection[int]) -> QuerySet[Delivery]:
    """Deliveries of these subjects with their recipients, oldest first."""
    found = Delivery.objects.filter(kind=kind, subject_id__in=subject_ids)
    return found.prefetch_related("recipients").order_by("pk")


def list_dead() -> QuerySet[Delivery]:
    """Dead letters, newest first."""
    return Delivery.objects.filter(dead_at__isnull=False).order_by("-dead_at", "-pk")


def list_uncertain() -> QuerySet[Delivery]:
    return Delivery.objects.filter(status=Status.UNCERTAIN).order_by("-pk")


def oldest_unsent() -> datetime | None:
    """When the delivery that has waited longest was put in; None when nothing waits."""
    waiting = Delivery.objects.filter(status__in=[Status.QUEUED, Status.SENDING])
    return waiting.order_by("pk").values_list("created_at", flat=True).first()
