"""What tickets does by the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.utils import timezone

from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.jobs import every, task
from otklik.desk.models import Brand
from otklik.tickets.actions import close_ticket, drop_old_uploads, wake_ticket
from otklik.tickets.actions.releasing import release, release_overdue
from otklik.tickets.actions.reminders import tell_reminder
from otklik.tickets.bulk import running  # noqa: F401  declares its task
from otklik.tickets.columns import rebuild_columns
from otklik.tickets.models import Reminder, Ticket

logger = structlog.get_logger(__name__)

STEP = 10
MAX_CLOSED_AT_ONCE = 500  # the next run goes on where this one stopped
MAX_WOKEN_AT_ONCE = 1000


@every(minutes=10)
@task(name="tickets.close_solved")
def close_solved() -> None:
    """Close what has been solved for as many days as its brand says."""
    now = timezone.now()
    closed = 0
    for brand in Brand.objects.all():
        due = Ticket.objects.filter(
            brand=brand,
            solved_at__lte=now - timedelta(days=brand.close_after_days),
            closed_at__isnull=True,
            trashed_at__isnull=True,
            merged_into__isnull=True,
        ).order_by("solved_at", "id")
        rows = list(due[: MAX_CLOSED_AT_ONCE - closed])
        for start in range(0, len(rows), STEP):
            with write():
                for ticket in rows[start : start + STEP]:
                    close_ticket(SYSTEM, ticket, reason="schedule")
        closed += len(rows)
    if closed:
        logger.info("tickets_closed_by_schedule", count=closed)


@every(seconds=20)
@task(name="tickets.wake_snoozed", unique=True)
def wake_snoozed() -> None:
    """Bring back what was put off until now; one look at an index when there is nothing."""
    now = timezone.now()
    due = Ticket.objects.filter(snoozed_until__lte=now, merged_into__isnull=True)
    due = due.order_by("snoozed_until", "id")
    ids = list(due.values_list("pk", flat=True)[:MAX_WOKEN_AT_ONCE])
    for start in range(0, len(ids), STEP):
        with write():
            for pk in ids[start : start + STEP]:
                wake_ticket(SYSTEM, pk, reason="due", due_by=now)
    if ids:
        logger.info("tickets_woken", count=len(ids))


@every(seconds=20)
@task(name="tickets.remind", unique=True)
def remind() -> None:
    """Say what somebody wants to be reminded of now: each once, also after a cut."""
    now = timezone.now()
    coming = Reminder.objects.filter(told_at__isnull=True, dropped_at__isnull=True)
    due = coming.filter(due_at__lte=now).order_by("due_at", "id")
    ids = list(due.values_list("pk", flat=True)[:MAX_WOKEN_AT_ONCE])
    for start in range(0, len(ids), STEP):
        with write():
            for pk in ids[start : start + STEP]:
                tell_reminder(pk, now=now)


@task(name="tickets.release_reply")
def release_reply(waiting_id: int) -> None:
    """At its time. Safe to repeat, and harmless when it was undone, sent or put off."""
    release(waiting_id)


@every(seconds=20)
@task(name="tickets.release_overdue")
def release_overdue_replies() -> None:
    """What the death of a process or a clock put back has left behind."""
    release_overdue()


@every(minutes=30)
@task(name="tickets.drop_old_uploads")
def drop_uploads() -> None:
    dropped = drop_old_uploads()
    if dropped:
        logger.info("uploads_dropped", count=dropped)


def rebuild_tickets(progress: Callable[[int, int | None], None]) -> int:
    """Every list column anew; returns how many tickets were wrong."""
    total = Ticket.objects.count()
    done = differing = 0
    last = 0
    while True:
        ids = list(
            Ticket.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:STEP]
        )
        if not ids:
            return differing
        with write():
            differing += rebuild_columns(ids)
        last = ids[-1]
        done += len(ids)
        progress(done, total)


def wire() -> None:
    """Importing this module declares the tasks."""
    from otklik.tickets import tag_tasks  # noqa: F401
