"""Removing contents nobody holds, and what a crash left in the spool."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.utils import timezone

from otklik.core.files.models import Blob
from otklik.core.files.removing import remove_unheld
from otklik.core.files.stores import incoming_folder
from otklik.core.jobs import every, task

KEPT_UNREFERENCED = timedelta(days=1)
_BATCH = 500

logger = structlog.get_logger(__name__)


@every(hours=1)
@task(name="files.purge", unique=True)
def purge_blobs() -> None:
    """Remove up to 500 contents that nobody has held for a day."""
    cutoff = timezone.now() - KEPT_UNREFERENCED
    rows = Blob.objects.filter(refs=0, seen_at__lt=cutoff).order_by("seen_at")
    waiting = list(rows.values_list("pk", flat=True)[:_BATCH])
    removed = remove_unheld(waiting, unseen_since=cutoff)
    swept = _sweep_spool()
    if removed or swept:
        logger.info("blobs_purged", removed=removed, swept=swept)


def _sweep_spool() -> int:
    cutoff = time.time() - KEPT_UNREFERENCED.total_seconds()
    swept = 0
    for path in incoming_folder().iterdir():
        if path.is_file() and path.stat().st_mtime < cutoff:
            path.unlink(missing_ok=True)
            swept += 1
    return swept
