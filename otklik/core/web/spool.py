"""Take a request's body in before any thread is given to it: bounded in size, time and pace."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import IO, Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# Bodies below this stay in memory; larger ones go to a file that has no name.
IN_MEMORY = 512 * 1024


class BodyRefused(Exception):
    """``status`` and ``why`` (a short code for figures); the words are the shell's."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class ClientGone(Exception):
    """The other side hung up before it had said everything."""


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """``idle``: seconds without a byte; ``grace`` + size / ``pace``: seconds for the whole.

    ``together``: bytes all unfinished bodies may take at once.
    """

    largest: int
    idle: float = 20.0
    grace: float = 30.0
    pace: float = 16 * 1024
    together: int = 1 << 30


class Spool:
    """All bodies being taken in by one process."""

    def __init__(self, limits: SpoolLimits) -> None:
        self.limits = limits
        self._held = 0

    async def take(self, length: int | None, receive: Receive) -> tuple[IO[bytes], int]:
        """(file at its start, size). ``length`` is what Content-Length said, None when chunked.

        Raises BodyRefused (408, 413, 503) or ClientGone. The caller closes the file and then
        gives the room back with ``release(size)``.
        """
        limits = self.limits
        if length is not None and length > limits.largest:
            raise BodyRefused(413, "too_large")
        loop = asyncio.get_running_loop()
        started = loop.time()
        body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        size = 0
        try:
            while True:
                # A fast start earns no right to a slow end: the pace counts from the beginning.
                left = started + limits.grace + size / limits.pace - loop.time()
                async with asyncio.timeout(max(0.0, min(limits.idle, left))):
                    message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                part = message.get("body", b"")
                if size + len(part) > limits.largest:
                    raise BodyRefused(413, "too_large")
                if self._held + len(part) > limits.together:
                    raise BodyRefused(503, "spool_full")
                self._held += len(part)
                size += len(part)
                body.write(part)
                if not message.get("more_body", False):
                    break
        except TimeoutError:
            self._drop(body, size)
            raise BodyRefused(408, "too_slow") from None
        except OSError:
            self._drop(body, size)
            raise BodyRefused(503, "spool_full") from None
        except BaseException:
            self._drop(body, size)
            raise
        body.seek(0)
        return body, size

    def release(self, size: int) -> None:
        self._held -= size

    def _drop(self, body: IO[bytes], size: int) -> None:
        body.close()
        self.release(size)
