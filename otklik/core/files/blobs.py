"""Storing, holding and reading contents."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from otklik.core.db import write
from otklik.core.files.errors import BlobGone, FileTooLarge, StorageError
from otklik.core.files.inline import MAX_INLINE, hold_offered, open_inline
from otklik.core.files.sniffing import HEAD, sniff
from otklik.core.files.stores import as_storage_error, current_store, incoming_folder

if TYPE_CHECKING:
    from otklik.core.files.models import Blob

MAX_SIZE = 100 << 20
# Removing one file takes moments; a mark older than this was left by a process that died.
ABANDONED_AFTER = timedelta(minutes=10)

_CHUNK = 256 * 1024
_PATIENCE = 10.0


def store_blob(content: bytes | BinaryIO | Iterable[bytes], *, max_size: int = MAX_SIZE) -> Blob:
    """Store a content once and return its blob, not yet held. Outside a transaction: it does I/O.

    It survives a power cut when this returns. What nobody holds within a day is purged.
    Raises ``FileTooLarge``, ``StorageFull`` or ``StorageError``; nothing is left half written.
    """
    path = _spool(content, max_size)
    try:
        return _keep(path)
    finally:
        path.unlink(missing_ok=True)


def offer_blob(content: bytes, *, max_size: int = MAX_SIZE) -> Blob:
    """A content about to be held. A small one touches no disk: ``hold`` stores it with the rows
    of its holder; a larger one is stored now, as by ``store_blob``, with the same errors."""
    from otklik.core.files.models import Blob

    if len(content) > MAX_INLINE:
        return store_blob(content, max_size=max_size)
    if len(content) > max_size:
        raise FileTooLarge(max_size)
    blob = Blob(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content_type=sniff(content[:HEAD]) or "application/octet-stream",
    )
    blob.offered = content
    return blob


def hold(blob: Blob) -> None:
    """Count one more holder, in the transaction that makes it hold. ``BlobGone``: store again."""
    from otklik.core.files.models import Blob

    if blob.offered is not None:
        hold_offered(blob)
        return
    held = Blob.objects.filter(pk=blob.pk, deleting_since=None).update(refs=F("refs") + 1)
    if not held:
        raise BlobGone(f"blob {blob.pk} is gone")


def release(blob: Blob) -> None:
    """Count one holder less, in the transaction that lets go."""
    from otklik.core.files.models import Blob

    Blob.objects.filter(pk=blob.pk).update(refs=F("refs") - 1, seen_at=timezone.now())


def open_blob(blob: Blob) -> BinaryIO:
    """A readable stream of the content, to be closed. ``StorageError`` when it is not there."""
    if not blob.storage_key:
        return open_inline(blob)
    try:
        return current_store().open(blob.storage_key)
    except FileNotFoundError as error:
        raise StorageError(f"the content of blob {blob.pk} is missing") from error
    except OSError as error:
        raise StorageError(f"the content of blob {blob.pk} cannot be read") from error


def verify(blob: Blob) -> bool:
    """Whether the stored content still is what was stored. Reads all of it."""
    digest = hashlib.sha256()
    try:
        with open_blob(blob) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except (StorageError, OSError):
        return False
    return digest.hexdigest() == blob.sha256


def _spool(content: bytes | BinaryIO | Iterable[bytes], max_size: int) -> Path:
    try:
        folder = incoming_folder()
        handle, name = tempfile.mkstemp(dir=folder)  # mode 0600
    except OSError as error:
        raise as_storage_error(error) from error
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as spool:
            size = 0
            for chunk in _chunks(content):
                size += len(chunk)
                if size > max_size:
                    raise FileTooLarge(max_size)
                spool.write(chunk)
            spool.flush()
            os.fsync(spool.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise as_storage_error(error) from error
        raise
    return path


def _chunks(content: bytes | BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(content, bytes):
        return (content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK))
    if hasattr(content, "read"):
        return iter(lambda: content.read(_CHUNK), b"")
    return content


def _keep(path: Path) -> Blob:
    """The row and the content under its name; waits for a purge of the same content to end."""
    from otklik.core.files.models import Blob

    sha256, size, content_type = _examine(path)
    key = f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
    store = current_store()
    deadline = time.monotonic() + _PATIENCE
    while True:
        known = Blob.objects.filter(sha256=sha256).first()
        if known is not None:
            if _is_taken_up(known):
                if known.storage_key and not store.has(key):
                    store.put(key, path)
                return known
            if time.monotonic() > deadline:
                raise StorageError("the same content is being removed")
            time.sleep(0.05)
            continue
        store.put(key, path)
        try:
            with write():
                return Blob.objects.create(
                    sha256=sha256, size=size, content_type=content_type, storage_key=key
                )
        except IntegrityError:
            continue  # somebody stored the same content meanwhile


def _is_taken_up(known: Blob) -> bool:
    """Mark a known content as wanted now; False while it is being removed."""
    from otklik.core.files.models import Blob

    now = timezone.now()
    rows = Blob.objects.filter(pk=known.pk)
    with write():
        if rows.filter(deleting_since=None).update(seen_at=now):
            return True
        abandoned = rows.filter(deleting_since__lt=now - ABANDONED_AFTER)
        return bool(abandoned.update(deleting_since=None, seen_at=now))


def _examine(path: Path) -> tuple[str, int, str]:
    digest = hashlib.sha256()
    size = 0
    content_type = ""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            content_type = content_type or sniff(chunk[:HEAD])
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size, content_type or "application/octet-stream"
