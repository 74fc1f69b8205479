"""Heavy jobs: a short-lived child process with limits, so that no leak or crash spreads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any

import structlog

from otklik.core.jobs.models import Job
from otklik.core.jobs.rows import Outcome
from otklik.core.jobs.running import FAILED, TOOK
from otklik.core.jobs.task import Task, find_task

logger = structlog.get_logger(__name__)


class Interrupted(Exception):
    """The worker stops; the job goes back unharmed."""


def run_heavy_job(job: Job, stop: threading.Event) -> Outcome:
    """Run in a child; kill it past its time limit. Raises Interrupted when ``stop`` is set."""
    task = find_task(job.name)
    if task is None:
        return Outcome(job, f"No installed room knows the task {job.name}.", is_final=True)
    with TOOK.labels(job.name).time():
        said, code, is_late = _run_child(job, task, stop)
    if said.get("done"):
        return Outcome(job)
    FAILED.labels(job.name).inc()
    if is_late:
        error = f"Took longer than {task.time_limit} s and was stopped."
    else:
        error = said.get("error") or f"The process ended with code {code} and said nothing."
    logger.warning("heavy_job_failed", job=job.pk, task=job.name, attempt=job.attempts, code=code)
    after = said.get("after")
    return Outcome(
        job,
        error,
        is_final=bool(said.get("is_final")),
        after=timedelta(seconds=after) if after is not None else None,
    )


def _run_child(job: Job, task: Task, stop: threading.Event) -> tuple[dict[str, Any], int, bool]:
    read_end, write_end = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "otklik.core.jobs.child", str(write_end)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=[write_end],
        start_new_session=True,
    )
    os.close(write_end)
    is_late = False
    try:
        assert child.stdin is not None
        order = {
            "job": job.pk,
            "name": job.name,
            "module": task.function.__module__,
            "arguments": job.arguments,
            "memory_limit": task.memory_limit,
            "time_limit": task.time_limit,
        }
        try:
            # Standard input stays open: when this process dies, the child sees its end and stops.
            child.stdin.write(json.dumps(order).encode() + b"\n")
            child.stdin.flush()
        except BrokenPipeError:
            pass
        until = time.monotonic() + task.time_limit
        while child.poll() is None:
            if stop.wait(0.05):
                raise Interrupted
            if time.monotonic() > until:
                is_late = True
                break
    finally:
        _end(child)
        with os.fdopen(read_end, "rb") as stream:
            written = stream.read(64 * 1024)
    try:
        said = json.loads(written) if written else {}
    except ValueError:
        said = {}
    return said, child.returncode, is_late


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the whole session: what the child started must not outlive it."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()
    if child.stdin is not None:
        try:
            child.stdin.close()
        except BrokenPipeError:
            pass
