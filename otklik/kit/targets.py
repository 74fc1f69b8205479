"""Which addresses may be reached from here: those that somebody typed must not lead inside.

A name is resolved once and every answer judged; whoever connects goes to the very address that was
judged, so a name that answers differently the second time ends at the same wall.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

# NAT64 and 6to4 carry an IPv4 address inside (RFC 6052, RFC 3056).
_NAT64 = ip_network("64:ff9b::/96")


class OutboundError(Exception):
    """A request from this desk to elsewhere did not come to an answer."""


class ForbiddenTargetError(OutboundError):
    """The address is private, reserved or of another scheme: a matter of configuration."""


class UnreachableError(OutboundError):
    """The name does not resolve, the connection fails or breaks, or TLS does not come about."""


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


def _inner_address(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if inner is None and ip in _NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        return inner or ip
    return ip


def _contains(network: Network, ip: IPv4Address | IPv6Address) -> bool:
    return network.version == ip.version and ip in network
