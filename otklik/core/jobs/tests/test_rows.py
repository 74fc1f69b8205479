from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from otklik.core.access import SYSTEM, Actor, ActorKind, Conflict, Forbidden, Missing
from otklik.core.events.models import EventRow
from otklik.core.jobs.actions import drop_dead, retry_dead
from otklik.core.jobs.models import Job
from otklik.core.jobs.queries import list_dead, oldest_due
from otklik.core.jobs.rows import Outcome, back_off, claim_jobs, extend_leases, settle
from otklik.core.jobs.running import run_job
from otklik.core.jobs.tests import errands

pytestmark = [pytest.mark.data, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)
MARINA = Actor(kind=ActorKind.AGENT, id=1, scopes=frozenset({"staff"}))


def claim(worker: str = "one", **options: Any) -> list[Job]:
    return claim_jobs(worker, "light", 20, MINUTE, **options)


def test_a_job_is_claimed_run_and_deleted() -> None:
    errands.done.clear()
    errands.note.enqueue(word="tea")
    [job] = claim()
    assert (job.attempts, job.lease_token, job.worker) == (1, 1, "one")
    assert claim("two") == []
    assert settle([run_job(job)]) == []
    assert errands.done == ["tea"]
    assert not Job.objects.exists()


def test_many_are_put_at_once_and_what_waits_already_is_put_forward_not_doubled() -> None:
    words = [{"word": word} for word in ("tea", "salt", "tea")]
    errands.note.enqueue_each(words)
    assert Job.objects.count() == 3
    Job.objects.all().delete()
    things = [{"thing": number} for number in (1, 2, 1)]
    errands.once.using(run_at=timezone.now() + MINUTE).enqueue(thing=1)
    errands.once.enqueue_each(things)
    assert sorted(job.arguments["thing"] for job in claim()) == [1, 2]
    errands.once.enqueue_each(things)  # those run already: they begin anew after that
    assert sorted(job.arguments["thing"] for job in claim()) == [1, 2]
    with pytest.raises(ValueError, match="no JSON"):
        errands.once.enqueue_each([{"thing": 3}, {"thing": object()}])
    assert not claim()


def test_a_job_disappears_with_the_transaction_that_wrote_it() -> None:
    with transaction.atomic():
        errands.note.enqueue(word="never")
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_what_is_due_later_waits() -> None:
    errands.note.using(run_at=timezone.now() + MINUTE).enqueue(word="later")
    assert claim() == []
    assert oldest_due() is None
    assert len(claim(now=timezone.now() + 2 * MINUTE)) == 1


def test_arguments_that_are_no_json_or_too_large_are_refused() -> None:
    with pytest.raises(ValueError, match="no JSON"):
        errands.note.enqueue(word=object())
    with pytest.raises(ValueError, match="larger than"):
        errands.note.enqueue(word="x" * 70_000)
    assert not Job.objects.exists()


def test_of_one_key_only_one_waits_but_a_running_one_does_not_count() -> None:
    first = errands.once.enqueue(thing=1)
    assert errands.once.enqueue(thing=1).pk == first.pk
    assert errands.once.enqueue(thing=2).pk != first.pk
    running = claim()
    assert len(running) == 2
    assert errands.once.enqueue(thing=1).pk != first.pk


def test_a_failed_job_gives_way_to_the_one_of_its_key_that_waits() -> None:
    errands.once.enqueue(thing=1)
    [job] = claim()
    waiting = errands.once.enqueue(thing=1)
    assert settle([Outcome(job, "broken")]) == []
    assert list(Job.objects.all()) == [waiting]


def test_an_earlier_wish_for_the_same_key_moves_the_job_forward() -> None:
    later = errands.once.using(run_at=timezone.now() + MINUTE).enqueue(thing=1)
    errands.once.enqueue(thing=1)
    assert [job.pk for job in claim()] == [later.pk]


def test_jobs_of_one_order_key_run_one_after_another_and_a_dead_one_blocks_nothing() -> None:
    ordered = errands.note.using(order_key="ticket:7")
    first, second = ordered.enqueue(word="a"), ordered.enqueue(word="b")
    other = errands.note.using(order_key="ticket:8").enqueue(word="c")
    claimed = claim()
    assert [job.pk for job in claimed] == [first.pk, other.pk]
    # The failed one waits for its next attempt, still before the second.
    settle([Outcome(claimed[0], "broken"), Outcome(claimed[1])])
    assert claim() == []
    again = claim(now=timezone.now() + MINUTE)
    assert [job.pk for job in again] == [first.pk]
    settle([Outcome(again[0], "hopeless", is_final=True)])
    assert [job.pk for job in claim()] == [second.pk]


