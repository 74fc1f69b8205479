"""Where a request comes from, as limits count it."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from django.http import HttpRequest


def place_of(request: HttpRequest) -> str:
    """The caller's address, behind a trusted proxy the one it forwards. Of IPv6 the first half:
    one household or machine has all 2^64 addresses of the rest (RFC 6177)."""
    written = str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(written.partition("%")[0])
    except ValueError:
        return written
    if not isinstance(address, IPv6Address):
        return written
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
