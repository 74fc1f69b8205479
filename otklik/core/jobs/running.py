"""Running one job and saying how it ended."""

from __future__ import annotations

import traceback

import structlog
from prometheus_client import Counter, Histogram

from otklik.core.db.connections import tidy_connections
from otklik.core.jobs.models import Job
from otklik.core.jobs.rows import Outcome
from otklik.core.jobs.task import GiveUp, RetryLater, find_task

logger = structlog.get_logger(__name__)

TOOK = Histogram("otklik_job_seconds", "Time one run of a job took", ["task"])
FAILED = Counter("otklik_job_failures_total", "Runs of jobs that failed", ["task"])


def run_job(job: Job) -> Outcome:
    """Call the task outside any transaction; never raises for what the task does."""
    task = find_task(job.name)
    if task is None:
        return Outcome(job, f"No installed room knows the task {job.name}.", is_final=True)
    structlog.contextvars.bind_contextvars(job=job.pk, task=job.name)
    try:
        with tidy_connections(), TOOK.labels(job.name).time():
            task.function(**job.arguments)
    except Exception as error:
        return failure(job, error)
    else:
        return Outcome(job)
    finally:
        structlog.contextvars.unbind_contextvars("job", "task")


def failure(job: Job, error: Exception) -> Outcome:
    """The outcome of a run that raised."""
    FAILED.labels(job.name).inc()
    if isinstance(error, RetryLater):
        logger.info("job_waits", attempt=job.attempts)
        return Outcome(job, str(error) or "RetryLater", after=error.after)
    if isinstance(error, GiveUp):
        return Outcome(job, str(error) or "GiveUp", is_final=True)
    logger.warning("job_failed", attempt=job.attempts, error=type(error).__name__)
    return Outcome(job, describe(error))


def describe(error: BaseException) -> str:
    """What an operator needs: the last places passed through, then the error itself."""
    return "".join(traceback.format_exception(error, limit=-6)).strip()
