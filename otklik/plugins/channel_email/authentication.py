"""SPF, DKIM and DMARC results written by servers the operator trusts (RFC 8601).

Anybody can write an Authentication-Results field into a mail. Only fields whose authserv-id is
configured count, and of those the topmost per method: the trusted server prepends its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .headers import Fields

METHODS = ("spf", "dkim", "dmarc", "arc")
_RESULT = re.compile(r"^\s*(spf|dkim|dmarc|arc)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")


def read_authentication(fields: Fields, trusted_hosts: Iterable[str]) -> dict[str, str]:
    """Method → result ("pass", "fail", "softfail", "none" …); {} when no trusted host spoke."""
    trusted = {host.strip().lower().rstrip(".") for host in trusted_hosts if host.strip()}
    results: dict[str, str] = {}
    if not trusted:
        return results
    for raw in fields.raw_all("authentication-results")[:20]:
        host, *clauses = _COMMENT.sub(" ", raw).split(";")
        words = host.split()
        if not words or words[0].lower().rstrip(".") not in trusted:
            continue
        here: dict[str, str] = {}
        for clause in clauses:
            found = _RESULT.match(clause)
            if found is None:
                continue
            method, result = found[1].lower(), found[2].lower()
            # Several signatures: one that holds is enough.
            if here.get(method) != "pass":
                here[method] = result
        for method, result in here.items():
            results.setdefault(method, result)
    return results
