"""Files by their content: stored once, counted, checked. Import `Blob` from `files.models`."""

from otklik.core.files.blobs import hold, offer_blob, open_blob, release, store_blob, verify
from otklik.core.files.errors import BlobGone, FileTooLarge, StorageError, StorageFull

__all__ = [
    "BlobGone",
    "FileTooLarge",
    "StorageError",
    "StorageFull",
    "hold",
    "offer_blob",
    "open_blob",
    "release",
    "store_blob",
    "verify",
]
