"""Answers older than a day are forgotten."""

from __future__ import annotations

from django.utils import timezone

from otklik.core.jobs import every, task


def wire() -> None:
    """Importing this declares the tasks."""


@every(hours=1)
@task(name="rest.forget_answers")
def forget_answers() -> None:
    from otklik.core.db import write
    from otklik.core.rest.idempotency import KEPT
    from otklik.core.rest.models import RememberedAnswer

    old = RememberedAnswer.objects.filter(created_at__lt=timezone.now() - KEPT)
    ids = list(old.values_list("pk", flat=True)[:1000])
    for start in range(0, len(ids), 50):
        with write():
            RememberedAnswer.objects.filter(pk__in=ids[start : start + 50]).delete()
