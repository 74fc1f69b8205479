"""The worker: one loop that claims and settles in batches, threads that run, a heartbeat."""

from __future__ import annotations

import queue
import threading
import time
from datetime import timedelta
from typing import TypeVar

import structlog
from django.db import DatabaseError, connections

from otklik.core.db import unhurried, write
from otklik.core.db.holders import own_mark
from otklik.core.db.threads import REST
from otklik.core.jobs import wakeup
from otklik.core.jobs.heavy import Interrupted, run_heavy_job
from otklik.core.jobs.lost import free_lost, mend_times
from otklik.core.jobs.models import Job
from otklik.core.jobs.rows import (
    Outcome,
    claim_jobs,
    extend_leases,
    has_claimable,
    release_jobs,
    settle,
)
from otklik.core.jobs.running import describe, run_job
from otklik.core.jobs.schedules import run_due_schedules, sync_schedules
from otklik.core.jobs.task import HEAVY, LIGHT
from otklik.kit.memory import give_back

logger = structlog.get_logger(__name__)
T = TypeVar("T")

LEASE = timedelta(seconds=60)
POLL = 0.2  # seconds between looks when idle: what another process enqueued waits at most this
GATHER = 0.05  # seconds in which what ends is settled together, while threads have work
MEND_EVERY = 10.0  # seconds between looks for what dead workers and wrong clocks left
GRACE = 15.0  # seconds running jobs get when the worker stops
BATCH_PER_THREAD = 4  # claimed ahead, so that a commit is shared by several jobs


def run_worker(
    stop: threading.Event,
    *,
    threads: int = 2,
    heavy: int = 1,
    lease: timedelta = LEASE,
    with_schedules: bool = True,
) -> None:
    """Work until ``stop`` is set; ``heavy=0`` takes no heavy jobs. Returns when all is settled."""
    Worker(stop, threads, heavy, lease, with_schedules).run()


