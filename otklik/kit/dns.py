"""Questions to the DNS with an answer or a reason within a known time.

Servers are those of the machine, or the ones given as ``host`` or ``host:port``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dns.exception
import dns.resolver

SECONDS = 5.0
MOST = 50  # records of one answer that are looked at


class DnsFailure(Exception):
    """Nobody answered in time, or a server said that it cannot (SERVFAIL, REFUSED)."""


def find_txt(name: str, *, servers: Sequence[str] = (), seconds: float = SECONDS) -> list[str]:
    """TXT records with their strings joined (RFC 7208 §3.3); [] when there are none."""
    answer = _ask(name, "TXT", servers, seconds)
    return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]


def find_mx(name: str, *, servers: Sequence[str] = (), seconds: float = SECONDS) -> list[str]:
    """Mail servers, the preferred one first; "" stands for "takes no mail" (RFC 7505)."""
    rows = sorted(_ask(name, "MX", servers, seconds), key=lambda row: row.preference)
    return [row.exchange.to_text(omit_final_dot=True).lower().strip(".") for row in rows]


def find_addresses(
    name: str, *, servers: Sequence[str] = (), seconds: float = SECONDS
) -> list[str]:
    """IPv4 and IPv6 addresses; [] when there are none."""
    found = [*_ask(name, "A", servers, seconds), *_ask(name, "AAAA", servers, seconds)]
    return [row.address for row in found]


def find_records(
    name: str, kind: str, *, servers: Sequence[str] = (), seconds: float = SECONDS
) -> list[Any]:
    """Records of any type in dnspython's form; [] when there are none."""
    return _ask(name, kind, servers, seconds)


def _ask(name: str, kind: str, servers: Sequence[str], seconds: float) -> list:  # type: ignore[type-arg]
    try:
        resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            resolver.nameservers, resolver.nameserver_ports = _taken_apart(servers)
        resolver.timeout = min(2.0, seconds)
        answer = resolver.resolve(name, kind, lifetime=seconds, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise DnsFailure(f"{name} {kind}: {type(error).__name__}") from error
    return list(answer)[:MOST]


def _taken_apart(servers: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    hosts, ports = [], {}
    for server in servers:
        host, colon, port = server.rpartition(":")
        if colon and port.isdecimal() and ("[" in server or ":" not in host):
            host = host.strip("[]")
            ports[host] = int(port)
        else:
            host = server.strip("[]")
        hosts.append(host)
    return hosts, ports
