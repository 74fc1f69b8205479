"""Making a backup while the desk runs."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.db import connections

from otklik.core.files.errors import StorageError
from otklik.core.files.stores import current_store
from otklik.core.hooks.program import Progress
from otklik.core.settings import config, config_sources
from otklik.project.keeping import archive
from otklik.project.keeping.loading import read_sequence
from otklik.project.keeping.snapshot import consistent
from otklik.project.keeping.tables import (
    PASSING,
    absent_rooms,
    applied_migrations,
    count_rows,
    list_tables,
    read_rows,
    refuse_newer,
)
from otklik.project.keeping.writing import Scribe, Tally
from otklik.project.stopping import Stop

PREFIX, SUFFIX = "otklik-backup-", ".tar"
_IN_MEMORY = 8 << 20
_SPARE = 64 << 20  # bytes that have to stay free beside the backup


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds. ``missing``: contents that the database names and the store lacks;
    ``absent``: plug-ins that are not installed and whose tables are left out."""

    path: Path
    rows: int
    files: int
    size: int
    missing: int
    absent: list[str]
    made_at: datetime


def choose_path(to: Path | None) -> Path:
    """Where a backup goes: the file that was named, or a new name in that folder."""
    target = to or config().home / "backups"
    if to is not None and not to.is_dir() and not str(to).endswith(os.sep) and to.suffix:
        return to
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    return target / f"{PREFIX}{datetime.now(UTC):%Y%m%d-%H%M%S}{SUFFIX}"


def make_backup(path: Path, progress: Progress, *, with_files: bool = True) -> Made:
    """Write one. Raises Stop; a backup that fails leaves nothing under ``path``."""
    # Several desks may share a folder; one desk makes one backup at a time.
    owner = hashlib.sha256(str(config().home).encode()).hexdigest()[:12]
    archive.sweep(path.parent, owner)
    _require_space(path.parent)
    copy = path.with_name(f".{path.name}.sqlite3.{owner}.part")
    try:
        with archive.Writer(path, owner) as writer, consistent(copy) as alias:
            return _write(writer, alias, path, progress, with_files)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Stop(
                f"the disk of {path.parent} is full; no backup was made. Free some space, or name "
                "another folder with --to."
            ) from None
        raise Stop(f"{path} cannot be written: {error.strerror or error}") from None


def rotate(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` backups of this folder that have our own names."""
    found = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"), reverse=True)
    for path in found[keep:]:
        path.unlink(missing_ok=True)
    return found[keep:]


def copy_key(to: Path) -> None:
    """The key file, for the owner only; never into the backup."""
    content = config().key_file.read_bytes()
    half = to.with_name(f".{to.name}.part")
    half.unlink(missing_ok=True)
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    half.replace(to)


def _write(
    writer: archive.Writer, alias: str, path: Path, progress: Progress, with_files: bool
) -> Made:
    from otklik import __version__
    from otklik.core.settings import secrets

    made_at = datetime.now(UTC)
    applied = applied_migrations(alias)
    refuse_newer(applied, "the database")
    if not applied:
        raise Stop("there is nothing to back up: the database has no tables yet.")
    tables = list_tables(applied)
    writer.add_json(
        "format.json",
        {
            "program": "otklik",
            "format": archive.FORMAT,
            "version": __version__,
            "made_at": made_at.isoformat(),
            "database": connections["default"].vendor,
            "migrations": [list(key) for key in applied],
            # Names of keys, not keys: so that a restore can tell whether it has the right file.
            "keys": list(secrets.key_ring().keys),
        },
    )
    writer.add_json(
        "configuration.json",
        {line.name: {"value": line.value, "source": line.source} for line in config_sources()},
    )
    total = sum(count_rows(table, alias) for table in tables)
    blobs = _Blobs()
    told: dict[str, Any] = {}
    done = 0
    for table in tables:
        scribe, tally, members = Scribe(table), Tally(), []
        for number, rows in enumerate(read_rows(table, alias), 1):
            members.append(writer.add_lines(table.name, number, [scribe.write(r) for r in rows]))
            tally.add(scribe.canonical(row) for row in rows)
            if table.name == "files_blob":
                blobs.note(table.columns, rows)
            done += len(rows)
            progress(done, total)
        told[table.name] = {
            "rows": tally.count,
            "hash": tally.hash,
            "columns": list(table.columns),
            "sequence": read_sequence(table, alias),
            "members": members,
        }
    missing = blobs.write(writer, progress) if with_files else []
    writer.finish(
        {
            "tables": told,
            "left_out": sorted(PASSING),
            "absent": absent_rooms(applied),
            "files": {
                "included": with_files,
                "count": blobs.written,
                "bytes": blobs.bytes,
                "missing": missing,
            },
        }
    )
    size = writer.size
    return Made(path, done, blobs.written, size, len(missing), absent_rooms(applied), made_at)


class _Blobs:
    """The contents that the rows of one moment name."""

    def __init__(self) -> None:
        self._known: list[tuple[str, str, int, int]] = []
        self.written = 0
        self.bytes = 0

    def note(self, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        places = [columns.index(name) for name in ("storage_key", "sha256", "size", "refs")]
        found = [tuple(row[place] for place in places) for row in rows]
        # Small contents have no key: they are rows themselves.
        self._known += [each for each in found if each[0]]

    def write(self, writer: archive.Writer, progress: Progress) -> list[str]:
        """Put them in; returns the keys of those that are held by something and not there."""
        store = current_store()
        missing = []
        for number, (key, sha256, size, refs) in enumerate(self._known, 1):
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
                if _fetch(store.open, key, spool) == (sha256, size):
                    spool.seek(0)
                    writer.add_file(key, size, spool)
                    self.written += 1
                    self.bytes += size
                elif refs > 0:
                    missing.append(key)
            progress(number, len(self._known))
        return missing


def _fetch(
    open_content: Callable[[str], IO[bytes]], key: str, spool: Any
) -> tuple[str, int] | None:
    digest, size = hashlib.sha256(), 0
    try:
        with open_content(key) as stream:
            while chunk := stream.read(1 << 18):
                digest.update(chunk)
                size += len(chunk)
                spool.write(chunk)
    except FileNotFoundError:
        return None
    except StorageError as error:
        raise Stop(f"the stored files cannot be read: {error}. No backup was made.") from None
    return digest.hexdigest(), size


def _require_space(folder: Path) -> None:
    """SQLite needs room for its copy; the rest compresses to less than that."""
    if connections["default"].vendor != "sqlite":
        return
    with suppress(OSError):
        size = os.stat(connections["default"].settings_dict["NAME"]).st_size
        free = shutil.disk_usage(folder).free
        if free < size + _SPARE:
            raise Stop(
                f"{folder} has {free >> 20:,} MB free; a backup of this desk needs about "
                f"{(size + _SPARE) >> 20:,} MB. Name another folder with --to."
            )
