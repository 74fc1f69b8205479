"""A listener that gathers hears a batch at once, and loses nothing when that fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.events import Phase, event, on
from otklik.core.events import dispatcher as dispatching
from otklik.core.events.dispatcher import Dispatcher, dispatch_pending
from otklik.core.events.models import EventRow
from otklik.core.events.record import record
from otklik.core.jobs.models import Job
from otklik.core.jobs.rows import claim_jobs, settle
from otklik.core.jobs.running import run_job

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]
MINUTE = timedelta(minutes=1)


@event("gathertest.pot_filled")
@dataclass(frozen=True, slots=True)
class PotFilled:
    ticket_id: int | None
    pot: int = 0


@event("gathertest.pot_emptied")
@dataclass(frozen=True, slots=True)
class PotEmptied:
    ticket_id: int | None
    pot: int = 0


heard: list[list[tuple[str, int]]] = []
cracked: set[int] = set()


@on(PotFilled, name="gathertest.count", phase=Phase.NOTIFY, gathers=True)
@on(PotEmptied, name="gathertest.count", phase=Phase.NOTIFY, gathers=True)
def count(rows: list[EventRow]) -> None:
    pots = [(row.name.rpartition("_")[2], row.event.pot) for row in rows]
    if cracked & {pot for _name, pot in pots}:
        raise ValueError("a pot is cracked")
    heard.append(pots)


@on(PotFilled, phase=Phase.NOTIFY)
def tell(row: EventRow) -> None:
    heard.append([("told", row.event.pot)])


@pytest.fixture(autouse=True)
def silence(transactional_db: None) -> Iterator[None]:
    EventRow.objects.all().delete()
    heard.clear()
    yield
    cracked.clear()


def record_all(*events: object) -> None:
    with write():
        for happened in events:
            record(SYSTEM, happened)


def run_jobs() -> None:
    while jobs := claim_jobs("test", "light", 20, MINUTE, now=timezone.now() + MINUTE):
        settle([run_job(job) for job in jobs])


def test_a_batch_is_heard_at_once_in_order_of_ids_after_everybody_else() -> None:
    record_all(PotFilled(1, 1), PotFilled(2, 2), PotEmptied(1, 1), PotFilled(None, 3))
    assert dispatch_pending() == 4
    told = [[("told", pot)] for pot in (1, 2, 3)]
    assert heard == [*told, [("filled", 1), ("filled", 2), ("emptied", 1), ("filled", 3)]]
    assert dispatch_pending() == 0


def test_one_that_fails_goes_on_as_a_job_and_the_others_are_heard_one_by_one() -> None:
    cracked.add(2)
    record_all(PotEmptied(1, 1), PotEmptied(2, 2), PotEmptied(2, 4), PotEmptied(3, 3))
    assert dispatch_pending() == 4
    assert heard == [[("emptied", 1)], [("emptied", 3)]]
    assert ["ValueError" in job.last_error for job in Job.objects.order_by("pk")] == [True, False]
    cracked.clear()
    record_all(PotEmptied(2, 5), PotEmptied(3, 6))
    dispatch_pending()
    assert heard[2:] == [[("emptied", 6)]]
    run_jobs()
    assert heard[3:] == [[("emptied", 2)], [("emptied", 4)], [("emptied", 5)]]
    assert not Job.objects.exists()


def test_one_that_is_slow_for_each_is_moved_to_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "SLOW", -1.0)
    dispatcher = Dispatcher()
    record_all(PotEmptied(1, 1), PotEmptied(2, 2))
    assert dispatcher.run_once() == 2
    record_all(PotEmptied(1, 3))
    assert dispatcher.run_once() == 1
    assert heard == [[("emptied", 1), ("emptied", 2)]]
    run_jobs()
    assert heard[1:] == [[("emptied", 3)]]


def test_only_the_last_phase_gathers() -> None:
    with pytest.raises(ValueError, match="last phase"):
        on(PotFilled, phase=Phase.CLASSIFY, gathers=True)
    with pytest.raises(ValueError, match="last phase"):
        on(PotFilled, in_transaction=True, gathers=True)
