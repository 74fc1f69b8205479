"""Jobs that would wait for nobody: their worker is gone, or a clock that was wrong wrote the time.

Leases and waits are times of the machine's clock, as several machines share them. A clock that ran
a year ahead and was put back must hold nothing up for a year.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db.models import F, Q
from django.utils import timezone

from otklik.core.db import write
from otklik.core.db.holders import is_gone
from otklik.core.jobs.models import Job, Schedule
from otklik.core.jobs.task import list_schedules

# Clocks of several nodes differ by seconds; what differs by more was written by a wrong one.
TOLERATED = timedelta(hours=1)

logger = structlog.get_logger(__name__)


def free_lost(lease: timedelta, now: datetime | None = None) -> int:
    """End the leases of workers of this machine that are gone, and leases longer than leases are.

    Attempts stay counted, so that a job which takes every worker down dies in the end. Returns
    how many were freed.
    """
    now = now or timezone.now()
    leased = Job.objects.filter(leased_until__gte=now, dead_at__isnull=True)
    workers = set(leased.values_list("worker", flat=True).distinct())
    gone = [worker for worker in workers if is_gone(worker)]
    lost = leased.filter(Q(worker__in=gone) | Q(leased_until__gt=now + max(lease * 2, TOLERATED)))
    if not lost.exists():
        return 0
    with write():
        freed = lost.update(leased_until=now - timedelta(seconds=1))
    logger.warning("job_leases_freed", count=freed)
    return freed


def mend_times(now: datetime | None = None) -> int:
    """Move what was written by a clock that ran ahead back to where it would stand by this one.

    A job keeps its wait, counted from now; a schedule is due at its next turn. Returns how many.
    """
    now = now or timezone.now()
    mended = 0
    ahead = Job.objects.filter(created_at__gt=now + TOLERATED, dead_at__isnull=True)
    if ahead.exists():
        with write():
            mended += ahead.update(run_at=now + (F("run_at") - F("created_at")), created_at=now)
    failed = Job.objects.filter(
        attempts__gt=0, run_at__gt=now + timedelta(days=1) + TOLERATED, dead_at__isnull=True
    )
    if failed.exists():
        with write():
            mended += failed.update(run_at=now)
    declared = list_schedules()
    for row in Schedule.objects.filter(name__in=declared, next_run_at__gt=now + TOLERATED):
        due = declared[row.name][1].next_after(now)
        if row.next_run_at > due + TOLERATED:
            with write():
                late = Schedule.objects.filter(pk=row.pk, next_run_at=row.next_run_at)
                mended += late.update(next_run_at=due)
    if mended:
        logger.warning("clock_was_ahead", mended=mended)
    return mended
