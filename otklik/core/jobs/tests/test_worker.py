import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from otklik.core.jobs import every, task
from otklik.core.jobs import worker as working_off
from otklik.core.jobs.lost import free_lost
from otklik.core.jobs.models import Job, Schedule
from otklik.core.jobs.rows import claim_jobs
from otklik.core.jobs.schedules import run_due_schedules, sync_schedules
from otklik.core.jobs.task import Rule
from otklik.core.jobs.tests import errands
from otklik.core.jobs.wakeup import wake_workers
from otklik.core.jobs.worker import run_worker
from tests.services import PATIENCE

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def nothing_done() -> Iterator[None]:
    errands.done.clear()
    errands.gate.clear()
    errands.waiting.clear()
    yield
    errands.gate.set()


@contextmanager
def working(**options: Any) -> Iterator[None]:
    stop = threading.Event()
    options = {"threads": 2, "heavy": 0, "with_schedules": False} | options
    worker = threading.Thread(target=run_worker, args=(stop,), kwargs=options)
    worker.start()
    try:
        yield
    finally:
        stop.set()
        errands.gate.set()
        until = time.monotonic() + PATIENCE
        while worker.is_alive() and time.monotonic() < until:
            wake_workers()
            worker.join(0.1)
        assert not worker.is_alive()


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def nothing_left() -> bool:
    return not Job.objects.exists()


def test_two_workers_share_the_jobs_and_run_each_once() -> None:
    for number in range(60):
        errands.note.enqueue(word=str(number))
    with working(), working():
        wait_for(nothing_left)
    assert sorted(errands.done, key=int) == [str(number) for number in range(60)]


def test_order_holds_however_many_threads_and_workers_run() -> None:
    for number in range(25):
        errands.note.using(order_key="ticket:1").enqueue(word=str(number))
    with working(threads=3), working(threads=3):
        wait_for(nothing_left)
    assert errands.done == [str(number) for number in range(25)]


def test_a_job_enqueued_while_idle_does_not_wait_for_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(working_off, "POLL", 60.0)
    with working():
        time.sleep(0.5)
        errands.note.enqueue(word="quick")
        wait_for(lambda: errands.done == ["quick"])


def test_a_long_job_keeps_its_lease_by_the_heartbeat() -> None:
    errands.wait.enqueue()
    with working(lease=timedelta(seconds=6)):
        leased = Job.objects.filter(leased_until__isnull=False)
        wait_for(leased.exists)
        ends = leased.get().leased_until
        assert ends is not None
        wait_for(leased.filter(leased_until__gt=ends).exists)
        assert claim_jobs("thief", "light", 5, timedelta(seconds=5)) == []
        errands.gate.set()
        wait_for(nothing_left)


def test_a_worker_that_stops_gives_back_what_it_has_not_begun() -> None:
    errands.wait.enqueue()
    for number in range(3):
        errands.note.enqueue(word=str(number))
    with working(threads=1):
        wait_for(lambda: Job.objects.filter(leased_until__isnull=False).count() == 4)
        assert errands.waiting.wait(PATIENCE)
    left = list(Job.objects.values_list("attempts", "leased_until"))
    assert left == [(0, None)] * 3
    assert errands.done == []


def test_a_killed_worker_loses_its_job_to_another_one() -> None:
    errands.hang.enqueue()
    killed = subprocess.Popen(
        [sys.executable, "-m", "otklik.core.jobs.tests.lost_worker"]
        + [str(connection.settings_dict["NAME"]), "60"],
        stdout=subprocess.PIPE,
        env=os.environ,
    )
    assert killed.stdout is not None
    assert b"started\n" in iter(killed.stdout.readline, b"")
    killed.kill()
    killed.wait()
    killed.stdout.close()
    left = Job.objects.get()
    assert (left.attempts, left.lease_token) == (1, 1)
    assert claim_jobs("heir", "light", 1, timedelta(minutes=1)) == []
    assert free_lost(timedelta(seconds=60)) == 1
    [taken] = claim_jobs("heir", "light", 1, timedelta(minutes=1))
    assert (taken.pk, taken.attempts, taken.lease_token) == (left.pk, 2, 2)


