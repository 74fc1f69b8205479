"""Run the WSGI application in a thread and bring back a whole answer, so that the thread is free
before the slowest client has read its first byte (PEP 3333)."""

from __future__ import annotations

import gzip
import io
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from secrets import randbelow
from typing import IO, Any

Headers = list[tuple[str, str]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_PACKABLE = (
    "text/",
    "application/json",
    "application/problem+json",
    "image/svg+xml",
    "application/javascript",
    "application/manifest+json",
)
_WORTH_PACKING = 1024
_IN_MEMORY = 1 << 20


@dataclass(slots=True)
class Answer:
    """What the application said. ``body`` is bytes, or a file that the shell sends and closes."""

    status: int
    headers: Headers
    body: bytes | IO[bytes]


class _FileWrapper:
    """``wsgi.file_wrapper``: keeps the file, for the shell to send without a thread."""

    def __init__(self, file: IO[bytes], block_size: int = 8192) -> None:
        self.file = file

    def __iter__(self) -> Iterable[bytes]:
        return iter(lambda: self.file.read(65536), b"")

    def close(self) -> None:
        self.file.close()


def run_wsgi(application: Wsgi, environ: dict[str, Any], *, pack: bool) -> Answer:
    """Call the application to its end, in this thread. ``pack``: the client understands gzip."""
    started: list[tuple[int, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> Callable[..., None]:
        started[:] = [(int(status.split(" ", 1)[0]), list(headers))]
        return _refuse_write

    environ["wsgi.file_wrapper"] = _FileWrapper
    result = application(environ, start_response)
    if isinstance(result, _FileWrapper):
        status, headers = started[0]
        return Answer(status, headers, result.file)
    try:
        whole = _collect(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    if pack and isinstance(whole, bytes) and _is_worth_packing(headers, whole):
        whole = _packed(whole)
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        headers += [("Content-Encoding", "gzip"), ("Content-Length", str(len(whole)))]
        _vary(headers, "Accept-Encoding")
    return Answer(status, headers, whole)


def environ_for(scope: Any, body: IO[bytes], size: int) -> dict[str, Any]:
    """A WSGI environment from an ASGI scope whose body is already here."""
    server = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(size),
    }
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1")
        # X_Forwarded_For would become the same variable as X-Forwarded-For.
        if "_" in name or name in {"content-length", "transfer-encoding"}:
            continue
        key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name}".upper().replace("-", "_")
        value = raw_value.decode("latin-1")
        if key in environ:
            value = f"{environ[key]}{'; ' if name == 'cookie' else ','}{value}"
        environ[key] = value
    return environ


def accepts_gzip(header: str) -> bool:
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _collect(result: Iterable[bytes]) -> bytes | IO[bytes]:
    """A long stream goes to a file: exports must not sit in memory, nor hold this thread."""
    parts: list[bytes] = []
    size = 0
    iterator = iter(result)
    for part in iterator:
        parts.append(part)
        size += len(part)
        if size > _IN_MEMORY:
            break
    else:
        return b"".join(parts)
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  the shell closes it
    file.writelines(parts)
    file.writelines(iterator)
    file.seek(0)
    return file


def _is_worth_packing(headers: Headers, body: bytes) -> bool:
    named = {name.lower(): value for name, value in headers}
    return (
        len(body) >= _WORTH_PACKING
        and "content-encoding" not in named
        and named.get("content-type", "").startswith(_PACKABLE)
    )


def _packed(body: bytes) -> bytes:
    """gzip with a file name of random length in its header: what a page's length tells about a
    secret in it (BREACH) drowns in that noise, as Django's own middleware does it."""
    buffer = io.BytesIO()
    noise = "x" * randbelow(100)
    with gzip.GzipFile(noise, "wb", compresslevel=5, fileobj=buffer, mtime=0) as packer:
        packer.write(body)
    return buffer.getvalue()


def _vary(headers: Headers, name: str) -> None:
    for index, (key, value) in enumerate(headers):
        if key.lower() == "vary":
            if name.lower() not in value.lower():
                headers[index] = (key, f"{value}, {name}")
            return
    headers.append(("Vary", name))


def _refuse_write(data: bytes) -> None:
    raise NotImplementedError("the write callable of PEP 3333 is not offered")
