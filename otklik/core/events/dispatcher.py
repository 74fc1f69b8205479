"""After the commit: lease undispatched events, let their listeners hear them, mark the batch.

One ticket is with one dispatcher at a time and its events are heard in id order; other tickets go
in parallel elsewhere. A listener that fails, or has lately been slow, goes on as a job (``Later``),
and what it would hear next of that ticket queues behind, so its order holds.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from django.db import DatabaseError, connections, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from prometheus_client import Counter, Histogram

from otklik.core.access import Origin
from otklik.core.db import unhurried, write
from otklik.core.db.connections import tidy_connections
from otklik.core.db.holders import is_gone, own_mark
from otklik.core.db.spelling import spelt_once
from otklik.core.db.turn import take_turn
from otklik.core.events.models import EventRow
from otklik.core.events.registry import Handler, Listener, list_listeners
from otklik.core.events.wakeup import register_waker

logger = structlog.get_logger(__name__)

BATCH = 50
LEASE = timedelta(seconds=60)
FREE_EVERY = 10.0  # seconds between looks for what dead dispatchers left
POLL = 0.05  # seconds: what another process recorded waits at most this
GATHER = 0.05  # seconds between two rounds, while there is less to do than fills one
SLICE = 1.0  # seconds of handling after which a batch is marked, the rest given back
SLOW = 0.5  # seconds one hearing may take before the listener is moved to jobs
SLOW_FOR = 60.0  # seconds it stays there before it is tried in line again
_TURN = 0x07C11C  # dispatchers lease one after another

LAG = Histogram(
    "otklik_dispatch_lag_seconds",
    "Time from the record of an event until all its listeners had it",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300),
)
TOOK = Histogram("otklik_handler_seconds", "Time one listener took for one event", ["listener"])
DEFERRED = Counter("otklik_handler_deferred_total", "Hearings handed to jobs", ["listener"])


@dataclass(frozen=True, slots=True)
class Deferred:
    """A hearing that goes on as a job. ``error`` is empty when it was not tried yet."""

    event_id: int
    listener: str
    order_key: str  # "" for events of no ticket: those have no order
    error: str = ""


class Later(Protocol):
    """Where hearings wait that cannot be done in line; `core.jobs` brings it."""

    def keys_waiting(self, keys: Collection[str]) -> set[str]:
        """Those of the order keys for which something waits already."""

    def put(self, deferred: Deferred) -> None:
        """Store one, inside the caller's transaction."""


_later: Later | None = None
_wakes: set[threading.Event] = set()


def use_later(later: Later) -> None:
    global _later
    _later = later


def run_dispatcher(stop: threading.Event, *, batch: int = BATCH) -> None:
    """Dispatch until ``stop`` is set."""
    wake = threading.Event()
    _wakes.add(wake)
    dispatcher = Dispatcher(batch=batch)
    logger.info("dispatcher_started")
    next_look = 0.0
    try:
        while not stop.is_set():
            wake.clear()
            try:
                if time.monotonic() >= next_look:
                    free_lost()
                    next_look = time.monotonic() + FREE_EVERY
                # A mark that is lost with the power is made again, and what was heard twice is
                # as if heard once: nothing here needs to wait for the disk.
                with unhurried():
                    handled = dispatcher.run_once()
            except DatabaseError as error:
                logger.warning("dispatcher_database_error", error=type(error).__name__)
                connections.close_all()
                stop.wait(1.0)
                continue
            if not handled:
                wake.wait(POLL)
            elif handled < batch:
                # A round costs as much as several events: what comes meanwhile shares the next.
                stop.wait(GATHER)
    finally:
        _wakes.discard(wake)
        connections.close_all()
        logger.info("dispatcher_stopped")


def dispatch_pending() -> int:
    """Dispatch everything there is, what the listeners record in answer too. Returns how many."""
    dispatcher = Dispatcher()
    total = 0
    while handled := dispatcher.run_once():
        total += handled
    return total


def oldest_undispatched() -> datetime | None:
    """When the oldest event that still waits was recorded; None when none does."""
    waiting = EventRow.objects.filter(dispatched_at__isnull=True).order_by("pk")
    return waiting.values_list("recorded_at", flat=True).first()


