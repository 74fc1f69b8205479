import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from otklik.core.access import SYSTEM, Origin
from otklik.core.db import write
from otklik.core.events import ANY_ORIGIN, Phase, event, on
from otklik.core.events import dispatcher as dispatching
from otklik.core.events.dispatcher import (
    Deferred,
    Dispatcher,
    dispatch_pending,
    lease_events,
    oldest_undispatched,
    run_dispatcher,
)
from otklik.core.events.models import EventRow
from otklik.core.events.record import record
from otklik.core.events.registry import Listener
from otklik.core.events.wakeup import wake_dispatcher
from otklik.core.jobs.models import Job
from otklik.core.jobs.rows import claim_jobs, settle
from otklik.core.jobs.running import run_job
from tests.services import PATIENCE

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]
MINUTE = timedelta(minutes=1)


@event("dispatchtest.cup_filled")
@dataclass(frozen=True, slots=True)
class CupFilled:
    ticket_id: int | None
    cup: int = 0


heard: list[tuple[str, int | None, int]] = []
broken: set[str] = set()
lock = threading.Lock()


def hearing(name: str, row: EventRow) -> None:
    if name in broken:
        raise ConnectionError("the other side is away")
    with lock:
        heard.append((name, row.ticket_id, row.event.cup))


@on(CupFilled, phase=Phase.NOTIFY)
def tell(row: EventRow) -> None:
    hearing("tell", row)


@on(CupFilled, phase=Phase.CLASSIFY)
def taste(row: EventRow) -> None:
    hearing("taste", row)


@on(CupFilled, phase=Phase.CLOCKS, origins=ANY_ORIGIN)
def count(row: EventRow) -> None:
    hearing("count", row)


@pytest.fixture(autouse=True)
def silence(transactional_db: None) -> Iterator[None]:
    # What the desk records while it is set up is not what these tests are about.
    EventRow.objects.all().delete()
    heard.clear()
    broken.clear()
    yield
    broken.clear()


def fill(ticket: int | None, *cups: int, origin: Origin = Origin.LIVE) -> list[EventRow]:
    with write():
        actor = SYSTEM.coming_from(origin)
        return [record(actor, CupFilled(ticket_id=ticket, cup=cup)) for cup in cups]


def run_jobs(*, later: timedelta = timedelta()) -> None:
    while jobs := claim_jobs("test", "light", 20, MINUTE, now=timezone.now() + later):
        settle([run_job(job) for job in jobs])


def cups(name: str, ticket: int) -> list[int]:
    return [cup for who, where, cup in heard if (who, where) == (name, ticket)]


def test_listeners_hear_an_event_in_the_order_of_their_phases_once() -> None:
    fill(1, 1)
    assert oldest_undispatched() is not None
    assert dispatch_pending() == 1
    assert heard == [("taste", 1, 1), ("count", 1, 1), ("tell", 1, 1)]
    assert dispatch_pending() == 0
    assert oldest_undispatched() is None


def test_only_listeners_that_ask_for_it_hear_an_import() -> None:
    fill(1, 1, origin=Origin.IMPORT)
    dispatch_pending()
    assert heard == [("count", 1, 1)]


def test_a_listener_that_fails_goes_on_as_a_job_and_the_others_are_not_held_up() -> None:
    broken.add("tell")
    fill(1, 1)
    fill(2, 5)
    assert dispatch_pending() == 2
    assert [name for name, *_ in heard] == ["taste", "count"] * 2
    job = Job.objects.earliest("pk")
    assert (job.attempts, "ConnectionError" in job.last_error) == (1, True)
    broken.clear()
    run_jobs(later=MINUTE)
    assert sorted(heard[4:]) == [("tell", 1, 1), ("tell", 2, 5)]


def test_what_a_failed_listener_hears_next_of_that_ticket_queues_behind() -> None:
    broken.add("tell")
    fill(1, 1)
    dispatch_pending()
    broken.clear()
    fill(1, 2, 3)
    fill(2, 9)
    dispatch_pending()
    assert cups("taste", 1) == [1, 2, 3]
    assert cups("tell", 1) == []
    assert cups("tell", 2) == [9]
    run_jobs(later=MINUTE)
    assert cups("tell", 1) == [1, 2, 3]
    fill(1, 4)
    dispatch_pending()
    assert cups("tell", 1) == [1, 2, 3, 4]
    assert not Job.objects.exists()


def test_a_slow_listener_is_moved_to_jobs_and_keeps_its_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatching, "SLOW", 0.0)
    fill(1, 1, 2, 3)
    Dispatcher().run_once()
    assert cups("tell", 1) == [1]
    assert Job.objects.count() == 6
    run_jobs()
    assert cups("tell", 1) == [1, 2, 3]


def test_a_ticket_is_with_one_dispatcher_at_a_time() -> None:
    fill(1, 1)
    [first] = lease_events("one", 1, MINUTE)
    fill(1, 2)
    fill(2, 5)
    fill(None, 7)
    assert [(row.ticket_id, row.event.cup) for row in lease_events("two", 9, MINUTE)] == [
        (2, 5),
        (None, 7),
    ]
    EventRow.objects.filter(pk=first.pk).update(dispatched_at=timezone.now())
    assert [row.event.cup for row in lease_events("two", 9, MINUTE)] == [2]


def test_the_events_of_a_lost_dispatcher_are_heard_by_another_one_in_order() -> None:
    fill(1, 1, 2)
    lease_events("lost", 1, MINUTE)
    assert dispatch_pending() == 0
    EventRow.objects.filter(lease="lost").update(leased_until=timezone.now() - MINUTE)
    assert dispatch_pending() == 2
    assert cups("tell", 1) == [1, 2]


def test_a_dispatcher_whose_lease_ran_out_marks_nothing_and_leaves_no_jobs() -> None:
    broken.add("tell")
    [row] = fill(1, 1)

    class Overtaken(Dispatcher):
        def _hear(self, listener: Listener, row: EventRow, queued: set[str]) -> Deferred | None:
            EventRow.objects.filter(pk=row.pk).update(lease="another")
            return super()._hear(listener, row, queued)

    assert Overtaken().run_once() == 0
    row.refresh_from_db()
    assert (row.dispatched_at, row.lease) == (None, "another")
    assert not Job.objects.exists()


def test_dispatchers_side_by_side_keep_each_ticket_in_order() -> None:
    stop = threading.Event()
    running = [threading.Thread(target=run_dispatcher, args=(stop,)) for _ in range(3)]
    for each in running:
        each.start()
    try:
        for cup in range(12):
            for ticket in (1, 2, 3):
                fill(ticket, cup)
        until = time.monotonic() + PATIENCE
        while EventRow.objects.filter(dispatched_at=None).exists() and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        stop.set()
        for each in running:
            each.join()
        connections.close_all()
    run_jobs(later=MINUTE)
    for ticket in (1, 2, 3):
        assert cups("tell", ticket) == list(range(12))


def test_an_event_recorded_in_this_process_is_heard_without_waiting_for_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatching, "POLL", 60.0)
    stop = threading.Event()
    running = threading.Thread(target=run_dispatcher, args=(stop,))
    running.start()
    try:
        time.sleep(0.3)
        fill(1, 1)
        until = time.monotonic() + PATIENCE
        while not cups("tell", 1):
            assert time.monotonic() < until
            time.sleep(0.005)
    finally:
        stop.set()
        while running.is_alive():
            wake_dispatcher()
            running.join(0.1)
