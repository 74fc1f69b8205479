"""HTTP to addresses that somebody typed, without reaching what only this machine can reach.

The guard sits where the connection is made: the name is resolved once, every answer is judged,
and the socket goes to the very address that was judged. So a name that answers differently the
second time, and a redirect to the inside, end at the same wall. Proxies from the environment are
not used.
"""

from __future__ import annotations

import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Network = IPv4Network | IPv6Network

_CHUNK = 64 * 1024
_MOST_REDIRECTS = 5
# NAT64 and 6to4 carry an IPv4 address inside (RFC 6052, RFC 3056).
_NAT64 = ip_network("64:ff9b::/96")


class OutboundError(Exception):
    """A request from this desk to elsewhere did not come to an answer."""


class ForbiddenTargetError(OutboundError):
    """The address is private, reserved or of another scheme: a matter of configuration."""


class UnreachableError(OutboundError):
    """The name does not resolve, the connection fails or breaks, or TLS does not come about."""


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


def is_allowed(address: str, allowed: Iterable[Network] = ()) -> bool:
    """Whether an IP address is public, or inside one of the ``allowed`` private networks."""
    ip = ip_address(address.partition("%")[0])
    inner = _inner_address(ip)
    return any(_contains(network, inner) for network in allowed) or (
        inner.is_global and not inner.is_multicast and not inner.is_reserved
    )


def resolve(host: str, port: int, allowed: Iterable[Network] = ()) -> list[str]:
    """IP addresses of ``host`` one may connect to, in the resolver's order.

    Raises ``UnreachableError`` for an unknown name and ``ForbiddenTargetError`` when any answer
    is forbidden: a name with one foot inside is not trusted with the other.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(f"the name {host} is not known") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    networks = tuple(allowed)
    if not addresses or not all(is_allowed(address, networks) for address in addresses):
        raise ForbiddenTargetError(f"{host} is not a public address")
    return addresses


def connect(
    host: str, port: int, *, timeout: float = 10, allowed: Iterable[Network] = ()
) -> socket.socket:
    """A connected TCP socket to a checked address, for protocols other than HTTP."""
    failure: OSError | None = None
    for address in resolve(host, port, allowed):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            failure = error
    raise UnreachableError(f"no connection to {host}") from failure


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


def _inner_address(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if inner is None and ip in _NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        return inner or ip
    return ip


def _contains(network: Network, ip: IPv4Address | IPv6Address) -> bool:
    return network.version == ip.version and ip in network


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
