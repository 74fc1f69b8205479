"""Mail kept on disk until the desk takes it: one file per mail, written so that it stays.

A file is ``<nanoseconds>-<random>.mail``: one JSON line with the envelope, then the raw bytes. It
appears under that name only when its bytes and the folder's entry are on the disk. Standard library
only: the pipe writes here before anything else of the desk is loaded.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence

ENDING = ".mail"


def keep(home: str, raw: bytes, *, recipients: Sequence[str], sender: str | None) -> str:
    """Write one mail and return its path. OSError when it cannot be kept safely."""
    folder = os.path.join(home, "spool")
    _make_folder(home, folder)
    name = f"{time.time_ns():020d}-{os.urandom(6).hex()}"
    fresh = os.path.join(folder, f".{name}")
    kept = os.path.join(folder, name + ENDING)
    envelope = {"to": list(recipients), "from": sender, "at": time.time()}
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(json.dumps(envelope).encode() + b"\n")
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(fresh, kept)
    except BaseException:
        _forget(fresh)
        raise
    _sync_folder(folder)
    return kept


def list_kept(home: str) -> list[str]:
    """Paths of what waits, oldest first."""
    folder = os.path.join(home, "spool")
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return [os.path.join(folder, name) for name in sorted(names) if name.endswith(ENDING)]


def read_kept(path: str) -> tuple[list[str], str | None, bytes]:
    """(recipients, envelope sender, raw). ValueError for a file that is not ours."""
    with open(path, "rb") as stream:
        first = stream.readline(1 << 20)
        raw = stream.read()
    envelope = json.loads(first)
    if not isinstance(envelope, dict) or not isinstance(envelope.get("to"), list):
        raise ValueError("no envelope")  # noqa: TRY004  one kind of error for one kind of file
    sender = envelope.get("from")
    recipients = [one for one in envelope["to"] if isinstance(one, str)]
    return recipients, sender if isinstance(sender, str) else None, raw


def forget(path: str) -> None:
    """Remove a mail that the desk has taken."""
    _forget(path)


def stray_files(home: str, *, older_than: float = 3600) -> Iterator[str]:
    """Half-written files of a pipe that was killed; its caller keeps the mail and tries again."""
    folder = os.path.join(home, "spool")
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        path = os.path.join(folder, name)
        if name.startswith(".") and time.time() - os.stat(path).st_mtime > older_than:
            yield path


def _make_folder(home: str, folder: str) -> None:
    if not os.path.isdir(folder):
        os.mkdir(folder, 0o700)
        _sync_folder(home)


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