def hear(listener: Listener, *rows: EventRow) -> None:
    """Let one listener hear one event, or one that gathers several, outside any transaction.
    Raises what it raises."""
    structlog.contextvars.bind_contextvars(event_id=rows[0].pk, listener=listener.name)
    started = time.monotonic()
    try:
        with tidy_connections():
            listener.handler(list(rows) if listener.gathers else rows[0])
    finally:
        took = (time.monotonic() - started) / len(rows)
        for _row in rows:
            TOOK.labels(listener.name).observe(took)
        structlog.contextvars.unbind_contextvars("event_id", "listener")


class Dispatcher:
    """Leases, lets hear and marks; knows which listeners have lately been slow."""

    def __init__(self, *, batch: int = BATCH, lease: timedelta = LEASE) -> None:
        self._batch = batch
        self._lease = lease
        self._slow_until: dict[str, float] = {}

    def run_once(self) -> int:
        """Dispatch one batch. Returns how many events were marked."""
        if not _any_undispatched():
            return 0
        token = own_mark()
        rows = lease_events(token, self._batch, self._lease)
        if not rows:
            return 0
        listeners = {row.pk: _listeners_of(row) for row in rows}
        keys = {_order_key(found, row) for row in rows for found in listeners[row.pk]} - {""}
        queued = _required_later().keys_waiting(keys) if keys else set()
        until = time.monotonic() + SLICE
        heard: list[EventRow] = []
        deferred: list[Deferred] = []
        gathered: dict[Handler, list[tuple[Listener, EventRow]]] = {}
        for row in rows:
            if heard and time.monotonic() > until:
                break
            for listener in listeners[row.pk]:
                if listener.gathers:
                    gathered.setdefault(listener.handler, []).append((listener, row))
                    continue
                put_off = self._hear(listener, row, queued)
                if put_off is not None:
                    deferred.append(put_off)
                    queued.add(put_off.order_key)
            heard.append(row)
        for pairs in gathered.values():
            deferred += self._hear_gathered(pairs, queued)
        return _mark(token, heard, deferred)

    def _hear_gathered(
        self, pairs: list[tuple[Listener, EventRow]], queued: set[str]
    ) -> list[Deferred]:
        """All at once; when that fails or any must wait, one by one."""
        listener = pairs[0][0]
        started = time.monotonic()
        if not any(self._must_wait(each, row, queued) for each, row in pairs):
            try:
                hear(listener, *(row for _each, row in pairs))
            except Exception as error:
                logger.info("gathering_failed", listener=listener.name, error=type(error).__name__)
            else:
                self._note_pace(listener, (time.monotonic() - started) / len(pairs))
                return []
        deferred: list[Deferred] = []
        for each, row in pairs:
            put_off = self._hear(each, row, queued)
            if put_off is not None:
                deferred.append(put_off)
                queued.add(put_off.order_key)
        return deferred

    def _hear(self, listener: Listener, row: EventRow, queued: set[str]) -> Deferred | None:
        key = _order_key(listener, row)
        if self._must_wait(listener, row, queued):
            return Deferred(row.pk, listener.name, key)
        started = time.monotonic()
        try:
            hear(listener, row)
        except Exception as error:
            logger.warning(
                "handler_failed",
                listener=listener.name,
                event_id=row.pk,
                error=type(error).__name__,
            )
            text = "".join(traceback.format_exception(error, limit=-6)).strip()
            return Deferred(row.pk, listener.name, key, text)
        self._note_pace(listener, time.monotonic() - started)
        return None

    def _must_wait(self, listener: Listener, row: EventRow, queued: set[str]) -> bool:
        """Behind what waits already of its ticket, or because the listener has been slow."""
        key = _order_key(listener, row)
        is_slow = self._slow_until.get(listener.name, 0.0) > time.monotonic()
        return is_slow or bool(key and key in queued)

    def _note_pace(self, listener: Listener, took: float) -> None:
        if took > SLOW:
            logger.info("handler_slow", listener=listener.name, seconds=round(took, 2))
            self._slow_until[listener.name] = time.monotonic() + SLOW_FOR


