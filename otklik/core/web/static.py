"""Style sheets, scripts and pictures of the desk itself, from a table made at the start.

Only what the table names is served, so no path can lead anywhere else.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from otklik.core.web.bridge import Headers, accepts_gzip

PREFIX = "/static/"
_HASHED = re.compile(r"[-.](?:[A-Z0-9]{8}|[0-9a-f]{8,40})\.[a-z0-9.]+\Z")
_PACKABLE = (".css", ".js", ".mjs", ".svg", ".json", ".map", ".txt", ".html", ".webmanifest")
_LOOK_AGAIN = 2.0
_YEAR = 365 * 24 * 3600


@dataclass
class StaticFile:
    path: Path
    content_type: str
    is_hashed: bool
    _variants: dict[str, bytes] = field(default_factory=dict, repr=False)

    def body(self, coding: str) -> bytes:
        """The bytes in a coding ("", "br", "gzip"), read and packed once."""
        if coding not in self._variants:
            if coding == "":
                self._variants[""] = self.path.read_bytes()
            else:
                ready = self.path.with_name(self.path.name + _SUFFIX[coding])
                self._variants[coding] = (
                    ready.read_bytes() if ready.is_file() else gzip.compress(self.body(""), 9)
                )
        return self._variants[coding]


_SUFFIX = {"br": ".br", "gzip": ".gz"}


class StaticFiles:
    def __init__(self) -> None:
        self._files: dict[str, StaticFile] = {}
        self._looked_at = 0.0
        self._lock = threading.Lock()
        self._look()

    def answer(self, path: str, accept_encoding: str, known: str) -> tuple[int, Headers, bytes]:
        """(status, headers, body) for a path below ``/static/``; ``known`` is If-None-Match."""
        found = self._files.get(path.removeprefix(PREFIX)) or self._look_again(path)
        if found is None:
            return 404, [("Content-Type", "text/plain"), ("Cache-Control", "no-store")], b""
        coding = self._coding(found, accept_encoding)
        body = found.body(coding)
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        caching = f"public, max-age={_YEAR}, immutable" if found.is_hashed else "no-cache"
        headers = [
            ("Content-Type", found.content_type),
            ("Cache-Control", caching),
            ("ETag", etag),
            ("Vary", "Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ]
        if etag in known:
            return 304, headers, b""
        if coding:
            headers.append(("Content-Encoding", coding))
        return 200, headers, body

    def _coding(self, file: StaticFile, accept_encoding: str) -> str:
        if not file.path.name.endswith(_PACKABLE):
            return ""
        if "br" in accept_encoding and file.path.with_name(file.path.name + ".br").is_file():
            return "br"
        return "gzip" if accepts_gzip(accept_encoding) else ""

    def _look_again(self, path: str) -> StaticFile | None:
        """A front end that was built anew while we run has new names."""
        with self._lock:
            if time.monotonic() - self._looked_at > _LOOK_AGAIN:
                self._look()
        return self._files.get(path.removeprefix(PREFIX))

    def _look(self) -> None:
        from django.contrib.staticfiles.finders import get_finders

        files: dict[str, StaticFile] = {}
        for finder in get_finders():
            for name, storage in finder.list(["*.br", "*.gz", ".*"]):
                path = Path(storage.path(name))
                key = name.replace("\\", "/")
                if key in files or not path.is_file():
                    continue
                guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
                if guessed.startswith("text/") or guessed.endswith(("javascript", "json")):
                    guessed += "; charset=utf-8"
                files[key] = StaticFile(path, guessed, _HASHED.search(name) is not None)
        self._files = files
        self._looked_at = time.monotonic()
