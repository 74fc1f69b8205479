"""Erasing a person: what every room takes out, in small steps that may be stopped and repeated.

`actions.erase_person` takes the addresses away in its own transaction, so that whoever writes
from one of them afterwards is somebody new. What they left elsewhere is removed by the erasers
that rooms register, first at once and once more some minutes later, for what was on its way in
under the old address. Erasers repeat without harm: each finds for itself what is left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.events.record import record
from otklik.core.settings import secrets
from otklik.people.events import PersonErased
from otklik.people.models import Erasure, ErasureState, Person
from otklik.people.traces import Traces

# Far longer than any transaction that had read the old address may last.
LOOKED_AGAIN_AFTER = timedelta(minutes=5)

Erase = Callable[[Traces], None]
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """One line of what an erasure would do: ``count`` of something, in words."""

    words: str | Promise
    count: int


@dataclass(frozen=True, slots=True)
class Eraser:
    name: str
    run: Erase
    tell: Callable[[Person], Iterable[Told]] | None
    order: int


_erasers: dict[str, Eraser] = {}


def register_eraser(
    name: str,
    run: Erase,
    *,
    tell: Callable[[Person], Iterable[Told]] | None = None,
    order: int = 100,
) -> None:
    """What a room takes out, from ``apps.ready()``. ``run`` opens its own small transactions,
    also holds when run twice, and removes files outside them; ``tell`` counts, for the question
    that is asked before. Lower ``order`` runs first."""
    _erasers[name] = Eraser(name, run, tell, order)


def list_erasers() -> list[Eraser]:
    return sorted(_erasers.values(), key=lambda each: (each.order, each.name))


def redact_rows(traces: Traces, rows: QuerySet[Any], *fields: str) -> int:
    """Take them out of the words that staff wrote in these columns, texts and JSON alike; a row at
    a time, and only rows that name them. Returns how many did."""
    changed = 0
    for row in rows.order_by("pk").iterator(chunk_size=100):
        was = {name: getattr(row, name) for name in fields}
        spelled = json.dumps(list(was.values()), ensure_ascii=False, default=str)
        if not traces.touches(spelled):
            continue
        now = {name: traces.redact_json(value) for name, value in was.items()}
        for name, value in now.items():
            longest = row._meta.get_field(name).max_length
            now[name] = value[:longest] if longest and isinstance(value, str) else value
        with write():
            rows.model._base_manager.filter(pk=row.pk).update(**now)
        changed += 1
    return changed


def preview_erasure(person: Person) -> list[Told]:
    """What would go, with counts; what there is none of is left out. Reads only."""
    found = [told for each in list_erasers() if each.tell for told in each.tell(person)]
    return [told for told in found if told.count]


def fingerprint_of(person: Person) -> str:
    """Tells this person from another one who gets the same id after a restore."""
    made = person.created_at.astimezone(UTC).isoformat()
    return hashlib.sha256(f"{person.pk}:{made}".encode()).hexdigest()


def seal_traces(traces: Traces) -> str:
    words = {
        "identities": traces.identity_ids,
        "addresses": traces.addresses,
        "name": traces.name,
        "before": traces.before.isoformat(),
    }
    return secrets.seal(json.dumps(words))


def open_traces(erasure: Erasure) -> Traces:
    words = json.loads(secrets.unseal(erasure.sealed))
    return Traces(
        erasure.person_id,
        tuple(words["identities"]),
        tuple(words["addresses"]),
        datetime.fromisoformat(words["before"]),
        words["name"],
    )


def run_erasure(erasure_id: int, *, is_last: bool = False) -> None:
    """Run every eraser; ``is_last``: also forget what was looked for. No error when done."""
    erasure = Erasure.objects.filter(pk=erasure_id).exclude(state=ErasureState.DONE).first()
    if erasure is None:
        return
    traces = open_traces(erasure)
    with overwriting():
        for each in list_erasers():
            each.run(traces)
        with write():
            _note(erasure, is_last=is_last)
    clear_log()
    logger.info("person_erased", person=erasure.person_id, is_last=is_last)


def _note(erasure: Erasure, *, is_last: bool) -> None:
    was_running = Erasure.objects.filter(pk=erasure.pk, state=ErasureState.RUNNING).update(
        state=ErasureState.CHECKING
    )
    if was_running:
        record(SYSTEM, PersonErased(person_id=erasure.person_id, erasure_id=erasure.pk))
    if is_last:
        Erasure.objects.filter(pk=erasure.pk).update(
            state=ErasureState.DONE, sealed="", done_at=timezone.now()
        )


@contextmanager
def overwriting() -> Iterator[None]:
    """On SQLite: what is deleted on this connection is overwritten with zeros, not just let go
    (https://www.sqlite.org/pragma.html#pragma_secure_delete)."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=OFF")


def clear_log() -> None:
    """On SQLite: take what was overwritten out of the write-ahead log too, unless somebody reads
    just now; the log's next turn does it then."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def scrub() -> str:
    """Write the database anew without the gaps that hold what was once in them. Returns a line
    for the operator. Writers wait meanwhile: seconds for each gigabyte."""
    if connection.vendor != "sqlite":
        return (
            "PostgreSQL keeps old row versions until its vacuum: run VACUUM FULL on this database "
            "in a quiet hour; its write-ahead log and its own backups keep them for their time."
        )
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO search_words(search_words) VALUES ('optimize')")
        cursor.execute("VACUUM")
    clear_log()
    return "The database was written anew; nothing of what was erased is left between its rows."
