"""A name server for tests: UDP and TCP on loopback, one port, a zone given as a dictionary.

    with dns_server({"example.com": {"TXT": ["v=spf1 -all"], "MX": ["10 mx.example.com."]}}) as dns:
        dns.zone["_dmarc.example.com"] = {"TXT": ["v=DMARC1; p=none"]}  # may change while it runs
        ...  # ask 127.0.0.1, port dns.port

Record data is written as in a zone file (RFC 1035 §5.1), host names with the final dot; a TXT value
is plain text without quotes and is cut into strings of 255 bytes by the server. A name that is not
in the zone is answered NXDOMAIN, a type that its name lacks is an empty answer. Names in ``silent``
get no answer at all, names in ``broken`` get SERVFAIL.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.rrset

from tests.services import free_port

Zone = dict[str, dict[str, list[str]]]


@dataclass
class DnsServer:
    """``asked`` holds (name, type) of every question, in order."""

    host: str
    port: int
    zone: Zone
    silent: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, wire: bytes) -> bytes | None:
        """The answer to one question as it travels, None for silence."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        response.flags |= dns.flags.AA
        if name in self.broken:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.zone:
            response.set_rcode(dns.rcode.NXDOMAIN)
        else:
            self._fill(response, name, kind)
        return response.to_wire()

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            records = self.zone.get(name, {})
            if kind in records or "CNAME" not in records:
                break
            target = records["CNAME"][0]
            response.answer.append(_rrset(name, "CNAME", [target]))
            name = target.rstrip(".").lower()
        values = self.zone.get(name, {}).get(kind)
        if values:
            response.answer.append(_rrset(name, kind, values))


@contextmanager
def dns_server(zone: Mapping[str, Mapping[str, list[str]]] | None = None) -> Iterator[DnsServer]:
    """Run a server until the block ends."""
    copied: Zone = {name.lower(): dict(rows) for name, rows in (zone or {}).items()}
    served = DnsServer("127.0.0.1", free_port(), copied)
    with ExitStack() as stack:
        for kind in (_Udp, _Tcp):
            server = stack.enter_context(kind((served.host, served.port), served))
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            stack.callback(thread.join, 5)
            stack.callback(server.shutdown)
        yield served


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, connection = self.request
        answer = self.server.served.answer(wire)  # type: ignore[attr-defined]
        if answer is None:
            return
        if len(answer) > 1232:
            truncated = dns.message.make_response(dns.message.from_wire(wire))
            truncated.flags |= dns.flags.TC
            answer = truncated.to_wire()
        connection.sendto(answer, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        try:
            while len(head := self.rfile.read(2)) == 2:
                answer = self.server.served.answer(  # type: ignore[attr-defined]
                    self.rfile.read(struct.unpack("!H", head)[0])
                )
                if answer is None:
                    return
                self.wfile.write(struct.pack("!H", len(answer)) + answer)
        except OSError:
            return


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    max_packet_size = 65535

    def __init__(self, address: tuple[str, int], served: DnsServer) -> None:
        self.served = served
        super().__init__(address, _UdpHandler)


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], served: DnsServer) -> None:
        self.served = served
        super().__init__(address, _TcpHandler)


def _rrset(name: str, kind: str, values: list[str]) -> Any:
    rows = [_rdata(kind, value) for value in values]
    return dns.rrset.from_rdata_list(dns.name.from_text(name), 60, rows)


def _rdata(kind: str, value: str) -> dns.rdata.Rdata:
    if kind != "TXT":
        return dns.rdata.from_text("IN", kind, value)
    data = value.encode()
    strings = [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]
    return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)