def test_a_lost_lease_is_taken_over_and_the_late_finisher_is_refused() -> None:
    errands.note.enqueue(word="slow")
    [slow] = claim("slow")
    later = timezone.now() + 2 * MINUTE
    [taken] = claim("quick", now=later)
    assert taken.pk == slow.pk
    assert taken.lease_token > slow.lease_token
    assert extend_leases("slow", [slow.pk], MINUTE) == 0
    assert [refused.job for refused in settle([Outcome(slow)])] == [slow]
    assert [refused.job for refused in settle([Outcome(slow, "late error")])] == [slow]
    assert Job.objects.get().last_error == ""
    assert settle([Outcome(taken)]) == []
    assert not Job.objects.exists()


def test_a_job_that_takes_every_worker_down_dies_in_the_end() -> None:
    errands.fail.enqueue(word="crash")
    now = timezone.now()
    for _ in range(2):
        assert len(claim(now=now)) == 1
        now += 2 * MINUTE
    assert claim(now=now) == []
    assert "lost each time" in list_dead().get().last_error
    assert EventRow.objects.filter(name="job.died").count() == 1


def test_failures_wait_longer_each_time_and_end_as_a_dead_letter() -> None:
    errands.fail.enqueue(word="dance")
    [job] = claim()
    begun = timezone.now()
    settle([run_job(job)])
    waiting = Job.objects.get()
    assert waiting.dead_at is None
    assert "cannot dance" in waiting.last_error
    assert begun < waiting.run_at < timezone.now() + timedelta(seconds=5)
    [job] = claim(now=timezone.now() + MINUTE)
    settle([run_job(job)])
    assert list_dead().get().attempts == 2
    assert back_off(1) < back_off(4) < back_off(9) <= timedelta(hours=1.25)


def test_a_task_may_give_up_at_once_or_ask_for_patience() -> None:
    errands.give_up.enqueue()
    errands.later.enqueue()
    settle([run_job(job) for job in claim()])
    assert list_dead().get().last_error == "no such mailbox"
    waiting = Job.objects.get(dead_at=None)
    assert waiting.run_at > timezone.now() + timedelta(hours=1)


def test_a_task_nobody_knows_any_more_becomes_a_dead_letter() -> None:
    Job.objects.create(name="gone.away")
    [job] = claim()
    settle([run_job(job)])
    assert "gone.away" in list_dead().get().last_error


def test_an_administrator_retries_and_drops_dead_letters_and_an_agent_does_not() -> None:
    errands.give_up.enqueue()
    errands.give_up.enqueue()
    settle([run_job(job) for job in claim()])
    first, second = list_dead()
    with pytest.raises(Forbidden):
        retry_dead(MARINA, first)
    retry_dead(SYSTEM, first)
    drop_dead(SYSTEM, second)
    with pytest.raises(Missing):
        retry_dead(SYSTEM, first)
    with pytest.raises(Missing):
        drop_dead(SYSTEM, second)
    [waiting] = Job.objects.all()
    assert (waiting.pk, waiting.attempts, waiting.dead_at) == (first.pk, 0, None)
    assert EventRow.objects.filter(name__in=["job.retried", "job.dropped"]).count() == 2


def test_a_dead_letter_whose_work_waits_already_is_not_retried() -> None:
    errands.once.enqueue(thing=1)
    settle([Outcome(claim()[0], "broken", is_final=True)])
    errands.once.enqueue(thing=1)
    with pytest.raises(Conflict):
        retry_dead(SYSTEM, list_dead().get())


def test_daily_rules_find_the_next_time_of_day_in_utc() -> None:
    from otklik.core.jobs.task import Rule

    rule = Rule(at=datetime(2026, 1, 1, 3, 30).time())
    before = datetime(2026, 3, 1, 3, 29, tzinfo=UTC)
    assert rule.next_after(before) == datetime(2026, 3, 1, 3, 30, tzinfo=UTC)
    assert rule.next_after(datetime(2026, 3, 1, 3, 30, tzinfo=UTC)).day == 2
