"""What happens to job rows: put, claim, extend, settle. Every function is one short write."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from otklik.core.access import SYSTEM
from otklik.core.db import after_commit, write
from otklik.core.db.spelling import spelt_once
from otklik.core.events.record import record
from otklik.core.jobs.events import JobDied
from otklik.core.jobs.models import Job
from otklik.core.jobs.task import Task
from otklik.core.jobs.wakeup import wake_workers

logger = structlog.get_logger(__name__)

MAX_ARGUMENTS = 64 * 1024
MAX_ERROR = 4_000
LONGEST_WAIT = timedelta(hours=1)
LOST = "The process that ran this was lost each time."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one run ended. No ``error``: done. ``is_final``: trying again cannot help."""

    job: Job
    error: str = ""
    is_final: bool = False
    after: timedelta | None = None


def put_job(task: Task, arguments: dict[str, Any], **columns: Any) -> Job:
    """Raises ValueError for arguments that are no JSON or too large."""
    values = _values(task, arguments) | columns
    with write():
        job = _put_once(values) if values["unique_key"] else Job.objects.create(**values)
        after_commit(wake_workers)
    return job


def put_jobs(task: Task, each: Iterable[dict[str, Any]]) -> None:
    """The same for many at once, in one statement. Raises ValueError as `put_job`."""
    many = [_values(task, arguments) for arguments in each]
    keys = {values["unique_key"] for values in many} - {None}
    with write():
        waiting = set(_locked(keys)) if keys else set()
        known = [values for values in many if values["unique_key"] in waiting]
        new = [values for values in many if values["unique_key"] not in waiting]
        try:
            with transaction.atomic():
                Job.objects.bulk_create(Job(**values) for values in new)
        except IntegrityError:
            known = many  # somebody put one of them meanwhile
        for values in known:
            _put_once(values)
        after_commit(wake_workers)


