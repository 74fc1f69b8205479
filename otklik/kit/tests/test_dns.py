"""Questions to a real name server on loopback."""

from __future__ import annotations

import time

import pytest

from otklik.kit.dns import DnsFailure, find_records
from tests.services.dns import dns_server


def test_answers_come_in_order_and_what_is_missing_is_an_empty_answer() -> None:
    zone = {
        "polden.example": {
            "MX": ["20 second.example.", "10 first.example."],
            "TXT": ["v=spf1 -all", "x" * 400],
        },
        "first.example": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
    }
    with dns_server(zone) as server:
        at = (f"{server.host}:{server.port}",)
        servers = find_records("polden.example", "MX", servers=at)
        found = sorted((row.preference, row.exchange.to_text()) for row in servers)
        assert found == [(10, "first.example."), (20, "second.example.")]
        texts = find_records("polden.example", "TXT", servers=at)
        assert sorted(b"".join(row.strings) for row in texts) == [b"v=spf1 -all", b"x" * 400]
        (address,) = find_records("first.example", "AAAA", servers=at)
        assert address.address == "2001:db8::1"
        assert find_records("first.example", "TXT", servers=at) == []
        assert find_records("nobody.example", "TXT", servers=at) == []


def test_a_server_that_cannot_or_will_not_answer_is_a_failure_within_the_time() -> None:
    with dns_server({"polden.example": {"TXT": ["v=spf1 -all"]}}) as server:
        at = (f"{server.host}:{server.port}",)
        server.broken.add("polden.example")
        with pytest.raises(DnsFailure):
            find_records("polden.example", "TXT", servers=at)
        server.silent.add("silent.example")
        started = time.monotonic()
        with pytest.raises(DnsFailure):
            find_records("silent.example", "TXT", servers=at, seconds=0.5)
        assert time.monotonic() - started < 10
        with pytest.raises(DnsFailure):
            find_records("a" * 70 + ".example", "TXT", servers=at)
