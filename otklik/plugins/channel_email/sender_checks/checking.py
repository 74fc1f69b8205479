"""All checks of one letter's sender, within one span of time."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence

import structlog

from otklik.kit.addresses import domain_of

from .dmarc import Policy, find_policy, is_aligned
from .lookups import Lookups, NoAnswer
from .signatures import Signed, check_arc, check_dkim
from .spf_check import check_spf

logger = structlog.get_logger(__name__)

_FROM = re.compile(rb"(?im)^from[ \t]*:")


def check_sender(
    raw: bytes,
    sender: str,
    known: Mapping[str, str],
    *,
    lookups: Lookups,
    sealers: Sequence[str] = (),
    dns_lists: Sequence[str] = (),
) -> dict[str, str]:
    """``known`` with what was found out, never less. ``sender`` is the From: address.

    Of ``known`` are used ``client_ip``, ``helo`` and ``mail_from``; without them SPF is left out,
    and a letter without a signature that holds is neither passed nor failed. Never raises.
    """
    found = {name: value for name, value in known.items() if name != "checks"}
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    domain = domain_of(sender)
    try:
        _check(found, raw, domain, lookups, sealers)
        _ask_lists(found, domain, lookups, dns_lists)
    except Exception:
        # A foreign letter or record must not keep the ticket from being answered.
        logger.exception("sender_not_checked")
        found.setdefault("dmarc", "temperror")
    return found | {"checks": "done"}


def _check(
    found: dict[str, str], raw: bytes, domain: str, lookups: Lookups, sealers: Sequence[str]
) -> None:
    signed = check_dkim(raw, lookups)
    found["dkim"] = signed.result
    spf_domain = ""
    if found.get("client_ip"):
        found["spf"], spf_domain = check_spf(
            lookups,
            client_ip=found["client_ip"],
            helo=found.get("helo", ""),
            mail_from=found.get("mail_from", ""),
        )
    chain = check_arc(raw, lookups)
    if chain.result != "none":
        found["arc"] = chain.result
    if _senders(raw) != 1:
        found["dmarc"] = "permerror"  # two From: fields: readers see one, checks see another
        return
    try:
        policy = find_policy(domain, lookups) if domain else None
    except NoAnswer:
        found["dmarc"] = "temperror"
        return
    result = _judge(found, signed, spf_domain, domain, policy)
    if result == "fail" and chain.result == "pass" and chain.sealer in sealers:
        # A forwarder we trust changed the letter; it says that all was well when it came there.
        is_about_it = chain.sender in ("", domain)
        result = "pass" if chain.dmarc == "pass" and is_about_it else result
    if result:
        found["dmarc"] = result
    if policy is not None:
        found["policy"] = policy.policy


def _judge(
    found: Mapping[str, str], signed: Signed, spf_domain: str, domain: str, policy: Policy | None
) -> str:
    """ "" where nothing can be said: no client known and no signature that holds."""
    if policy is None:
        return "none"
    is_strict = policy.is_dkim_strict
    if any(is_aligned(one, domain, is_strict=is_strict) for one in signed.domains):
        return "pass"
    is_sent_well = found.get("spf") == "pass"
    if is_sent_well and is_aligned(spf_domain, domain, is_strict=policy.is_spf_strict):
        return "pass"
    if "temperror" in (signed.result, found.get("spf")):
        return "temperror"
    return "fail" if "spf" in found or signed.result in {"fail", "policy"} else ""


def _ask_lists(
    found: dict[str, str], domain: str, lookups: Lookups, dns_lists: Sequence[str]
) -> None:
    """DNS lists: of addresses by name, of domains with "@" before it (RFC 5782)."""
    hits = []
    for name in dns_lists:
        asked = f"{domain}.{name[1:]}" if name.startswith("@") else _reversed(found, name)
        if not asked or not name.strip("@"):
            continue
        try:
            rows = lookups.ask(asked, "A")
        except NoAnswer:
            continue
        # 127.255.255.x says that we may not ask, not that somebody is listed.
        values = [str(row.address) for row in rows]
        if any(one.startswith("127.") and not one.startswith("127.255.") for one in values):
            hits.append(name.lstrip("@"))
    if hits:
        found["dns_lists"] = " ".join(hits)


def _reversed(found: Mapping[str, str], name: str) -> str:
    try:
        address = ipaddress.ip_address(found.get("client_ip", ""))
    except ValueError:
        return ""
    if address.is_loopback or address.is_link_local:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        digits = address.exploded.replace(":", "")
        return ".".join(reversed(digits)) + f".{name}"
    return ".".join(reversed(str(address).split("."))) + f".{name}"


def _senders(raw: bytes) -> int:
    """From: fields, with whatever spaces our reader takes before the colon."""
    return len(_FROM.findall(raw.partition(b"\r\n\r\n")[0]))
