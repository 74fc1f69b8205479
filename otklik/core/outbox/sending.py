"""The outbox at work: one loop that claims, threads that carry, a heartbeat."""

from __future__ import annotations

import queue
import threading
import time

import structlog
from django.db import DatabaseError, connections
from prometheus_client import Counter, Histogram

from otklik.core.db.connections import tidy_connections
from otklik.core.db.holders import own_mark
from otklik.core.db.threads import REST
from otklik.core.outbox import wakeup
from otklik.core.outbox.carriers import (
    LeaseLost,
    PermanentFailure,
    TemporaryFailure,
    UncertainOutcome,
    find_carrier,
)
from otklik.core.outbox.models import LEASE, Delivery
from otklik.core.outbox.rows import (
    claim_deliveries,
    extend_leases,
    has_due,
    recover_lost,
    release_delivery,
)
from otklik.core.outbox.settling import Said, settle

logger = structlog.get_logger(__name__)

POLL = 0.2  # seconds: what another process enqueued waits at most this
RECOVER_EVERY = 5.0  # seconds between looks for senders that died
EXPECTED = (TemporaryFailure, PermanentFailure, UncertainOutcome, LeaseLost)
# An attempt this long waits for a server that hangs. Its thread no longer counts, another one takes
# its place: else as many dead servers as there are threads would hold up everybody.
HANGS_AFTER = 5.0
MOST_HANGING = 40
GRACE = 20.0  # seconds deliveries under way get when the outbox stops

TOOK = Histogram("otklik_delivery_seconds", "Time one attempt took", ["kind"])
ATTEMPTS = Counter("otklik_delivery_attempts_total", "Attempts by how they ended", ["kind", "end"])


def run_outbox(stop: threading.Event, *, threads: int = 8) -> None:
    """Send until ``stop`` is set. Returns when what was under way has ended or been left."""
    Outbox(stop, threads).run()


def send_pending() -> int:
    """Send in this thread everything that is due, one after another. Returns how many attempts."""
    total = 0
    while found := claim_deliveries("by hand", 1, 1, {}):
        for delivery in found:
            attempt(delivery)
            total += 1
    return total


def attempt(delivery: Delivery) -> None:
    """Carry one claimed delivery and write down what became of it; never raises for the carrier."""
    structlog.contextvars.bind_contextvars(delivery=delivery.pk)
    try:
        with tidy_connections(), TOOK.labels(delivery.kind).time():
            said = _carry(delivery)
        end = type(said).__name__ if isinstance(said, Exception) else "carried"
        ATTEMPTS.labels(delivery.kind, end).inc()
        if not isinstance(said, LeaseLost):
            settle(delivery, said)
    finally:
        structlog.contextvars.unbind_contextvars("delivery")


def _carry(delivery: Delivery) -> Said:
    entry = find_carrier(delivery.kind)
    if entry is None:
        logger.error("delivery_without_carrier", kind=delivery.kind)
        return TemporaryFailure(f"Nothing that is installed can send {delivery.kind}.")
    try:
        return entry.carrier.carry(delivery)
    except Exception as error:
        logger.info("delivery_attempt_failed", error=type(error).__name__, kind=delivery.kind)
        if not isinstance(error, EXPECTED):
            logger.exception("delivery_fault", kind=delivery.kind)
        return error


class Outbox:
    def __init__(self, stop: threading.Event, threads: int) -> None:
        self.name = own_mark()
        self._stop = stop
        self._threads = threads
        self._wake = threading.Event()
        self._work: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._held: dict[int, float] = {}  # delivery → since when
        self._running: list[threading.Thread] = []
        self._served: dict[str, int] = {}
        self._next_recovery = 0.0

    def run(self) -> None:
        beat_stop = threading.Event()
        beat = threading.Thread(target=self._beat, args=(beat_stop,), name="outbox-beat")
        beat.daemon = True
        wakeup.listen(self._wake)
        beat.start()
        self._keep_threads(self._threads)
        logger.info("outbox_started", worker=self.name)
        try:
            while not self._stop.is_set():
                self._turn()
        finally:
            wakeup.forget(self._wake)
            for _ in self._running:
                self._work.put(None)
            until = time.monotonic() + GRACE
            for thread in self._running:
                thread.join(max(0.0, until - time.monotonic()))
            beat_stop.set()
            beat.join()
            connections.close_all()
            logger.info("outbox_stopped", worker=self.name, left=len(self._held))

    def _turn(self) -> None:
        self._wake.clear()
        claimed: list[Delivery] = []
        try:
            if time.monotonic() >= self._next_recovery:
                recover_lost()
                self._next_recovery = time.monotonic() + RECOVER_EVERY
            idle = self._idle()
            if idle > 0 and has_due():
                claimed = claim_deliveries(self.name, idle, self._threads, self._served)
        except DatabaseError as error:
            logger.warning("outbox_database_error", error=type(error).__name__)
            connections.close_all()
            self._stop.wait(1.0)
            return
        with self._lock:
            self._held |= {delivery.pk: time.monotonic() for delivery in claimed}
        for delivery in claimed:
            self._work.put(delivery)
        if not claimed:
            self._wake.wait(POLL)

    def _idle(self) -> int:
        """Places that are free, after threads were added for those that hang."""
        with self._lock:
            since = list(self._held.values())
        now = time.monotonic()
        hanging = sum(1 for at in since if now - at > HANGS_AFTER)
        hanging = min(hanging, MOST_HANGING)
        self._keep_threads(self._threads + hanging)
        return self._threads + hanging - len(since)

    def _keep_threads(self, count: int) -> None:
        while len(self._running) < count:
            name = f"outbox-{len(self._running)}"
            thread = threading.Thread(target=self._send, name=name, daemon=True)
            self._running.append(thread)
            thread.start()

    def _send(self) -> None:
        try:
            while (delivery := self._next()) is not None:
                try:
                    if self._stop.is_set():
                        release_delivery(delivery)
                    else:
                        attempt(delivery)
                except DatabaseError as error:
                    # What became of it could not be written: its lease runs out, `recover_lost`
                    # decides.
                    logger.warning("delivery_not_settled", error=type(error).__name__)
                    connections.close_all()
                finally:
                    with self._lock:
                        self._held.pop(delivery.pk, None)
                    self._wake.set()
        finally:
            connections.close_all()

    def _next(self) -> Delivery | None:
        try:
            return self._work.get(timeout=REST)
        except queue.Empty:
            connections.close_all()
            return self._work.get()

    def _beat(self, stop: threading.Event) -> None:
        try:
            while not stop.wait(LEASE.total_seconds() / 3):
                with self._lock:
                    held = list(self._held)
                if not held:
                    continue
                try:
                    extend_leases(self.name, held)
                except DatabaseError as error:
                    logger.warning("outbox_heartbeat_failed", error=type(error).__name__)
                    connections.close_all()
        finally:
            connections.close_all()
