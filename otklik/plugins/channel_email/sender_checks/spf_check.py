"""SPF (RFC 7208): whether a domain permits the client that handed a letter over.

Written here because the library there is no longer compiles without complaint; the bounds are those
of the RFC: ten terms that ask the DNS, ten hosts of an MX, two answers without anything in them.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

from .lookups import Lookups, NoAnswer

MAX_TERMS, MAX_HOSTS, MAX_VOID = 10, 10, 2
_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_TERM = re.compile(r"([+\-~?])?([a-z0-9]+)(?:([:/])(\S*))?\Z", re.IGNORECASE)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(\S*)\Z", re.IGNORECASE)
_MACRO = re.compile(r"%(?:\{([slodipvhcrt])(\d*)(r?)([.\-+,/_=]*)\}|([%_-])|)", re.IGNORECASE)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class _Wrong(Exception):
    """The record makes no sense, or asks for too much."""


@dataclass
class _Asked:
    """One evaluation: who asks, and what is left of the bounds."""

    lookups: Lookups
    client: Address
    helo: str
    sender: str
    terms: int = 0
    void: int = 0

    def count(self) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise _Wrong("too many terms")

    def ask(self, name: str, kind: str) -> list[Any]:
        if not name or len(name) > 253 or any(not 0 < len(one) < 64 for one in name.split(".")):
            found: list[Any] = []
        else:
            found = self.lookups.ask(name, kind)
        if not found:
            self.void += 1
            if self.void > MAX_VOID:
                raise _Wrong("too many answers without anything in them")
        return found


def check_spf(lookups: Lookups, *, client_ip: str, helo: str, mail_from: str) -> tuple[str, str]:
    """(result, the domain it is about). ``mail_from`` "" is the null path: HELO is asked."""
    sender = mail_from or f"postmaster@{helo}"
    domain = sender.rpartition("@")[2].lower().rstrip(".")
    try:
        client: Address = ipaddress.ip_address(client_ip)
    except ValueError:
        return "none", domain
    if isinstance(client, ipaddress.IPv6Address) and client.ipv4_mapped is not None:
        client = client.ipv4_mapped
    if "." not in domain:
        return "none", domain
    try:
        return _evaluate(_Asked(lookups, client, helo, sender), domain, depth=0), domain
    except _Wrong:
        return "permerror", domain
    except NoAnswer:
        return "temperror", domain


def _evaluate(asked: _Asked, domain: str, *, depth: int) -> str:
    terms = _record(asked, domain)
    if terms is None:
        return "none"
    if depth > MAX_TERMS:
        raise _Wrong("too deep")
    mechanisms, redirect = _read(terms)
    for sign, name, value in mechanisms:
        if _matches(asked, domain, name, value, depth):
            return _RESULTS[sign]
    if redirect:
        asked.count()
        result = _evaluate(asked, _expand(asked, redirect, domain), depth=depth + 1)
        if result == "none":
            raise _Wrong("redirected to nothing")
        return result
    return "neutral"


def _record(asked: _Asked, domain: str) -> list[str] | None:
    found = [
        one
        for one in asked.lookups.find_txt(domain)
        if one.lower() == "v=spf1" or one.lower().startswith("v=spf1 ")
    ]
    if len(found) > 1:
        raise _Wrong("several records")
    return found[0].split()[1:] if found else None


def _read(terms: list[str]) -> tuple[list[tuple[str, str, str]], str]:
    """Everything is read before anything is asked: a record with a mistake anywhere is wrong."""
    mechanisms = []
    redirects = []
    for term in terms:
        modifier = _MODIFIER.match(term)
        if modifier is not None:
            if modifier[1].lower() == "redirect":
                redirects.append(modifier[2])
            continue
        found = _TERM.match(term)
        if found is None or found[2].lower() not in _MECHANISMS:
            raise _Wrong(f"unknown term {term[:40]}")
        value = (found[3] or "") + (found[4] or "")
        name = found[2].lower()
        if name in {"ip4", "ip6"}:
            _network(value)
        elif name == "all" and value:
            raise _Wrong("all of something")
        elif name in {"include", "exists"} and not value.startswith(":"):
            raise _Wrong(f"{name} of nothing")
        mechanisms.append((found[1] or "+", name, value))
    if len(redirects) > 1:
        raise _Wrong("several redirects")
    has_all = any(name == "all" for _sign, name, _value in mechanisms)
    return mechanisms, redirects[0] if redirects and not has_all else ""


_MECHANISMS = {"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"}


def _matches(asked: _Asked, domain: str, name: str, value: str, depth: int) -> bool:
    if name == "all":
        return True
    if name in {"ip4", "ip6"}:
        network = _network(value)
        return network.version == asked.client.version and asked.client in network
    asked.count()
    if name == "include":
        target = _expand(asked, value[1:], domain)
        result = _evaluate(asked, target, depth=depth + 1)
        if result == "none":
            raise _Wrong("includes nothing")
        return result == "pass"
    if name == "exists":
        return bool(asked.ask(_expand(asked, value[1:], domain), "A"))
    target, four, six = _target(asked, value, domain)
    if name == "a":
        return _is_at(asked, target, four, six)
    if name == "mx":
        rows = asked.ask(target, "MX")
        if len(rows) > MAX_HOSTS:
            raise _Wrong("too many mail servers")
        hosts = [row.exchange.to_text(omit_final_dot=True).lower() for row in rows]
        return any(_is_at(asked, host, four, six) for host in hosts if host)
    return _is_named(asked, target)


def _is_at(asked: _Asked, name: str, four: int, six: int) -> bool:
    kind, bits = ("A", four) if asked.client.version == 4 else ("AAAA", six)
    return any(
        asked.client in ipaddress.ip_network(f"{row.address}/{bits}", strict=False)
        for row in asked.ask(name, kind)
    )


def _is_named(asked: _Asked, target: str) -> bool:
    """The mechanism nobody should use any more (§5.5), for those who do."""
    kind = "A" if asked.client.version == 4 else "AAAA"
    try:
        rows = asked.ask(asked.client.reverse_pointer, "PTR")[:MAX_HOSTS]
        for row in rows:
            name = row.target.to_text(omit_final_dot=True).lower()
            if name != target and not name.endswith(f".{target}"):
                continue
            if any(one.address == str(asked.client) for one in asked.ask(name, kind)):
                return True
    except NoAnswer:
        return False
    return False


def _network(value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(value.lstrip(":"), strict=False)
    except ValueError as error:
        raise _Wrong("no network") from error


def _target(asked: _Asked, value: str, domain: str) -> tuple[str, int, int]:
    """``:name/24//64`` taken apart: the name, else the domain itself, and two prefix lengths."""
    found = re.fullmatch(r"(?::([^/]+))?(?:/(\d{1,2}))?(?://(\d{1,3}))?", value)
    if found is None:
        raise _Wrong("no target")
    four, six = int(found[2] or 32), int(found[3] or 128)
    if four > 32 or six > 128:
        raise _Wrong("no prefix length")
    return (_expand(asked, found[1], domain) if found[1] else domain), four, six


