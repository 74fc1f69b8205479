"""Removing contents nobody holds, and what a crash left in the spool."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

from otklik.core.db import write
from otklik.core.files.blobs import ABANDONED_AFTER
from otklik.core.files.models import Blob
from otklik.core.files.stores import current_store, incoming_folder
from otklik.core.jobs import every, task

KEPT_UNREFERENCED = timedelta(days=1)
_BATCH = 500

logger = structlog.get_logger(__name__)


@every(hours=1)
@task(name="files.purge", unique=True)
def purge_blobs() -> None:
    """Remove up to 500 contents that nobody has held for a day. Each is marked before its file
    goes and its row goes last, so that a crash in between leaves nothing that looks whole."""
    store = current_store()
    removed = 0
    for blob_id, key in _unreferenced():
        if not _mark(blob_id):
            continue
        if key:
            store.delete(key)
        with write():
            Blob.objects.filter(pk=blob_id).exclude(deleting_since=None).delete()
        removed += 1
    swept = _sweep_spool()
    if removed or swept:
        logger.info("blobs_purged", removed=removed, swept=swept)


def _unreferenced() -> list[tuple[int, str]]:
    cutoff = timezone.now() - KEPT_UNREFERENCED
    rows = Blob.objects.filter(refs=0, seen_at__lt=cutoff).order_by("seen_at")
    return list(rows.values_list("pk", "storage_key")[:_BATCH])


def _mark(blob_id: int) -> bool:
    now = timezone.now()
    free = Q(deleting_since=None) | Q(deleting_since__lt=now - ABANDONED_AFTER)
    with write():
        return bool(
            Blob.objects.filter(
                free, pk=blob_id, refs=0, seen_at__lt=now - KEPT_UNREFERENCED
            ).update(deleting_since=now)
        )


def _sweep_spool() -> int:
    cutoff = time.time() - KEPT_UNREFERENCED.total_seconds()
    swept = 0
    for path in incoming_folder().iterdir():
        if path.is_file() and path.stat().st_mtime < cutoff:
            path.unlink(missing_ok=True)
            swept += 1
    return swept