def lease_events(
    token: str, limit: int, lease: timedelta, *, now: datetime | None = None
) -> list[EventRow]:
    """Lease the oldest events whose ticket is with nobody else, in id order."""
    now = now or timezone.now()
    with write():
        # Skipping rows that others lock could skip a ticket's first event and take its second.
        take_turn(_TURN)
        held = set(_held(now))
        rows = list(_leasable(now, held)[:limit]) if held else _first_free(now)[:limit]
        EventRow.objects.filter(pk__in=[row.pk for row in rows]).update(
            lease=token, leased_until=now + lease
        )
    return rows


def free_lost(now: datetime | None = None) -> int:
    """End the leases of dispatchers of this machine that are gone, and those longer than leases
    are: a clock that ran ahead wrote them. Returns how many events were freed.
    """
    now = now or timezone.now()
    held = EventRow.objects.filter(dispatched_at__isnull=True, leased_until__gte=now)
    marks = set(held.values_list("lease", flat=True).distinct())
    gone = [mark for mark in marks if is_gone(mark)]
    lost = held.filter(Q(lease__in=gone) | Q(leased_until__gt=now + LEASE * 2))
    if not lost.exists():
        return 0
    with write():
        freed = lost.update(lease="", leased_until=None)
    logger.warning("event_leases_freed", count=freed)
    return freed


@spelt_once
def _any_undispatched() -> Iterable[int]:
    undispatched = EventRow.objects.filter(dispatched_at__isnull=True)
    return undispatched.values_list("pk", flat=True)[:1]


@spelt_once
def _held(now: datetime) -> Iterable[int | None]:
    """Tickets that are with a dispatcher."""
    undispatched = EventRow.objects.filter(dispatched_at__isnull=True)
    held = undispatched.filter(leased_until__gte=now, ticket_id__isnull=False)
    return held.values_list("ticket_id", flat=True)


def _leasable(now: datetime, held: set[int | None]) -> QuerySet[EventRow]:
    undispatched = EventRow.objects.filter(dispatched_at__isnull=True)
    free = undispatched.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now))
    if held:
        free = free.filter(Q(ticket_id__isnull=True) | ~Q(ticket_id__in=held))
    return free.order_by("pk")


@spelt_once
def _first_free(now: datetime) -> QuerySet[EventRow]:
    return _leasable(now, set())[:BATCH]


def _mark(token: str, heard: list[EventRow], deferred: list[Deferred]) -> int:
    now = timezone.now()
    mine = EventRow.objects.filter(lease=token, dispatched_at__isnull=True)
    with write():
        marked = mine.filter(pk__in=[row.pk for row in heard]).update(
            dispatched_at=now, lease="", leased_until=None
        )
        is_ours = marked == len(heard)
        if is_ours:
            for each in deferred:
                _required_later().put(each)
            mine.update(lease="", leased_until=None)
        else:
            transaction.set_rollback(True)
    if not is_ours:
        # The lease ran out; whoever leases these next hears them again: handlers are idempotent.
        logger.warning("dispatch_lease_lost", leased=len(heard), ours=marked)
        return 0
    for row in heard:
        LAG.observe(max(0.0, (now - row.recorded_at).total_seconds()))
    for each in deferred:
        DEFERRED.labels(each.listener).inc()
    return len(heard)


def _listeners_of(row: EventRow) -> list[Listener]:
    origin = Origin(row.origin)
    found = list_listeners(row.name, in_transaction=False)
    return [listener for listener in found if origin in listener.origins]


def _order_key(listener: Listener, row: EventRow) -> str:
    return f"ticket:{row.ticket_id}:{listener.name}"[:200] if row.ticket_id else ""


def _required_later() -> Later:
    if _later is None:
        raise RuntimeError("nobody takes what cannot be handled in line: install core.jobs")
    return _later


def _wake() -> None:
    for wake in tuple(_wakes):
        wake.set()


register_waker(_wake)
