"""The backup file: an ordinary tar that any program opens.

    format.json                   what this is, who made it, from what
    configuration.json            every setting, secrets masked
    tables/<table>/000001.jsonl.gz    rows, a JSON array a line, by key
    files/ab/cd/<sha256>          contents, under their hash
    manifest.json                 counts and hashes of all this; last, so that its presence says
                                  that nothing is cut off

Needs no Django.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1 << 20
_CONTENT = re.compile(r"files/(?:[A-Za-z0-9_-]{1,100}/){0,4}[0-9a-f]{64}")


class Unusable(Exception):
    """The file is no backup, not a whole one, or damaged; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What ``verify`` found."""

    tables: int
    rows: int
    files: int
    bytes: int


class Writer:
    """Writes a backup beside its final name and gives it that name when it is whole and synced.

    Left by an exception, nothing stays behind.
    """

    def __init__(self, path: Path, owner: str = "") -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{owner or 'own'}.part")
        self._members: dict[str, str] = {}

    def __enter__(self) -> Writer:
        self._part.unlink(missing_ok=True)
        handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._stream = os.fdopen(handle, "wb")
        self._tar = tarfile.open(fileobj=self._stream, mode="w:", format=tarfile.PAX_FORMAT)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._tar.close()
                self._stream.flush()
                os.fsync(self._stream.fileno())
                self._stream.close()
                self._part.replace(self._path)
                _sync(self._path.parent)
        finally:
            if not self._stream.closed:
                try:
                    self._stream.close()
                except OSError:
                    pass  # the disk is full: what it holds is thrown away
            self._part.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._stream.tell()

    def add_json(self, name: str, value: object) -> None:
        self._add(name, json.dumps(value, indent=1, ensure_ascii=False).encode())

    def add_lines(self, table: str, number: int, lines: list[str]) -> str:
        """One chunk of a table; returns the member's name."""
        name = f"tables/{table}/{number:06d}.jsonl.gz"
        # No time inside: the same rows give the same bytes.
        self._add(name, gzip.compress("".join(f"{line}\n" for line in lines).encode(), 5, mtime=0))
        return name

    def add_file(self, key: str, size: int, stream: IO[bytes]) -> None:
        """``stream`` gives exactly ``size`` bytes whose hash was checked before."""
        info = self._info(f"files/{key}", size)
        self._tar.addfile(info, stream)

    def finish(self, manifest: dict[str, Any]) -> None:
        self.add_json(MANIFEST, {**manifest, "members": self._members})

    def _add(self, name: str, content: bytes) -> None:
        self._members[name] = hashlib.sha256(content).hexdigest()
        self._tar.addfile(self._info(name, len(content)), io.BytesIO(content))

    def _info(self, name: str, size: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(time.time())
        return info


def sweep(folder: Path, owner: str) -> None:
    """Remove what a backup of ``owner`` that was killed has left."""
    for path in folder.glob(f".*.{owner}.part*"):
        path.unlink(missing_ok=True)


class Reader:
    """A whole backup, opened for reading. Raises Unusable, also later for what is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._stream = path.open("rb")
        except FileNotFoundError:
            raise Unusable(f"there is no file {path}") from None
        except OSError as error:
            raise Unusable(f"{path} cannot be read: {error.strerror or error}") from None
        try:
            self._infos = self._list()
            self.about: dict[str, Any] = self._read_about()
            self.manifest: dict[str, Any] = self._json(MANIFEST)
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def lines(self, table: str) -> Iterator[list[str]]:
        """The rows of a table chunk by chunk, each checked against its hash first."""
        for name in self.manifest["tables"][table]["members"]:
            content = self._read(name)
            if hashlib.sha256(content).hexdigest() != self.manifest["members"].get(name):
                raise Unusable(f"{self.path} is damaged in {name}")
            try:
                yield gzip.decompress(content).decode().splitlines()
            except (OSError, EOFError, ValueError) as error:
                raise Unusable(f"{self.path} is damaged in {name}") from error

    def list_files(self) -> list[str]:
        """Keys of the contents that are here."""
        return [name.removeprefix("files/") for name in self._infos if name.startswith("files/")]

    def open_file(self, key: str) -> BinaryIO:
        found = self._tar.extractfile(self._infos[f"files/{key}"])
        if found is None:
            raise Unusable(f"{self.path}: files/{key} is no file")
        return found  # type: ignore[return-value]  # a reader of bytes

    def check_file(self, key: str) -> int:
        """The size of a content that is what its name says; raises Unusable."""
        digest, size = hashlib.sha256(), 0
        with self.open_file(key) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
        if digest.hexdigest() != key.rpartition("/")[2]:
            raise Unusable(f"{self.path} is damaged in files/{key}")
        return size

    def _list(self) -> dict[str, tarfile.TarInfo]:
        try:
            self._tar = tarfile.open(fileobj=self._stream, mode="r:")  # noqa: SIM115
            found = {info.name: info for info in self._tar.getmembers()}
        except OSError as error:
            raise Unusable(f"{self.path} cannot be read: {error.strerror or error}") from None
        except tarfile.TarError:
            raise Unusable(f"{self.path} is no backup of Otklik, or is cut off") from None
        for name, info in found.items():
            if not info.isfile() or (name.startswith("files/") and not _CONTENT.fullmatch(name)):
                raise Unusable(f"{self.path} has a part that no backup has: {name[:80]!r}")
        return found

    def _read_about(self) -> dict[str, Any]:
        about = self._json("format.json") if "format.json" in self._infos else None
        if not isinstance(about, dict) or about.get("program") != "otklik":
            raise Unusable(f"{self.path} is no backup of Otklik")
        if about.get("format") != FORMAT:
            raise Unusable(
                f"{self.path} has the format {about.get('format')}; this program reads {FORMAT}. "
                "Use the release that made it, or a newer one"
            )
        if MANIFEST not in self._infos:
            raise Unusable(f"{self.path} is cut off: its last part is missing")
        return about

    def _json(self, name: str) -> Any:
        try:
            return json.loads(self._read(name))
        except ValueError:
            raise Unusable(f"{self.path} is damaged in {name}") from None

    def _read(self, name: str) -> bytes:
        try:
            stream = self._tar.extractfile(self._infos[name])
            return stream.read() if stream else b""
        except (KeyError, OSError, tarfile.TarError):
            raise Unusable(f"{self.path} lacks {name}") from None


def verify(path: Path, progress: Any = None) -> Contents:
    """Read everything again and compare every hash. Raises Unusable."""
    with Reader(path) as reader:
        tables = reader.manifest["tables"]
        rows = size = done = 0
        keys = reader.list_files()
        total = len(tables) + len(keys)
        for table, expected in tables.items():
            count = 0
            for lines in reader.lines(table):
                count += len(lines)
            if count != expected["rows"]:
                raise Unusable(f"{path}: {table} has {count} rows instead of {expected['rows']}")
            rows += count
            done += 1
            if progress:
                progress(done, total)
        if len(keys) != reader.manifest["files"]["count"]:
            raise Unusable(f"{path} lacks files")
        for key in keys:
            size += reader.check_file(key)
            done += 1
            if progress:
                progress(done, total)
        return Contents(len(tables), rows, len(keys), size)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
