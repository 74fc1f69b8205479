import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from otklik.core.outbox import enqueue
from otklik.core.outbox.models import Delivery
from otklik.core.outbox.rows import recover_lost
from otklik.core.outbox.sending import run_outbox
from otklik.core.outbox.tests.couriers import Result, courier
from tests.services import PATIENCE

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def obliging_courier() -> None:
    courier.carried.clear()
    courier.behaviour = lambda delivery: []


@contextmanager
def sending(count: int = 1, threads: int = 4) -> Iterator[None]:
    stop = threading.Event()
    running = [
        threading.Thread(target=run_outbox, args=(stop,), kwargs={"threads": threads})
        for _ in range(count)
    ]
    for each in running:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in running:
            each.join(PATIENCE)
            assert not each.is_alive()


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def sent() -> int:
    return Delivery.objects.filter(status="sent").count()


def test_two_outboxes_side_by_side_send_everything_once() -> None:
    for number in range(30):
        enqueue(kind="parcel", key=str(number), account_id=number % 4, recipients=[f"{number}@x"])
    with sending(2):
        wait_for(lambda: sent() == 30)
    carried = [address for _, addresses in courier.carried for address in addresses]
    assert sorted(carried) == sorted(f"{number}@x" for number in range(30))


def test_a_slow_account_does_not_delay_another() -> None:
    released = threading.Event()

    def behaviour(delivery: Delivery) -> list[Result]:
        if delivery.account_id == 1:
            released.wait(2 * PATIENCE)
        return []

    courier.behaviour = behaviour
    for number in range(10):
        enqueue(kind="parcel", key=f"slow {number}", account_id=1)
    with sending():
        wait_for(lambda: len(courier.carried) >= 1)
        for number in range(5):
            enqueue(kind="parcel", key=f"quick {number}", account_id=2)
        wait_for(lambda: sent() == 5)
        assert not Delivery.objects.filter(lane="account:1", status="sent").exists()
        released.set()
        wait_for(lambda: sent() == 15)


@pytest.mark.parametrize("is_far", [False, True], ids=["here", "elsewhere"])
@pytest.mark.parametrize(
    ("kind", "becomes"), [("hangs_before", "queued"), ("hangs_inside", "uncertain")]
)
def test_a_killed_sender_leaves_it_uncertain_only_when_it_may_have_been_sent(
    kind: str, becomes: str, is_far: bool
) -> None:
    enqueue(kind=kind, key="fragile", account_id=1)
    killed = subprocess.Popen(
        [sys.executable, "-m", "otklik.core.outbox.tests.lost_outbox"]
        + [str(connection.settings_dict["NAME"])],
        stdout=subprocess.PIPE,
        env=os.environ,
    )
    assert killed.stdout is not None
    assert b"hanging\n" in iter(killed.stdout.readline, b"")
    killed.kill()
    killed.wait()
    killed.stdout.close()
    assert Delivery.objects.get().status == "sending"
    # Of another machine nobody knows whether it is dead, so its lease is waited for.
    Delivery.objects.update(worker="1234abcd.1.1.deadbeef" if is_far else F("worker"))
    assert recover_lost() == (0 if is_far else 1)
    if is_far:
        assert recover_lost(timezone.now() + timedelta(minutes=5)) == 1
    assert Delivery.objects.get().status == becomes