def test_many_claimers_at_once_never_get_the_same_job() -> None:
    for number in range(40):
        errands.note.enqueue(word=str(number))
    claimed: list[int] = []

    def take(name: str) -> None:
        try:
            while jobs := claim_jobs(name, "light", 3, timedelta(minutes=1)):
                claimed.extend(job.pk for job in jobs)
        finally:
            connections.close_all()

    takers = [threading.Thread(target=take, args=(f"taker {n}",)) for n in range(4)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert len(claimed) == len(set(claimed))
    # One that meets only rows locked by others sees nothing and stops early; nothing is lost.
    rest = claim_jobs("last", "light", 40, timedelta(minutes=1))
    assert len(claimed) + len(rest) == 40


def test_enqueuing_the_same_key_at_once_leaves_one_job() -> None:
    def put() -> None:
        try:
            errands.once.enqueue(thing=5)
        finally:
            connections.close_all()

    putters = [threading.Thread(target=put) for _ in range(6)]
    for putter in putters:
        putter.start()
    for putter in putters:
        putter.join()
    assert Job.objects.count() == 1


def test_heavy_work_runs_in_a_process_with_limits(tmp_path: Path) -> None:
    written = tmp_path / "result"
    errands.heavy.enqueue(path=str(written))
    errands.greedy.enqueue()
    errands.endless.enqueue()
    with working(heavy=2):
        wait_for(lambda: Job.objects.exclude(last_error="").count() == 2, 2 * PATIENCE)
        wait_for(lambda: Job.objects.count() == 2)
    assert written.read_text() == "was here"
    errors = dict(Job.objects.values_list("name", "last_error"))
    assert errors["errands.greedy"] == "Needed more than 512 MB of memory."
    assert errors["errands.endless"] == "Took longer than 2 s and was stopped."


def test_a_stopping_worker_gives_a_heavy_job_back_unharmed() -> None:
    errands.endless.enqueue()
    with working(heavy=1):
        wait_for(lambda: Job.objects.filter(leased_until__isnull=False).exists())
    job = Job.objects.get()
    assert (job.attempts, job.leased_until, job.last_error) == (0, None, "")


def test_many_workers_run_a_schedule_once_each_turn() -> None:
    @every(minutes=5)
    @task(name="errands.sweep")
    def sweep() -> None:
        errands.done.append("swept")

    now = timezone.now()
    sync_schedules(now)
    sync_schedules(now)
    assert run_due_schedules(now) == []
    due = now + timedelta(minutes=6)
    won: list[list[str]] = []

    def tick() -> None:
        try:
            won.append(run_due_schedules(due))
        finally:
            connections.close_all()

    tickers = [threading.Thread(target=tick) for _ in range(4)]
    for ticker in tickers:
        ticker.start()
    for ticker in tickers:
        ticker.join()
    assert sum(names.count("errands.sweep") for names in won) == 1
    assert Job.objects.filter(name="errands.sweep").count() == 1
    row = Schedule.objects.get(name="errands.sweep")
    assert (row.last_run_at, row.next_run_at) == (due, due + timedelta(minutes=5))


def test_a_changed_rule_starts_anew() -> None:
    @every(hours=1)
    @task(name="errands.tidy")
    def tidy() -> None: ...

    now = timezone.now()
    sync_schedules(now)
    Schedule.objects.filter(name="errands.tidy").update(rule=str(Rule(seconds=60)))
    sync_schedules(now + timedelta(minutes=1))
    row = Schedule.objects.get(name="errands.tidy")
    assert (row.rule, row.next_run_at) == ("every 3600 s", now + timedelta(minutes=61))
