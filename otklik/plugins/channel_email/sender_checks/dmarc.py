"""DMARC (RFC 7489): whether the domain a reader sees vouches for the letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .lookups import Lookups


@dataclass(frozen=True, slots=True)
class Policy:
    """What a domain publishes. ``policy``: none, quarantine or reject."""

    policy: str
    is_dkim_strict: bool = False
    is_spf_strict: bool = False


def find_policy(domain: str, lookups: Lookups) -> Policy | None:
    """Of the domain itself, else of its organisation. Raises ``lookups.NoAnswer``."""
    found = _read(lookups.find_txt(f"_dmarc.{domain}"), is_below=False)
    organisation = organisation_of(domain)
    if found is None and organisation != domain:
        found = _read(lookups.find_txt(f"_dmarc.{organisation}"), is_below=True)
    return found


def is_aligned(domain: str, other: str, *, is_strict: bool) -> bool:
    """RFC 7489 §3.1: the same domain, or with relaxed alignment the same organisation."""
    if not domain or not other:
        return False
    if is_strict:
        return domain == other
    return organisation_of(domain) == organisation_of(other)


def organisation_of(domain: str) -> str:
    """The domain somebody registered: example.co.uk of mail.example.co.uk."""
    found = _suffixes().privatesuffix(domain.lower().rstrip("."))
    return str(found) if found else domain


@lru_cache(maxsize=1)
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _read(records: list[str], *, is_below: bool) -> Policy | None:
    told = [one for one in records if one.strip().lower().replace(" ", "").startswith("v=dmarc1")]
    if len(told) != 1:
        return None  # none, or several: then none counts (§6.6.3)
    tags: dict[str, str] = {}
    for piece in told[0].split(";"):
        name, equals, value = piece.partition("=")
        if equals:
            tags.setdefault(name.strip().lower(), value.strip().lower())
    policy = tags.get("sp", tags.get("p", "")) if is_below else tags.get("p", "")
    if policy not in {"none", "quarantine", "reject"}:
        policy = "none"
    return Policy(policy, tags.get("adkim") == "s", tags.get("aspf") == "s")
