"""HTTP to addresses that somebody typed, without reaching what only this machine can reach.

The guard (`targets`) sits where the connection is made, so a redirect to the inside ends at the
same wall. Proxies from the environment are not used.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from otklik.kit.targets import ForbiddenTargetError, Network, OutboundError, UnreachableError

if TYPE_CHECKING:
    import httpx

_CHUNK = 64 * 1024
_MOST_REDIRECTS = 5


class OutboundTimeoutError(UnreachableError):
    """The whole request took longer than allowed."""


class TooLargeError(OutboundError):
    """The answer is larger than allowed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status. ``url`` is the last address after redirects."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    json: Any = None,
    max_bytes: int = 5_000_000,
    seconds: float = 15,
    allowed: Sequence[Network] = (),
    follow_redirects: bool = True,
    verify: ssl.SSLContext | None = None,
) -> Answer:
    """One request within ``seconds`` from the first byte to the last, redirects included.

    ``max_bytes`` bounds the body after decompression. Raises the ``OutboundError`` kinds; a
    status of 400 and more is an answer like any other. Blocking: never inside a transaction.
    """
    # Here and not above: a start that fetches nothing does not load an HTTP client.
    import httpx

    from otklik.kit.outbound_transport import GuardedTransport

    deadline = time.monotonic() + seconds
    with httpx.Client(
        transport=GuardedTransport(tuple(allowed), deadline, verify),
        follow_redirects=follow_redirects,
        max_redirects=_MOST_REDIRECTS,
        timeout=seconds,
        trust_env=False,
        headers={"User-Agent": "Otklik", "Accept-Encoding": "gzip, deflate"},
    ) as client:
        try:
            with client.stream(
                method, url, headers=dict(headers or {}), content=content, json=json
            ) as response:
                body = _read(response, max_bytes, deadline)
                return Answer(response.status_code, response.headers, body, str(response.url))
        except httpx.TimeoutException as error:
            raise OutboundTimeoutError(f"no answer within {seconds:g} seconds") from error
        except httpx.UnsupportedProtocol as error:
            raise ForbiddenTargetError("only http and https addresses are fetched") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise UnreachableError(str(error) or "the connection broke") from error


def _read(response: httpx.Response, max_bytes: int, deadline: float) -> bytes:
    """The body, decompressed no further than the limit."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip", "deflate"):
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
    elif encoding in ("identity", ""):
        inflate = None
    else:
        raise UnreachableError(f"the answer is encoded as {encoding[:40]}")
    body = bytearray()
    for raw in response.iter_raw(_CHUNK):
        if time.monotonic() > deadline:
            raise OutboundTimeoutError("the answer did not end in time")
        if inflate is None:
            body += raw
        else:
            try:
                body += inflate.decompress(raw, max_bytes + 1 - len(body))
            except zlib.error as error:
                raise UnreachableError("the answer is damaged") from error
        if len(body) > max_bytes:
            raise TooLargeError(f"the answer is larger than {max_bytes} bytes")
    return bytes(body)
