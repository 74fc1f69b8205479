"""Removing contents nobody holds: by the hourly purge after a day, at once what is erased."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone

from otklik.core.db import write
from otklik.core.files.blobs import ABANDONED_AFTER
from otklik.core.files.models import Blob
from otklik.core.files.stores import current_store


def release_many(blob_ids: Iterable[int | None]) -> list[int]:
    """Count one holder less for each mention, in the transaction that lets go; the ids once."""
    counted = Counter(pk for pk in blob_ids if pk is not None)
    now = timezone.now()
    for pk, times in counted.items():
        Blob.objects.filter(pk=pk).update(refs=F("refs") - times, seen_at=now)
    return list(counted)


def remove_unheld(blob_ids: Iterable[int], *, unseen_since: datetime | None = None) -> int:
    """Remove those of these contents that nobody holds, after the transaction that let them go;
    with ``unseen_since`` only what nobody has stored or let go since.

    Each is marked before its file goes and its row goes last, so that a crash in between leaves
    nothing that looks whole. Who has stored the same content in this moment and not yet held it
    finds ``BlobGone``. Returns how many went.
    """
    return sum(_remove(each, unseen_since) for each in blob_ids)


def _remove(blob_id: int, unseen_since: datetime | None) -> bool:
    now = timezone.now()
    free = Q(deleting_since=None) | Q(deleting_since__lt=now - ABANDONED_AFTER)
    rows = Blob.objects.filter(pk=blob_id, refs=0)
    old = Q() if unseen_since is None else Q(seen_at__lt=unseen_since)
    with write():
        if not rows.filter(free, old).update(deleting_since=now):
            return False
    key = rows.values_list("storage_key", flat=True).first()
    if key:
        current_store().delete(key)
    with write():
        rows.exclude(deleting_since=None).delete()
    return True
