"""Who was erased, remembered beside the database as well: a backup from before knows nothing of
it, and what was erased stays erased when that backup is restored.

``<home>/erased.jsonl`` has a line for each: the person's id, its fingerprint, when and why. No
names, no addresses. Copy it with the key file; put it into the home before a restore.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from otklik.core.access import SYSTEM
from otklik.core.settings import config
from otklik.people.erasing import fingerprint_of, run_erasure
from otklik.people.models import Erasure, ErasureReason, ErasureState, Person

FILE = "erased.jsonl"
_LARGEST = 64 << 20

logger = structlog.get_logger(__name__)


def path() -> Path:
    return config().home / FILE


def write_tombstones() -> int:
    """Bring the file up to the rows; returns how many lines it got. Survives a power cut."""
    known = {line["fingerprint"] for line in read_tombstones()}
    lines = [
        {
            "person": row.person_id,
            "fingerprint": row.fingerprint,
            "reason": row.reason,
            "at": row.began_at.isoformat(),
        }
        for row in Erasure.objects.order_by("id").iterator()
        if row.fingerprint not in known
    ]
    if not lines:
        return 0
    handle = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "ab") as stream:
        stream.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        stream.flush()
        os.fsync(stream.fileno())
    return len(lines)


def write_tombstones_after_commit() -> None:
    def attempt() -> None:
        try:
            write_tombstones()
        except OSError:
            # The job that erases writes it again, and so does every night.
            logger.exception("tombstones_not_written")

    transaction.on_commit(attempt)


def read_tombstones() -> list[dict[str, Any]]:
    """The file's lines; what a power cut left half written is passed over."""
    try:
        with path().open("rb") as stream:
            content = stream.read(_LARGEST)
    except FileNotFoundError:
        return []
    found = []
    for line in content.splitlines():
        try:
            words = json.loads(line)
        except ValueError:
            continue
        if isinstance(words, dict) and isinstance(words.get("fingerprint"), str):
            found.append(words)
    return found


def erase_again() -> str:
    """After a restore: erase whoever the backup brought back. Repeatable; a line for the
    operator."""
    from otklik.people.actions.erasing import begin_erasure

    repeated = 0
    for line in read_tombstones():
        person = Person.objects.filter(pk=_id_of(line)).first()
        if person is None or person.erased_at is not None:
            continue
        if fingerprint_of(person) != line["fingerprint"]:
            continue
        reason = str(line.get("reason"))
        begin_erasure(
            SYSTEM, person, reason if reason in ErasureReason.values else ErasureReason.ASKED
        )
        repeated += 1
    for erasure in Erasure.objects.exclude(state=ErasureState.DONE):
        run_erasure(erasure.pk, is_last=True)
    write_tombstones()
    if not repeated:
        return ""
    logger.info("erased_again", count=repeated, at=timezone.now().isoformat())
    return f"{repeated} erased people were in the backup and have been erased again"


def _id_of(line: dict[str, Any]) -> int:
    """0, which nobody has, for what is no id."""
    value = line.get("person")
    return value if isinstance(value, int) and 0 < value < 2**63 else 0
