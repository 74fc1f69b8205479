"""Where contents lie: a folder of this machine, or a bucket that several nodes share."""

from __future__ import annotations

import errno
import os
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

from otklik.core.files.errors import StorageError, StorageFull

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV, errno.ENOSYS}


class Store(Protocol):
    """Contents by key; a key is written once and always means the same content."""

    def put(self, key: str, path: Path) -> None:
        """Keep the finished, synced file at ``path``; it survives a power cut on return."""

    def open(self, key: str) -> BinaryIO:
        """Read a content. FileNotFoundError when it is not there."""

    def has(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Remove a content; no error when it is gone already."""


def current_store() -> Store:
    """The store of the configuration."""
    from otklik.core.settings import config

    return _store(config().files_url, config().home)


@lru_cache(maxsize=8)
def _store(files_url: str, home: Path) -> Store:
    return S3Store(files_url) if files_url else LocalStore(home / "files")


def incoming_folder() -> Path:
    """Where contents are spooled before they have a name; private to this desk."""
    from otklik.core.settings import config

    folder = config().home / "files" / "incoming"
    make_private(folder, config().home)
    return folder


def make_private(folder: Path, home: Path) -> None:
    """Create ``folder`` and what is missing above it, for the owner only."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        if each != home and each.parent.exists():
            sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def as_storage_error(error: OSError) -> StorageError:
    if error.errno in _NO_SPACE:
        return StorageFull("no space is left for files")
    return StorageError(f"files cannot be written: {error.strerror or error}")


def _link(path: Path, target: Path) -> None:
    """Give the file its second name in one step; what has the name already is the same content."""
    try:
        os.link(path, target)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        half = target.with_name(f"{target.name}.{path.name}")
        try:
            shutil.copyfile(path, half)
            half.chmod(0o600)
            with half.open("rb") as stream:
                os.fsync(stream.fileno())
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)


class LocalStore:
    """Files under one folder, ``ab/cd/<sha256>``, mode 0600 in folders of mode 0700."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, path: Path) -> None:
        target = self._path(key)
        try:
            make_private(target.parent, self.root.parent)
            _link(path, target)
            sync_folder(target.parent)
        except OSError as error:
            raise as_storage_error(error) from error

    def open(self, key: str) -> BinaryIO:
        return self._path(key).open("rb")

    def has(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        """Keys come with a restored backup, too: none leads out of the folder."""
        if not key or key.startswith("/") or ".." in key.split("/") or "\0" in key:
            raise StorageError("this key names no stored content")
        return self.root / key


class S3Store:
    """A bucket: ``s3://key:secret@host[:port]/bucket[/prefix][?region=…]``.

    ``s3+http`` speaks plain HTTP. Without key and secret the machine's own credentials are used,
    without a host (``s3:///bucket``) Amazon's.
    """

    def __init__(self, files_url: str) -> None:
        import boto3
        from botocore.config import Config

        parts = urlsplit(files_url)
        self.bucket, _slash, prefix = parts.path.strip("/").partition("/")
        if not self.bucket:
            raise StorageError("files_url names no bucket")
        self.prefix = f"{prefix}/" if prefix else ""
        scheme = "http" if parts.scheme == "s3+http" else "https"
        place = parts.netloc.rpartition("@")[2]
        region = parse_qs(parts.query).get("region", [None])[0]
        # Clients are safe to share between threads, sessions are not.
        self._client: Any = boto3.session.Session().client(
            "s3",
            endpoint_url=f"{scheme}://{place}" if place else None,
            aws_access_key_id=unquote(parts.username) if parts.username else None,
            aws_secret_access_key=unquote(parts.password) if parts.password else None,
            region_name=region or "us-east-1",
            config=Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 3},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, key: str, path: Path) -> None:
        with _s3_errors():
            self._client.upload_file(str(path), self.bucket, self.prefix + key)
        path.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        with _s3_errors():
            found = self._client.get_object(Bucket=self.bucket, Key=self.prefix + key)
        return cast(BinaryIO, found["Body"])

    def has(self, key: str) -> bool:
        try:
            with _s3_errors():
                self._client.head_object(Bucket=self.bucket, Key=self.prefix + key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        with _s3_errors():
            self._client.delete_object(Bucket=self.bucket, Key=self.prefix + key)


class _s3_errors:  # noqa: N801  used as a statement
    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, ClientError):
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in ("404", "NoSuchKey"):
                raise FileNotFoundError(code) from error
            if code in ("QuotaExceeded", "EntityTooLarge", "XMinioStorageFull"):
                raise StorageFull(f"the bucket takes no more: {code}") from error
            raise StorageError(f"the bucket answered {code}") from error
        if isinstance(error, BotoCoreError | Boto3Error):
            raise StorageError(f"the bucket cannot be reached: {error}") from error
