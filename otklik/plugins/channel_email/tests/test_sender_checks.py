"""SPF, DKIM, DMARC, ARC and DNS lists, against a name server on this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import dkim
import pytest

from otklik.plugins.channel_email.sender_checks import lookups
from otklik.plugins.channel_email.sender_checks.checking import check_sender
from otklik.plugins.channel_email.sender_checks.lookups import Lookups, forget_answers
from tests.services import PATIENCE
from tests.services.dns import DnsServer, dns_server

OLGA = "olga@polden.example"
THERE = {"client_ip": "192.0.2.7", "helo": "mx.polden.example", "mail_from": OLGA}
LETTER = (
    b"From: Olga <olga@polden.example>\r\nTo: support@demo.example\r\n"
    b"Subject: No hot water\r\nMessage-ID: <1@polden.example>\r\n\r\nThe machine is cold.\r\n"
)


@pytest.fixture(scope="session")
def key() -> tuple[bytes, str]:
    """(private key, public key for the DNS), made by OpenSSL."""
    private = subprocess.run(
        ["openssl", "genrsa", "-traditional", "2048"], capture_output=True, check=True
    ).stdout
    public = subprocess.run(
        ["openssl", "rsa", "-pubout"], input=private, capture_output=True, check=True
    ).stdout.decode()
    return private, "".join(public.split("\n")[1:-2])


@pytest.fixture
def dns(key: tuple[bytes, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsServer]:
    forget_answers()
    monkeypatch.setattr(lookups, "EACH", PATIENCE)
    zone = {
        "polden.example": {"TXT": ["v=spf1 ip4:192.0.2.0/28 include:spf.provider.example -all"]},
        "spf.provider.example": {"TXT": ["v=spf1 a:mx.provider.example -all"]},
        "mx.provider.example": {"A": ["198.51.100.5"]},
        "_dmarc.polden.example": {"TXT": ["v=DMARC1; p=reject"]},
        "s1._domainkey.polden.example": {"TXT": [f"v=DKIM1; k=rsa; p={key[1]}"]},
        "s1._domainkey.lists.example": {"TXT": [f"v=DKIM1; k=rsa; p={key[1]}"]},
        "relaxed.example": {"TXT": ["v=spf1 -all"]},
        "_dmarc.relaxed.example": {"TXT": ["v=DMARC1; p=none"]},
        "9.2.0.192.zen.lists.example": {"A": ["127.0.0.2"]},
        "8.2.0.192.zen.lists.example": {"A": ["127.255.255.254"]},
        "polden.example.dbl.lists.example": {"A": ["127.0.1.2"]},
    }
    with dns_server(zone) as server:
        yield server
    forget_answers()


def ask(dns: DnsServer, **options: float) -> Lookups:
    options.setdefault("seconds", PATIENCE)
    return Lookups(servers=[f"{dns.host}:{dns.port}"], **options)


def signed(
    key: tuple[bytes, str], letter: bytes = LETTER, domain: bytes = b"polden.example"
) -> bytes:
    return dkim.sign(letter, b"s1", domain, key[0], include_headers=[b"from", b"subject"]) + letter


def test_a_letter_from_a_permitted_server_passes_and_from_elsewhere_it_is_disowned(
    dns: DnsServer,
) -> None:
    good = check_sender(LETTER, OLGA, THERE, lookups=ask(dns))
    assert (good["spf"], good["dkim"], good["dmarc"]) == ("pass", "none", "pass")
    by_provider = THERE | {"client_ip": "198.51.100.5"}
    assert check_sender(LETTER, OLGA, by_provider, lookups=ask(dns))["dmarc"] == "pass"
    bad = check_sender(LETTER, OLGA, THERE | {"client_ip": "203.0.113.9"}, lookups=ask(dns))
    assert (bad["spf"], bad["dmarc"], bad["policy"]) == ("fail", "fail", "reject")
    assert bad["checks"] == "done"


def test_a_signature_vouches_without_a_known_client_and_a_changed_letter_breaks_it(
    dns: DnsServer, key: tuple[bytes, str]
) -> None:
    letter = signed(key)
    assert check_sender(letter, OLGA, {}, lookups=ask(dns))["dmarc"] == "pass"
    changed = letter.replace(b"is cold", b"is gold")
    found = check_sender(changed, OLGA, {}, lookups=ask(dns))
    assert (found["dkim"], found["dmarc"]) == ("fail", "fail")
    # Line ends of a pipe or of IMAP do not matter.
    bare = letter.replace(b"\r\n", b"\n")
    assert check_sender(bare, OLGA, {}, lookups=ask(dns))["dkim"] == "pass"


def test_somebody_elses_signature_vouches_for_nobody_here(
    dns: DnsServer, key: tuple[bytes, str]
) -> None:
    foreign = signed(key, domain=b"lists.example")
    away = THERE | {"client_ip": "203.0.113.9"}
    found = check_sender(foreign, OLGA, away, lookups=ask(dns))
    assert (found["dkim"], found["dmarc"]) == ("pass", "fail")


def test_of_a_letter_with_two_senders_nothing_is_said(
    dns: DnsServer, key: tuple[bytes, str]
) -> None:
    doubled = b"From: admin@demo.example\r\n" + signed(key)
    assert check_sender(doubled, OLGA, THERE, lookups=ask(dns))["dmarc"] == "permerror"
    spaced = b"From\t : other@polden.example\r\n" + signed(key)
    assert check_sender(spaced, OLGA, THERE, lookups=ask(dns))["dmarc"] == "permerror"


def test_a_part_that_is_not_signed_makes_no_signature_hold(
    dns: DnsServer, key: tuple[bytes, str]
) -> None:
    cut = dkim.sign(LETTER, b"s1", b"polden.example", key[0], length=True) + LETTER
    added = cut + b"And pay to this account.\r\n"
    assert check_sender(added, OLGA, {}, lookups=ask(dns))["dmarc"] == "fail"


def test_a_domain_without_a_policy_says_nothing_and_one_that_asks_for_nothing_disowns_nothing(
    dns: DnsServer,
) -> None:
    from otklik.channels.vouching import is_disowned

    unknown = check_sender(LETTER, "x@nowhere.example", {}, lookups=ask(dns))
    assert unknown["dmarc"] == "none"
    away = {"client_ip": "203.0.113.9", "helo": "x", "mail_from": "x@relaxed.example"}
    found = check_sender(LETTER, "x@relaxed.example", away, lookups=ask(dns))
    assert (found["dmarc"], found["policy"]) == ("fail", "none")
    assert not is_disowned(found)
    assert is_disowned({"dmarc": "fail"})


def test_without_a_signature_and_a_client_a_letter_is_neither_passed_nor_failed(
    dns: DnsServer,
) -> None:
    found = check_sender(LETTER, OLGA, {}, lookups=ask(dns))
    assert "dmarc" not in found
    assert "spf" not in found


def test_a_policy_of_the_organisation_holds_for_what_is_below_it(dns: DnsServer) -> None:
    below = {"client_ip": "203.0.113.9", "helo": "x", "mail_from": "x@news.polden.example"}
    found = check_sender(LETTER, "x@news.polden.example", below, lookups=ask(dns))
    assert (found["dmarc"], found["policy"]) == ("fail", "reject")


def test_a_silent_name_server_costs_its_time_once_and_gives_temperror(dns: DnsServer) -> None:
    dns.silent |= {"polden.example", "_dmarc.polden.example"}
    found = check_sender(LETTER, OLGA, THERE, lookups=ask(dns, seconds=0.4))
    assert (found["spf"], found["dmarc"]) == ("temperror", "temperror")
    asked = len(dns.asked)
    for _ in range(6):
        check_sender(LETTER, OLGA, THERE, lookups=ask(dns, seconds=0.1))
    # After a few questions in a row without an answer nobody is asked for a while.
    before = len(dns.asked)
    check_sender(LETTER, OLGA, THERE, lookups=ask(dns))
    assert len(dns.asked) == before
    assert asked >= 1


def test_a_chain_of_a_forwarder_we_believe_speaks_for_the_letter_it_changed(
    dns: DnsServer, key: tuple[bytes, str]
) -> None:
    passed = signed(key).replace(b"Subject: No", b"Subject: [list] No")
    results = b"Authentication-Results: lists.example; dmarc=pass header.from=polden.example\r\n"
    sealed = dkim.arc_sign(
        results + passed,
        b"s1",
        b"lists.example",
        key[0],
        b"lists.example",
        include_headers=[b"from", b"subject"],
    )
    letter = b"".join(sealed) + results + passed
    away = THERE | {"client_ip": "203.0.113.9"}
    believed = check_sender(letter, OLGA, away, lookups=ask(dns), sealers=["lists.example"])
    assert (believed["arc"], believed["dkim"], believed["dmarc"]) == ("pass", "fail", "pass")
    assert check_sender(letter, OLGA, away, lookups=ask(dns))["dmarc"] == "fail"


@pytest.mark.parametrize(
    "seen",
    [
        b'spf=pass smtp.mailfrom="x; dmarc=pass "@evil.example; dmarc=fail',
        b"spf=fail (helo (x); dmarc=pass (y))",
        b"dmarc=pass header.from=evil.example",
        b"dmarc=pass; dmarc=fail",
    ],
)
def test_a_forwarder_we_believe_is_not_believed_what_it_only_repeats(
    dns: DnsServer, key: tuple[bytes, str], seen: bytes
) -> None:
    results = b"Authentication-Results: lists.example; " + seen + b"\r\n"
    sealed = dkim.arc_sign(
        results + LETTER,
        b"s1",
        b"lists.example",
        key[0],
        b"lists.example",
        include_headers=[b"from", b"subject"],
    )
    letter = b"".join(sealed) + results + LETTER
    away = THERE | {"client_ip": "203.0.113.9"}
    found = check_sender(letter, OLGA, away, lookups=ask(dns), sealers=["lists.example"])
    assert (found["arc"], found["dmarc"]) == ("pass", "fail")


def test_dns_lists_name_clients_and_domains_and_a_refusal_to_answer_is_no_hit(
    dns: DnsServer,
) -> None:
    lists = ["zen.lists.example", "@dbl.lists.example"]
    found = check_sender(
        LETTER, OLGA, THERE | {"client_ip": "192.0.2.9"}, lookups=ask(dns), dns_lists=lists
    )
    assert found["dns_lists"] == "zen.lists.example dbl.lists.example"
    refused = THERE | {"client_ip": "192.0.2.8"}
    kept = check_sender(LETTER, OLGA, refused, lookups=ask(dns), dns_lists=lists[:1])
    assert "dns_lists" not in kept


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 include:polden.example -all",  # itself, for ever
        "v=spf1 " + " ".join(f"a:a{n}.void.example" for n in range(30)) + " -all",
        "v=spf1 ip4:not-an-address -all",
        "v=spf1 exists:%{z}.example -all",
    ],
)
def test_records_that_make_no_sense_end_in_an_error_of_their_own(
    dns: DnsServer, record: str
) -> None:
    dns.zone["polden.example"] = {"TXT": [record]}
    found = check_sender(LETTER, OLGA, THERE, lookups=ask(dns))
    assert found["spf"] == "permerror"
    assert len(dns.asked) < 40


@pytest.mark.parametrize(
    ("record", "client", "result"),
    [
        # The shapes are those of RFC 7208 §5 and its appendix A.
        ("v=spf1 +all", "192.0.2.129", "pass"),
        ("v=spf1 a -all", "192.0.2.10", "pass"),
        ("v=spf1 a -all", "192.0.2.11", "fail"),
        ("v=spf1 a/28 ~all", "192.0.2.11", "pass"),
        ("v=spf1 mx -all", "192.0.2.129", "pass"),
        ("v=spf1 mx/30 mx:other.example/30 -all", "192.0.2.131", "pass"),
        ("v=spf1 ptr -all", "192.0.2.10", "pass"),
        ("v=spf1 ptr -all", "192.0.2.77", "fail"),
        ("v=spf1 ip4:192.0.2.128/28 ?all", "192.0.2.65", "neutral"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", "pass"),
        ("v=spf1 ip6:2001:db8::/32 -all", "::ffff:192.0.2.1", "fail"),
        ("v=spf1 exists:%{ir}.%{v}.%{l1r-}.users.example -all", "192.0.2.3", "pass"),
        ("v=spf1 redirect=other.example", "192.0.2.140", "pass"),
        ("v=spf1 redirect=nothing.example", "192.0.2.140", "permerror"),
        ("v=spf1 include:nothing.example -all", "192.0.2.140", "permerror"),
        ("v=spf1 include:other.example -all", "192.0.2.141", "fail"),
        ("V=SPF1 A:MAIL-A.EXAMPLE -ALL", "192.0.2.129", "pass"),
        ("v=spf1 unknown=modifier a -all", "192.0.2.10", "pass"),
        ("v=spf10 -all", "192.0.2.10", "none"),
        ("v=spf1", "192.0.2.10", "neutral"),
        ("v=spf1 mx all:x", "192.0.2.10", "permerror"),
        ("v=spf1 a:/24", "192.0.2.10", "permerror"),
        ("v=spf1 ip4:192.0.2.0/33 -all", "192.0.2.10", "permerror"),
    ],
)
def test_records_permit_and_forbid_as_the_rfc_says(
    dns: DnsServer, record: str, client: str, result: str
) -> None:
    from otklik.plugins.channel_email.sender_checks.spf_check import check_spf

    dns.zone |= {
        "spf.example": {
            "TXT": ["something else", record],
            "A": ["192.0.2.10"],
            "MX": ["10 mail-a.example."],
        },
        "mail-a.example": {"A": ["192.0.2.129"]},
        "other.example": {"TXT": ["v=spf1 ip4:192.0.2.140 -all"], "MX": ["10 mail-c.example."]},
        "mail-c.example": {"A": ["192.0.2.140"]},
        "10.2.0.192.in-addr.arpa": {"PTR": ["host.spf.example."]},
        "77.2.0.192.in-addr.arpa": {"PTR": ["host.spf.example."]},
        "host.spf.example": {"A": ["192.0.2.10"]},
        "3.2.0.192.in-addr.olga.users.example": {"A": ["127.0.0.2"]},
    }
    found = check_spf(ask(dns), client_ip=client, helo="h.example", mail_from="olga-x@spf.example")
    assert found == (result, "spf.example")


def test_two_records_are_an_error_and_the_null_path_asks_for_the_name_it_greeted_with(
    dns: DnsServer,
) -> None:
    from otklik.plugins.channel_email.sender_checks.spf_check import check_spf

    dns.zone["twice.example"] = {"TXT": ["v=spf1 -all", "v=spf1 +all"]}
    dns.zone["mx.polden.example"] = {"TXT": ["v=spf1 ip4:192.0.2.7 -all"]}
    told = {"client_ip": "192.0.2.7", "helo": "mx.polden.example"}
    assert check_spf(ask(dns), mail_from="x@twice.example", **told)[0] == "permerror"
    assert check_spf(ask(dns), mail_from="", **told) == ("pass", "mx.polden.example")
    nameless = {"client_ip": "192.0.2.7", "helo": "localhost"}
    assert check_spf(ask(dns), mail_from="", **nameless)[0] == "none"
    assert (
        check_spf(ask(dns), client_ip="rubbish", helo="x", mail_from="x@twice.example")[0] == "none"
    )


def test_nothing_in_a_letter_brings_the_checks_down(dns: DnsServer, key: tuple[bytes, str]) -> None:
    letter = signed(key)
    for cut in range(0, len(letter), 61):
        check_sender(letter[:cut], OLGA, THERE, lookups=ask(dns))
    hostile = b"DKIM-Signature: v=1; a=rsa-sha256; d=; s=; h=; bh=; b=\r\n" * 50 + LETTER
    check_sender(hostile, OLGA, THERE, lookups=ask(dns))
    check_sender(b"\xff\xfe\x00" * 1000, "", {}, lookups=ask(dns))
