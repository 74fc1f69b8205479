"""Threads are begun when there is more to do at once, and let their connections go afterwards."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection

from otklik.core.db import threads
from otklik.core.db.threads import RestingThreads
from tests.services import PATIENCE


def _name() -> str:
    return threading.current_thread().name


def _fail() -> None:
    raise LookupError("nothing there")


def test_only_as_many_threads_stay_as_there_is_work_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "REST", 0.02)
    pool = RestingThreads(3, "clerk")
    together = threading.Barrier(4)
    at_once = [pool.submit(lambda: (together.wait(PATIENCE), _name())[1]) for _ in range(3)]
    waits = pool.submit(_name)  # for one of the three
    together.wait(PATIENCE)
    names = {each.result(PATIENCE) for each in at_once}
    assert len(names) == 3
    assert waits.result(PATIENCE) in names

    until = time.monotonic() + PATIENCE
    while (left := _alive("clerk")) > 1 and time.monotonic() < until:
        time.sleep(0.01)
    assert left == 1
    last = pool.submit(_name).result(PATIENCE)
    assert pool.submit(_name).result(PATIENCE) == last, "the one that rested last goes on"
    with pytest.raises(LookupError, match="nothing there"):
        pool.submit(_fail).result(PATIENCE)
    assert pool.submit(_name).result(PATIENCE) == last, "a failure is its piece's alone"

    begun, go_on = threading.Event(), threading.Event()

    def wait() -> bool:
        begun.set()
        return go_on.wait(PATIENCE)

    running = pool.submit(wait)
    assert begun.wait(PATIENCE)
    for _ in range(2):
        pool.submit(lambda: go_on.wait(PATIENCE))
    dropped = pool.submit(_name)
    pool.shutdown(wait=False, cancel_futures=True)
    assert dropped.cancelled()
    with pytest.raises(RuntimeError):
        pool.submit(_name)
    go_on.set()
    pool.shutdown()
    assert running.result(PATIENCE), "what was under way is ended"
    assert _alive("clerk") == 0


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_a_thread_that_ends_closes_its_connection() -> None:
    def look() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return connection._connections[connection._alias]  # type: ignore[attr-defined]

    with RestingThreads(1, "clerk") as pool:
        used = pool.submit(look).result(PATIENCE)
        assert used.connection is not None
    assert used.connection is None


def _alive(name: str) -> int:
    return sum(each.name.startswith(f"{name}_") for each in threading.enumerate())