def _values(task: Task, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        written = json.dumps(arguments, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"arguments of {task.name} are no JSON: {error}") from None
    if len(written) > MAX_ARGUMENTS:
        raise ValueError(f"arguments of {task.name} are larger than {MAX_ARGUMENTS} characters")
    return {
        "name": task.name,
        "queue": task.queue,
        "arguments": arguments,
        "max_attempts": task.max_attempts,
        "order_key": task.order_key,
        "unique_key": _unique_key(task, arguments, written),
        "run_at": task.run_at or timezone.now(),
    }


def _locked(keys: set[str | None]) -> QuerySet[Job, str | None]:
    """Of these keys those that wait, kept from beginning until the caller's own rows are seen."""
    waiting = Job.objects.filter(
        unique_key__in=keys, leased_until__isnull=True, dead_at__isnull=True
    )
    return waiting.select_for_update().values_list("unique_key", flat=True)


def claim_jobs(
    worker: str, queue: str, limit: int, lease: timedelta, *, now: datetime | None = None
) -> list[Job]:
    """Lease up to ``limit`` jobs that are due, oldest first; lost leases are taken over."""
    now = now or timezone.now()
    with write():
        found = _claimable_now(limit)(queue, now)
        exhausted = [job for job in found if job.attempts >= job.max_attempts]
        for job in exhausted:
            _bury(job, job.last_error or LOST, now)
        claimed = [job for job in found if job.attempts < job.max_attempts]
        if claimed:
            Job.objects.filter(pk__in=[job.pk for job in claimed]).update(
                leased_until=now + lease,
                lease_token=F("lease_token") + 1,
                attempts=F("attempts") + 1,
                worker=worker,
            )
    for job in claimed:
        job.leased_until, job.worker = now + lease, worker
        job.lease_token += 1
        job.attempts += 1
    return claimed


def has_claimable(queue: str, now: datetime | None = None) -> bool:
    """A read, so that idle workers leave the write gate alone."""
    return bool(_any_claimable(queue, now or timezone.now()))


def extend_leases(worker: str, job_ids: Collection[int], lease: timedelta) -> int:
    """Keep what this worker runs; returns how many are still its own."""
    with write():
        return Job.objects.filter(
            pk__in=job_ids, worker=worker, leased_until__isnull=False, dead_at__isnull=True
        ).update(leased_until=timezone.now() + lease)


def release_jobs(jobs: Sequence[Job]) -> None:
    """Give back what was claimed but not begun; it does not count as an attempt."""
    with write():
        for job in jobs:
            _wait_again(job, {"attempts": F("attempts") - 1})
        after_commit(wake_workers)


def settle(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Delete what is done, let what failed wait or die. Returns those refused.

    Refused is what another worker has claimed since: its lease had run out.
    """
    outcomes = list(outcomes)
    refused: list[Outcome] = []
    now = timezone.now()
    with write():
        done = [outcome for outcome in outcomes if not outcome.error]
        refused += _delete(done)
        for outcome in outcomes:
            if outcome.error and not _fail(outcome, now):
                refused.append(outcome)
    for outcome in refused:
        logger.warning("job_finish_refused", job=outcome.job.pk, task=outcome.job.name)
    return refused


def back_off(attempts: int) -> timedelta:
    """2 s, 4 s, 8 s … at most an hour, each spread by a quarter so that failures do not march."""
    wait = min(2.0 ** min(attempts, 20), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=wait * random.uniform(0.75, 1.25))  # noqa: S311  no secret


def _unique_key(task: Task, arguments: dict[str, Any], written: str) -> str | None:
    if task.unique_key or not task.unique:
        return task.unique_key
    if callable(task.unique):
        return f"{task.name}:{task.unique(**arguments)}"[:200]
    digest = hashlib.sha256(written.encode()).hexdigest()[:32]
    return f"{task.name}:{digest}"


def _put_once(values: dict[str, Any]) -> Job:
    waiting = Job.objects.filter(
        unique_key=values["unique_key"], leased_until__isnull=True, dead_at__isnull=True
    )
    for _ in range(5):
        # Locked, so that it cannot begin before the caller's own rows are there to be seen.
        found = waiting.select_for_update().first()
        if found is not None:
            if values["run_at"] < found.run_at:
                found.run_at = values["run_at"]
                found.save(update_fields=["run_at"])
            return found
        try:
            with transaction.atomic():
                return Job.objects.create(**values)
        except IntegrityError:
            continue
    raise RuntimeError(f"the key {values['unique_key']!r} is fought over")


@cache
def _claimable_now(limit: int) -> Callable[[str, datetime], list[Job]]:
    @spelt_once
    def find(queue: str, now: datetime) -> QuerySet[Job]:
        return _claimable(queue, now).select_for_update(skip_locked=True)[:limit]

    return find


@spelt_once
def _any_claimable(queue: str, now: datetime) -> Iterable[int]:
    return _claimable(queue, now).values_list("pk", flat=True)[:1]


def _claimable(queue: str, now: datetime) -> QuerySet[Job]:
    earlier = Job.objects.filter(
        order_key=OuterRef("order_key"), pk__lt=OuterRef("pk"), dead_at__isnull=True
    )
    return (
        Job.objects.filter(dead_at__isnull=True, queue=queue, run_at__lte=now)
        .filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now))
        .filter(Q(order_key__isnull=True) | ~Exists(earlier))
        .order_by("run_at", "pk")
    )


def _delete(done: Sequence[Outcome]) -> list[Outcome]:
    if not done:
        return []
    held = Q()
    for outcome in done:
        held |= Q(pk=outcome.job.pk, lease_token=outcome.job.lease_token)
    mine = set(Job.objects.filter(held).select_for_update().values_list("pk", flat=True))
    Job.objects.filter(pk__in=mine).delete()
    return [outcome for outcome in done if outcome.job.pk not in mine]


def _fail(outcome: Outcome, now: datetime) -> bool:
    job, error = outcome.job, outcome.error[-MAX_ERROR:]
    if outcome.is_final or job.attempts >= job.max_attempts:
        return _bury(job, error, now)
    run_at = now + (outcome.after or back_off(job.attempts))
    return _wait_again(job, {"run_at": run_at, "last_error": error})


def _wait_again(job: Job, values: dict[str, Any]) -> bool:
    mine = Job.objects.filter(pk=job.pk, lease_token=job.lease_token, dead_at__isnull=True)
    try:
        with transaction.atomic():
            return bool(mine.update(leased_until=None, worker="", **values))
    except IntegrityError:
        # Another job of the same key waits already and does the same work.
        mine.delete()
        return True


def _bury(job: Job, error: str, now: datetime) -> bool:
    buried = Job.objects.filter(pk=job.pk, lease_token=job.lease_token, dead_at__isnull=True)
    if not buried.update(dead_at=now, leased_until=None, last_error=error[-MAX_ERROR:]):
        return False
    record(SYSTEM, JobDied(job_id=job.pk, task=job.name, attempts=job.attempts))
    logger.error("job_died", job=job.pk, task=job.name, attempts=job.attempts)
    return True
