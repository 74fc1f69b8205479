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


def find_records(
    name: str, kind: str, *, servers: Sequence[str] = (), seconds: float = SECONDS
) -> list[Any]:
    """Records of any type in dnspython's form; [] when there are none. Raises DnsFailure."""
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
