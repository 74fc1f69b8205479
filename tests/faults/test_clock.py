"""A clock that jumps: ahead by a year and put back, back by a day. Nothing waits for a year."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from otklik.core.access import Missing
from otklik.core.db.holders import LENGTH, is_gone, own_mark
from otklik.core.events import dispatcher
from otklik.core.events.models import EventRow
from otklik.core.jobs.lost import free_lost, mend_times
from otklik.core.jobs.models import Job, Schedule
from otklik.core.jobs.rows import claim_jobs
from otklik.core.jobs.schedules import run_due_schedules, sync_schedules
from otklik.core.jobs.tests import errands
from otklik.core.outbox import carriers, enqueue
from otklik.core.outbox.models import Delivery
from otklik.core.outbox.rows import claim_deliveries, has_due, recover_lost
from otklik.core.outbox.settling import settle
from otklik.desk.tests.factories import make_mailbox
from otklik.people.sign_in import Purpose, create_link, find_link, redeem
from otklik.people.tests.factories import make_customer
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data]

YEAR = timedelta(days=365)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def wrong() -> datetime:
    """What a clock says that is a year ahead."""
    return timezone.now() + YEAR


def test_a_lease_of_a_year_ahead_is_no_lease(wrong: datetime) -> None:
    make_mailbox()
    make_ticket(make_customer())
    enqueue(kind="parcel", key="ahead", recipients=["olga@polden.example"])
    errands.note.enqueue(word="ahead")
    with time_machine.travel(wrong, tick=True):
        # Of another machine, which may be gone: only the time can tell.
        assert claim_deliveries("elsewhere", 1, 1, {})
        assert claim_jobs("elsewhere", "light", 1, MINUTE)
        assert dispatcher.lease_events("elsewhere", 50, MINUTE)
    assert recover_lost() == 1
    assert Delivery.objects.get().status == "queued"
    assert free_lost(MINUTE) == 1
    assert claim_jobs("heir", "light", 1, MINUTE)
    assert dispatcher.free_lost() > 0
    assert dispatcher.lease_events("heir", 50, MINUTE)


def test_a_lease_of_now_is_left_alone() -> None:
    make_ticket(make_customer())
    enqueue(kind="parcel", key="now", recipients=["olga@polden.example"])
    errands.note.enqueue(word="now")
    claim_deliveries(own_mark(), 1, 1, {})
    claim_jobs(own_mark(), "light", 1, MINUTE)
    dispatcher.lease_events(own_mark(), 50, MINUTE)
    assert (recover_lost(), free_lost(MINUTE), dispatcher.free_lost(), mend_times()) == (0, 0, 0, 0)


def test_what_was_put_off_by_a_clock_ahead_is_not_put_off_for_a_year(wrong: datetime) -> None:
    with time_machine.travel(wrong, tick=True):
        enqueue(kind="parcel", key="ahead", recipients=["olga@polden.example"])
        [found] = claim_deliveries("elsewhere", 1, 1, {})
        settle(found, carriers.TemporaryFailure("451 come again"))
        later = errands.note.using(run_at=timezone.now() + MINUTE)
        later.enqueue(word="ahead")
        sync_schedules()
    assert has_due()
    assert claim_deliveries("heir", 1, 1, {})
    assert not claim_jobs("heir", "light", 1, MINUTE)
    assert mend_times() >= 1
    job = Job.objects.get()
    assert timedelta() < job.run_at - timezone.now() <= MINUTE
    assert not Schedule.objects.filter(next_run_at__gt=timezone.now() + timedelta(days=40)).exists()


def test_a_schedule_that_a_wrong_clock_moved_on_runs_at_its_next_turn(wrong: datetime) -> None:
    sync_schedules()
    with time_machine.travel(wrong, tick=True):
        assert run_due_schedules()
    Job.objects.all().delete()
    mend_times()
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=True):
        assert run_due_schedules()


def test_a_clock_put_back_a_day_or_an_hour_stops_no_work() -> None:
    enqueue(kind="parcel", key="before", recipients=["olga@polden.example"])
    errands.note.enqueue(word="before")
    make_ticket(make_customer())
    for back in (timedelta(days=1), timedelta(hours=2)):
        with time_machine.travel(timezone.now() - back, tick=True):
            # By this clock what was enqueued "now" lies ahead; it is due all the same.
            mend_times()
            assert claim_jobs("heir", "light", 1, MINUTE)
            assert dispatcher.dispatch_pending() >= 0
            assert not EventRow.objects.filter(dispatched_at__isnull=True).exists()
            Job.objects.update(leased_until=None)


def test_a_mark_tells_a_process_that_runs_from_one_that_is_gone() -> None:
    mark = own_mark()
    assert len(mark) <= LENGTH
    assert mark != own_mark()
    assert not is_gone(mark)
    machine, pid, started, rest = mark.split(".")
    assert is_gone(f"{machine}.{pid}.{int(started, 16) - 7:x}.{rest}")
    assert is_gone(f"{machine}.3fffff.{started}.{rest}")
    assert not is_gone(f"00000000.3fffff.{started}.{rest}")
    for odd in ("", "elsewhere", "a.b.c.d", f"{machine}.zz.1.1"):
        assert not is_gone(odd)


def test_a_link_of_a_year_ahead_lets_nobody_in_for_a_year() -> None:
    olga = make_customer()
    identity = olga.identities.get()
    with time_machine.travel(timezone.now() + YEAR, tick=True):
        ahead = create_link(Purpose.SIGN_IN, identity=identity)
        assert find_link(ahead)
    assert find_link(ahead) is None
    with pytest.raises(Missing):
        redeem(ahead)
    fresh = create_link(Purpose.SIGN_IN, identity=identity)
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=True):
        assert find_link(fresh) is None
    assert redeem(fresh).user.person == olga


def test_a_letter_of_a_year_ahead_is_given_up_after_five_days_and_not_in_a_year() -> None:
    with time_machine.travel(timezone.now() + YEAR, tick=True):
        enqueue(kind="parcel", key="ahead", recipients=["olga@polden.example"])
    now = timezone.now()
    for day in range(7):
        with time_machine.travel(now + timedelta(days=day), tick=True):
            for found in claim_deliveries("heir", 1, 1, {}):
                settle(found, carriers.TemporaryFailure("451 come again"))
            # Refused, it waits its turn: a clock gone wrong makes nobody knock without end.
            assert claim_deliveries("heir", 1, 1, {}) == []
    letter = Delivery.objects.get()
    assert (letter.status, letter.error_kind) == ("failed", "expired")
    assert letter.dead_at is not None