class Worker:
    def __init__(
        self,
        stop: threading.Event,
        threads: int,
        heavy: int,
        lease: timedelta,
        with_schedules: bool,
    ) -> None:
        self.name = own_mark()
        self._stop = stop
        self._lease = lease
        self._with_schedules = with_schedules
        self._wake = threading.Event()
        self._work: dict[str, queue.SimpleQueue[Job | None]] = {
            LIGHT: queue.SimpleQueue(),
            HEAVY: queue.SimpleQueue(),
        }
        self._counts = {LIGHT: threads, HEAVY: heavy}
        self._limits = {LIGHT: threads * BATCH_PER_THREAD, HEAVY: heavy}
        self._ended: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._returned: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._held: dict[int, Job] = {}
        self._unsettled: list[Outcome] = []
        self._next_tick = 0.0
        self._next_mending = 0.0
        self._is_synced = False

    def run(self) -> None:
        running = [
            threading.Thread(target=self._run_jobs, args=(kind,), name=f"{kind}-{n}", daemon=True)
            for kind, count in self._counts.items()
            for n in range(count)
        ]
        beat_stop = threading.Event()
        beat = threading.Thread(target=self._beat, args=(beat_stop,), name="beat", daemon=True)
        wakeup.listen(self._wake)
        for thread in (*running, beat):
            thread.start()
        logger.info("worker_started", worker=self.name)
        try:
            while not self._stop.is_set():
                self._turn()
        finally:
            wakeup.forget(self._wake)
            self._finish(running)
            beat_stop.set()
            beat.join()
            connections.close_all()
            logger.info("worker_stopped", worker=self.name)

    def _turn(self) -> None:
        self._wake.clear()
        try:
            self._mend()
            self._tick()
            # A claim or an end that is lost with the power is done again, as the job is.
            with unhurried():
                is_busy = self._exchange()
        except DatabaseError as error:
            # The database may be restarting: what ended is kept and settled later.
            logger.warning("worker_database_error", error=type(error).__name__)
            connections.close_all()
            self._stop.wait(1.0)
            return
        if is_busy:
            self._gather()
        else:
            self._wake.wait(POLL)

    def _gather(self) -> None:
        """Until all that was claimed has ended, for a moment at most: an exchange costs as much as
        several jobs."""
        until = time.monotonic() + GATHER
        while self._ended.qsize() < len(self._held) and not self._stop.is_set():
            self._wake.wait(max(0.0, until - time.monotonic()))
            self._wake.clear()
            if time.monotonic() >= until:
                return

    def _mend(self) -> None:
        if time.monotonic() < self._next_mending:
            return
        free_lost(self._lease)
        mend_times()
        self._next_mending = time.monotonic() + MEND_EVERY

    def _tick(self) -> None:
        if not self._with_schedules or time.monotonic() < self._next_tick:
            return
        if not self._is_synced:
            sync_schedules()
            self._is_synced = True
        run_due_schedules()
        self._next_tick = time.monotonic() + 1.0

    def _exchange(self) -> bool:
        """Settle what ended and claim more, in one commit. False when there was nothing."""
        self._unsettled += _drain(self._ended)
        wanted = {}
        for kind, limit in self._limits.items():
            free = limit - sum(job.queue == kind for job in self._held.values())
            free += sum(outcome.job.queue == kind for outcome in self._unsettled)
            # What ended may free the next job of its order key, so then it is worth a look too.
            if free > 0 and (self._unsettled or has_claimable(kind)):
                wanted[kind] = free
        if not self._unsettled and not wanted:
            return False
        claimed: list[Job] = []
        with write():
            settle(self._unsettled)
            for kind, free in wanted.items():
                claimed += claim_jobs(self.name, kind, free, self._lease)
        is_busy = bool(self._unsettled or claimed)
        ended = {outcome.job.pk for outcome in self._unsettled}
        self._unsettled = []
        # Replaced, not changed: the heartbeat reads it from another thread.
        kept = {pk: job for pk, job in self._held.items() if pk not in ended}
        self._held = kept | {job.pk: job for job in claimed}
        for job in claimed:
            self._work[job.queue].put(job)
        return is_busy

    def _run_jobs(self, kind: str) -> None:
        try:
            while (job := self._next(kind)) is not None:
                if self._stop.is_set():
                    self._returned.put(job)
                    continue
                try:
                    outcome = run_heavy_job(job, self._stop) if kind == HEAVY else run_job(job)
                except Interrupted:
                    self._returned.put(job)
                    continue
                except Exception as error:
                    outcome = Outcome(job, describe(error))
                self._ended.put(outcome)
                self._wake.set()
        finally:
            connections.close_all()

    def _next(self, kind: str) -> Job | None:
        try:
            return self._work[kind].get(timeout=REST)
        except queue.Empty:
            connections.close_all()
            give_back()
            return self._work[kind].get()

    def _beat(self, stop: threading.Event) -> None:
        try:
            while not stop.wait(self._lease.total_seconds() / 3):
                held = list(self._held)
                if not held:
                    continue
                try:
                    kept = extend_leases(self.name, held, self._lease)
                except DatabaseError as error:
                    logger.warning("heartbeat_failed", error=type(error).__name__)
                    connections.close_all()
                    continue
                if kept < len(held):
                    logger.info("heartbeat_found_fewer", held=len(held), kept=kept)
        finally:
            connections.close_all()

    def _finish(self, running: list[threading.Thread]) -> None:
        """Let running jobs end within the grace time, give the others back."""
        for kind, count in self._counts.items():
            for _ in range(count):
                self._work[kind].put(None)
        until = time.monotonic() + GRACE
        for thread in running:
            thread.join(max(0.0, until - time.monotonic()))
        try:
            settle([*self._unsettled, *_drain(self._ended)])
            release_jobs(_drain(self._returned))
        except DatabaseError as error:
            # Their leases run out and another worker takes them.
            logger.warning("worker_left_jobs", error=type(error).__name__)


def _drain(source: queue.SimpleQueue[T]) -> list[T]:
    found: list[T] = []
    while True:
        try:
            found.append(source.get_nowait())
        except queue.Empty:
            return found
