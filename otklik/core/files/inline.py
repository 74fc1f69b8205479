"""Small contents, in the database beside their rows.

A letter is a few kilobytes. As a file of its own it waits for the disk three times more than the
transaction that records it (content, name, row); as a row it waits no more at all, and cannot be
there without its holder. Databases read such contents faster than file systems do
(https://www.sqlite.org/intern-v-extern-blob.html).
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from django.db import connection
from django.utils import timezone

from otklik.core.db.spelling import spelt_once
from otklik.core.files.errors import BlobGone, StorageError

if TYPE_CHECKING:
    from otklik.core.files.models import Blob

MAX_INLINE = 64 * 1024

_HOLD = """
INSERT INTO files_blob
    (sha256, size, content_type, storage_key, refs, created_at, seen_at)
VALUES (%s, %s, %s, '', 1, %s, %s)
ON CONFLICT (sha256) DO UPDATE SET refs = files_blob.refs + 1, seen_at = excluded.seen_at
    WHERE files_blob.deleting_since IS NULL
RETURNING id, storage_key, refs
"""
_STORE = """
INSERT INTO files_inlinecontent (blob_id, content) VALUES (%s, %s) ON CONFLICT (blob_id) DO NOTHING
"""


def hold_offered(blob: Blob) -> None:
    """Store an offered content, or find it known, and count one more holder.

    In the transaction that makes it hold; ``BlobGone`` while the same content is being removed.
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [blob.sha256, blob.size, blob.content_type, now, now])
        row = cursor.fetchone()
        if row is None:
            raise BlobGone(f"content {blob.sha256[:12]} is being removed")
        blob.pk, blob.storage_key, blob.refs = row
        if not blob.storage_key and blob.refs <= 1:
            cursor.execute(_STORE, [blob.pk, blob.offered])
    blob._state.adding = False
    blob._state.db = connection.alias


def open_inline(blob: Blob) -> BinaryIO:
    """A readable stream of a small content. ``StorageError`` when it is not there."""
    if blob.offered is not None:
        return BytesIO(blob.offered)
    for content in _content(blob.pk):
        return BytesIO(bytes(content))
    raise StorageError(f"the content of blob {blob.pk} is missing")


@spelt_once
def _content(blob_id: int) -> Iterable[bytes | memoryview]:
    from otklik.core.files.models import InlineContent

    return InlineContent.objects.filter(blob_id=blob_id).values_list("content", flat=True)
