from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from otklik import __version__
from otklik.core import settings
from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.db.sqlite.upkeep import follow_log
from otklik.core.events.models import EventRow
from otklik.core.hooks import program
from otklik.core.jobs.models import Node
from otklik.core.outbox.models import Delivery, Status
from otklik.core.search import find, index
from otklik.people.tests.factories import make_customer
from otklik.project.keeping import phases, pruning, upkeep
from otklik.project.stopping import Stop
from otklik.tickets.models import Tag, Ticket
from otklik.tickets.tests.factories import make_ticket

pytestmark = [pytest.mark.data, pytest.mark.django_db]


def in_a_while() -> float:
    return time.monotonic() + 30


def age_everything() -> None:
    long_ago = timezone.now() - timedelta(days=1000)
    EventRow.objects.update(recorded_at=long_ago, dispatched_at=long_ago)
    Delivery.objects.update(created_at=long_ago)


def put_delivery(key: str, status: str, **values: object) -> Delivery:
    return Delivery.objects.create(
        key=key,
        kind="letter",
        lane="kind:letter",
        status=status,
        next_attempt_at=None,
        give_up_at=timezone.now(),
        **values,
    )


def test_old_events_go_but_the_timeline_of_a_living_ticket_stays() -> None:
    olga = make_customer("Olga Nesterova")
    kept, gone = make_ticket(olga), make_ticket(olga)
    settings.put(SYSTEM, pruning.DELIVERIES_DAYS, 365)
    age_everything()
    with write():
        unheard = make_ticket(olga)
        EventRow.objects.filter(ticket_id=unheard.pk).update(dispatched_at=None)
    of_kept = EventRow.objects.filter(ticket_id=kept.pk).order_by("pk")
    before = list(of_kept.values_list("pk", flat=True))
    assert before
    EventRow.objects.filter(ticket_id=gone.pk).update(ticket_id=10**9)
    assert pruning.prune_events(in_a_while()) > 0
    left = EventRow.objects.values_list("ticket_id", flat=True)
    assert set(left.filter(recorded_at__lt=timezone.now() - timedelta(days=800))) == {kept.pk}
    assert before == list(of_kept.values_list("pk", flat=True))
    assert EventRow.objects.filter(ticket_id=unheard.pk).exists()
    # Looked through: nothing more to do until the search begins anew.
    assert pruning.prune_events(in_a_while()) == 0


def test_deliveries_that_are_done_go_and_those_somebody_decides_about_stay() -> None:
    for status in Status:
        put_delivery(f"{status}", status)
    put_delivery("dead", Status.FAILED, dead_at=timezone.now())
    age_everything()
    put_delivery("fresh", Status.SENT)
    assert pruning.prune_deliveries(in_a_while()) == 4
    left = set(Delivery.objects.values_list("key", flat=True))
    assert left == {"queued", "sending", "uncertain", "dead", "fresh"}


def test_nothing_is_pruned_where_it_is_switched_off() -> None:
    put_delivery("sent", Status.SENT)
    make_ticket(make_customer("Olga Nesterova"))
    age_everything()
    EventRow.objects.update(ticket_id=None)
    for key in (pruning.EVENTS_DAYS, pruning.DELIVERIES_DAYS):
        settings.put(SYSTEM, key, 0)
    age_everything()
    assert pruning.prune_events(in_a_while()) == pruning.prune_deliveries(in_a_while()) == 0


def test_backfills_run_in_steps_once_their_migration_is_there_and_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(program, "_backfills", {})
    left = [3]

    def step() -> bool:
        left[0] -= 1
        return left[0] > 0

    program.register_backfill("tickets.colours", step, after=("tickets", "0001_initial"))
    program.register_backfill("later", lambda: True, after=("tickets", "9999_not_yet"))
    assert [each.name for each in phases.list_unfilled()] == ["tickets.colours"]
    assert phases.fill_for(lambda: False)
    assert left == [2]
    assert not phases.fill_for(lambda: True)
    assert phases.list_unfilled() == []
    assert left == [0]


def test_the_health_page_tells_of_the_file_and_its_log() -> None:
    phases.fill_for(lambda: True)  # as the first start does
    items = upkeep.look_at_database()
    if connection.vendor == "sqlite":
        assert "write-ahead log" in str(items[-1].detail)
    else:
        assert items == []


@pytest.mark.django_db(transaction=True)
def test_the_log_is_folded_in_and_the_index_merged_without_losing_a_word() -> None:
    if connection.vendor != "sqlite":
        upkeep.keep_sqlite()  # PostgreSQL looks after itself: nothing happens, nothing fails
        return
    for number in range(40):
        index(
            "ticket",
            number,
            title=f"coffee {number}",
            body="water " * 50,
            scopes=["staff"],
            at=timezone.now(),
        )
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    assert log.stat().st_size > 0
    assert upkeep.upkeep.fold_in_log()
    assert log.stat().st_size == 0
    upkeep.keep_sqlite()
    try:
        upkeep.keep_statistics()
        assert len(find("ticket", "coffee water", scopes=["staff"])) == 40
    finally:
        _forget_statistics()
    assert Ticket.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_log_is_copied_beside_the_writers_and_not_within_their_commits() -> None:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint")
        assert cursor.fetchone()[0] > 1000, "a commit does it by itself too early"
    file = Path(str(connection.settings_dict["NAME"]))
    stop = threading.Event()
    follower = threading.Thread(target=follow_log, args=(stop,))
    upkeep.upkeep.fold_in_log()
    before = file.stat().st_mtime_ns
    follower.start()
    try:
        until = time.monotonic() + 30
        while file.stat().st_mtime_ns == before:
            assert time.monotonic() < until
            Tag.objects.create(name=f"t{time.monotonic_ns()}", key=f"t{time.monotonic_ns()}")
            time.sleep(0.05)
    finally:
        stop.set()
        follower.join(10)
    assert not follower.is_alive()


def _forget_statistics() -> None:
    """Of forty documents and nothing else: the plans of tests after this one are made without."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat_'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {name}")
        cursor.execute("ANALYZE sqlite_master")  # which reads them anew


@pytest.mark.django_db(transaction=True)
def test_what_the_release_before_uses_goes_only_when_nobody_runs_it_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    last = "0003_autovacuum"
    module = import_module(f"otklik.core.jobs.migrations.{last}")
    monkeypatch.setattr(module.Migration, "phase", "contract", raising=False)
    MigrationRecorder(connection).record_unapplied("jobs", last)
    try:
        plan = phases.read_plan()
        assert ([m.name for m in plan.contract], plan.expand, plan.behind) == ([last], [], [])
        Node.objects.create(name="other.example:7", part="web", version="0.0.9")
        assert not phases.bring_up()
        with pytest.raises(Stop, match=re.escape("web on other.example:7 (0.0.9)")):
            phases.finish()
        assert phases.read_plan().contract
        assert any("not finished" in str(item.title) for item in upkeep.look_at_database())
        # One that has been silent for long runs no more; nor does one of this release hinder.
        Node.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
        Node.objects.create(name="new.example:7", part="web", version=__version__)
        phases.finish()
        assert phases.read_plan().is_empty
    finally:
        recorder = MigrationRecorder(connection)
        if ("jobs", last) not in recorder.applied_migrations():
            recorder.record_applied("jobs", last)
