"""Put an answer on the wire: whole, or from a file in pieces, with byte ranges (RFC 9110)."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import IO, Any

from otklik.core.web.bridge import Answer, Headers

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PIECE = 128 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


async def send_answer(
    answer: Answer, method: str, range_header: str, send: Send, threads: Executor
) -> None:
    """Send and, when the body is a file, read it piecewise in ``threads`` and close it."""
    if isinstance(answer.body, bytes):
        await send_bytes(answer.status, answer.headers, answer.body, send, method)
        return
    loop = asyncio.get_running_loop()
    file = answer.body
    try:
        await _send_file(answer, file, method, range_header, send, threads)
    finally:
        await loop.run_in_executor(threads, file.close)


async def send_bytes(
    status: int,
    headers: Headers,
    body: bytes,
    send: Send,
    method: str = "GET",
    *,
    is_last: bool = True,
) -> None:
    named = {name.lower() for name, _ in headers}
    if "content-length" not in named and status not in {204, 304}:
        headers = [*headers, ("Content-Length", str(len(body)))]
    await _start(status, headers, send)
    content = b"" if method == "HEAD" else body
    await send({"type": "http.response.body", "body": content, "more_body": not is_last})


def read_range(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) of a single byte range; None to send everything.

    Raises ValueError for a range outside the file (416). Several ranges count as none.
    """
    match = _RANGE.match(header.replace(" ", ""))
    if match is None or match.group(1) == match.group(2) == "":
        return None
    if match.group(1) == "":
        length = int(match.group(2))
        if length == 0 or size == 0:
            raise ValueError("empty range")
        return max(0, size - length), size - 1
    first = int(match.group(1))
    last = min(int(match.group(2)), size - 1) if match.group(2) else size - 1
    if first >= size or (match.group(2) and int(match.group(2)) < first):
        raise ValueError("outside the file")
    return first, last


async def _send_file(
    answer: Answer,
    file: IO[bytes],
    method: str,
    range_header: str,
    send: Send,
    threads: Executor,
) -> None:
    loop = asyncio.get_running_loop()
    size = await loop.run_in_executor(threads, _size, file)
    headers = [pair for pair in answer.headers if pair[0].lower() != "content-length"]
    status, left = answer.status, size
    if size is not None and status == 200:
        headers.append(("Accept-Ranges", "bytes"))
        try:
            wanted = read_range(range_header, size) if range_header else None
        except ValueError:
            refusal: Headers = [("Content-Range", f"bytes */{size}")]
            await send_bytes(416, refusal, b"", send)
            return
        if wanted is not None:
            first, last = wanted
            await loop.run_in_executor(threads, file.seek, first)
            status, left = 206, last - first + 1
            headers.append(("Content-Range", f"bytes {first}-{last}/{size}"))
    if left is not None:
        headers.append(("Content-Length", str(left)))
    await _start(status, headers, send)
    while method != "HEAD" and (left is None or left > 0):
        piece = await loop.run_in_executor(
            threads, file.read, _PIECE if left is None else min(_PIECE, left)
        )
        if not piece:
            break
        if left is not None:
            left -= len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _start(status: int, headers: Headers, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                # Django writes cookies with a space in front, which HTTP does not allow.
                (name.lower().encode("latin-1"), value.strip().encode("latin-1"))
                for name, value in headers
            ],
        }
    )


def _size(file: IO[bytes]) -> int | None:
    """Bytes from here to the end; None for a stream that cannot tell (an object store's)."""
    try:
        here = file.tell()
        end = file.seek(0, os.SEEK_END)
        file.seek(here)
    except (OSError, AttributeError, ValueError):
        return None
    return end - here
