"""Why a file was not stored or found."""


class StorageError(Exception):
    """The store cannot be read or written now; trying again may help."""


class StorageFull(StorageError):
    """No space is left. Nothing was kept of the file."""


class FileTooLarge(StorageError):
    """The content is larger than the caller allows. Nothing was kept of it."""

    def __init__(self, max_size: int) -> None:
        super().__init__(f"larger than {max_size} bytes")
        self.max_size = max_size


class BlobGone(StorageError):
    """The blob was purged before it was held: store its content again."""
