"""E-mail addresses: the canonical spelling, validity, plus-addresses (RFC 5321, 5233, 6531)."""

from __future__ import annotations

import re

import idna

LONGEST_ADDRESS = 254  # RFC 5321, erratum 1690
LONGEST_LOCAL_PART = 64

# Real senders break the dot rules of RFC 5322 (a..b@ of Japanese carriers): dots are not judged.
_LOCAL_PART = re.compile(r"[^\s\x00-\x20\x7f-\xa0\"(),:;<>@\[\\\]]+")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def normalise_email(text: str) -> str:
    """The address in lower case with its domain in ASCII; ValueError for what is no address.

    Without display name and angle brackets. Quoted local parts and domain literals are refused:
    nobody is reached by them, and they hide other addresses inside.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or _LOCAL_PART.fullmatch(local) is None:
        raise ValueError("not an e-mail address")
    local = local.lower()
    domain = normalise_domain(domain)
    if len(local.encode()) > LONGEST_LOCAL_PART:
        raise ValueError("the part before @ is too long for an e-mail address")
    address = f"{local}@{domain}"
    if len(address.encode()) > LONGEST_ADDRESS:
        raise ValueError("too long for an e-mail address")
    return address


def normalise_domain(text: str) -> str:
    """A host name in lower-case ASCII (IDNA 2008, UTS 46); ValueError when it is none."""
    name = text.strip().removesuffix(".")
    if not name or len(name) > 253:
        raise ValueError("not a domain name")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, transitional=False).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise ValueError("not a domain name") from error
    name = name.lower()
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError("not a domain name")
    return name


def display_email(address: str) -> str:
    """A normalised address as people write it: its domain in its own letters where it has them."""
    local, _at, domain = address.rpartition("@")
    try:
        readable = idna.decode(domain) if "xn--" in domain else domain
    except (idna.IDNAError, UnicodeError):
        readable = domain
    return f"{local}@{readable}"


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def split_plus(address: str) -> tuple[str, str]:
    """``support+abc@x`` → (``support@x``, ``abc``); the detail is empty when there is none."""
    local, _at, domain = address.rpartition("@")
    base, _plus, detail = local.partition("+")
    if not base or not detail:
        return address, ""
    return f"{base}@{domain}", detail
