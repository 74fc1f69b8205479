"""After-commit handlers that failed or are slow go on as jobs, in order per handler and ticket."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone

from otklik.core.events.dispatcher import Deferred, hear
from otklik.core.events.models import EventRow
from otklik.core.events.registry import find_listener
from otklik.core.jobs.models import Job
from otklik.core.jobs.rows import back_off, put_job
from otklik.core.jobs.task import GiveUp, task


@task(name="events.handle", max_attempts=12)
def handle_event(*, event_id: int, listener: str) -> None:
    """Let one listener hear one event, again. Both are looked up anew."""
    row = EventRow.objects.filter(pk=event_id).first()
    if row is None:
        return
    found = find_listener(row.name, listener)
    if found is None:
        raise GiveUp(f"No installed room has the listener {listener}.")
    hear(found, row)


class HandlerJobs:
    """What the dispatcher hands work to (`events.dispatcher.Later`)."""

    def keys_waiting(self, keys: Collection[str]) -> set[str]:
        waiting = Job.objects.filter(order_key__in=keys, dead_at__isnull=True)
        return {key for key in waiting.values_list("order_key", flat=True).distinct() if key}

    def put(self, deferred: Deferred) -> None:
        """Inside the dispatcher's transaction. What failed once waits before it is tried again."""
        has_failed = bool(deferred.error)
        wait = back_off(1) if has_failed else timedelta()
        put_job(
            handle_event,
            {"event_id": deferred.event_id, "listener": deferred.listener},
            order_key=deferred.order_key or None,
            run_at=timezone.now() + wait,
            attempts=int(has_failed),
            last_error=deferred.error,
        )