def _expand(asked: _Asked, text: str, domain: str) -> str:
    """Macros (§7). Raises for what is none."""
    local, _at, sender_domain = asked.sender.rpartition("@")
    if asked.client.version == 4:
        dotted = str(asked.client)
    else:
        dotted = ".".join(asked.client.exploded.replace(":", ""))
    values = {
        "s": asked.sender,
        "l": local,
        "o": sender_domain,
        "d": domain,
        "i": dotted,
        "p": "unknown",
        "v": "in-addr" if asked.client.version == 4 else "ip6",
        "h": asked.helo,
    }

    def value_of(found: re.Match[str]) -> str:
        if found[5]:
            return {"%": "%", "_": " ", "-": "%20"}[found[5]]
        letter = (found[1] or "").lower()
        if letter not in values:
            raise _Wrong("no such macro")
        pieces = re.split(f"[{re.escape(found[4] or '.')}]", values[letter])
        if found[3]:
            pieces.reverse()
        if found[2]:
            if int(found[2]) == 0:
                raise _Wrong("no parts")
            pieces = pieces[-int(found[2]) :]
        return ".".join(pieces)

    expanded = _MACRO.sub(value_of, text).lower().rstrip(".")
    while len(expanded) > 253 and "." in expanded:
        expanded = expanded.partition(".")[2]
    return expanded
