"""Questions to a real name server on loopback."""

from __future__ import annotations

import time

import pytest

from otklik.kit.dns import DnsFailure, find_addresses, find_mx, find_txt
from tests.services.dns import dns_server


def test_answers_come_in_order_and_what_is_missing_is_an_empty_answer() -> None:
    zone = {
        "polden.example": {
            "MX": ["20 second.example.", "10 first.example."],
            "TXT": ["v=spf1 -all", "x" * 400],
        },
        "first.example": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
        "none.example": {"MX": ["0 ."]},
    }
    with dns_server(zone) as server:
        at = (f"{server.host}:{server.port}",)
        assert find_mx("polden.example", servers=at) == ["first.example", "second.example"]
        assert find_mx("none.example", servers=at) == [""]
        assert sorted(find_txt("polden.example", servers=at)) == ["v=spf1 -all", "x" * 400]
        assert find_addresses("first.example", servers=at) == ["192.0.2.1", "2001:db8::1"]
        assert find_txt("first.example", servers=at) == []
        assert find_txt("nobody.example", servers=at) == []


def test_a_server_that_cannot_or_will_not_answer_is_a_failure_within_the_time() -> None:
    with dns_server({"polden.example": {"TXT": ["v=spf1 -all"]}}) as server:
        at = (f"{server.host}:{server.port}",)
        server.broken.add("polden.example")
        with pytest.raises(DnsFailure):
            find_txt("polden.example", servers=at)
        server.silent.add("silent.example")
        started = time.monotonic()
        with pytest.raises(DnsFailure):
            find_txt("silent.example", servers=at, seconds=0.5)
        assert time.monotonic() - started < 10
        with pytest.raises(DnsFailure):
            find_txt("a" * 70 + ".example", servers=at)
