"""What is known of a letter's sender when it comes in: facts of servers that we trust (RFC 8601).

Anybody can write an Authentication-Results field into a mail. Only fields whose authserv-id is
configured count, and of those the topmost per method: the trusted server prepends its own. The same
holds for Received and for what spam filters write.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping

from otklik.core.settings import config

from .headers import Fields

LONGEST = 8000  # of one field; what servers write has some hundred characters
_RESULT = re.compile(r"^\s*(spf|dkim|dmarc|arc)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_POLICY = re.compile(r"\bp(?:olicy\.(?:dmarc|published-domain-policy))?=(\w+)", re.I)
_SENDER = re.compile(r"\bheader\.from\s*=\s*(?:[^\s;@]*@)?([\w.-]+)", re.I)
_BY = re.compile(r"\bby\s+([\w.-]+)", re.IGNORECASE)
_FROM = re.compile(
    r"^from\s+(?P<helo>\S+)\s+\((?P<said>[^()]*(?:\([^()]*\)[^()]*)*)\)", re.IGNORECASE
)
_ADDRESS = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]")
# RFC 6761: nobody has these, so the world is not asked about them; one's own name server may be.
_EXAMPLES = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
_RESERVED = ("example", "test", "invalid", "localhost", "local", "internal")


def read_authentication(
    fields: Fields, trusted_hosts: Iterable[str], sender: str = ""
) -> dict[str, str]:
    """Method → result ("pass", "fail", "softfail", "none" …); {} when no trusted host spoke.

    What a server says of another sender than the one we read, or of one of several From: fields,
    proves nothing about ``sender``: then "dmarc" is "permerror".
    """
    trusted = _hosts(trusted_hosts)
    results: dict[str, str] = {}
    if not trusted:
        return results
    for raw in fields.raw_all("authentication-results")[:20]:
        (head, _told), *clauses = clauses_of(raw)
        words = head.split()
        if not words or words[0].lower().rstrip(".") not in trusted:
            continue
        here: dict[str, str] = {}
        for clause, commented in clauses:
            found = _RESULT.match(clause)
            if found is None:
                continue
            method, result = found[1].lower(), found[2].lower()
            if method == "dmarc":
                # There is one verdict. Where there are two, the better one may be forged.
                result = _judged(result, clause, fields, sender)
                if here.get(method, "pass") == "pass":
                    here[method] = result
                policy = _POLICY.search(commented)
                if policy is not None:
                    here["policy"] = policy[1].lower()
            elif here.get(method) != "pass":
                # Several signatures: one that holds is enough.
                here[method] = result
        for method, result in here.items():
            results.setdefault(method, result)
    return results


def _judged(result: str, clause: str, fields: Fields, sender: str) -> str:
    if result != "pass":
        return result
    told = _SENDER.search(clause)
    domain = sender.rpartition("@")[2].lower()
    is_other = told is not None and bool(sender) and not _is_same(told[1], domain)
    return "permerror" if is_other or len(fields.raw_all("from")) != 1 else result


def _is_same(told: str, domain: str) -> bool:
    """Servers name the domain of the From: field, some its organisation's."""
    told, domain = _ascii(told), _ascii(domain)
    return domain == told or domain.endswith(f".{told}")


def _ascii(domain: str) -> str:
    try:
        return domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain.lower()


def clauses_of(raw: str) -> list[tuple[str, str]]:
    """Between semicolons: each clause without and with its comments, both without quoted strings.

    Servers repeat in comments and quotes what strangers said, semicolons and results among it;
    comments nest (RFC 5322 §3.2.2). What never ends goes to the end of the field.
    """
    found = [("", "")]
    depth, is_quoted, position = 0, False, 0
    raw = raw[:LONGEST]
    while position < len(raw):
        sign = raw[position]
        position += 1
        if sign == "\\" and (depth or is_quoted):
            position += 1
            continue
        if is_quoted:
            is_quoted = sign != '"'
            continue
        plain, commented = found[-1]
        if depth or sign == "(":
            found[-1] = (plain, commented + sign)
            depth += (sign == "(") - (sign == ")")
        elif sign == '"':
            is_quoted = True
            found[-1] = (plain + "_", commented + "_")
        elif sign == ";":
            found.append(("", ""))
        else:
            found[-1] = (plain + sign, commented + sign)
    return found


def read_client(fields: Fields, trusted_hosts: Iterable[str]) -> dict[str, str]:
    """``client_ip`` and ``helo`` of whoever handed the letter to the outermost server of ours.

    Received fields stand newest first; as long as the server that wrote one is ours it is believed,
    and the last believed one names the stranger. {} when none of ours wrote any.
    """
    trusted = _hosts(trusted_hosts)
    found: dict[str, str] = {}
    for raw in fields.raw_all("received")[:30]:
        by = _BY.search(raw)
        if by is None or by[1].lower().rstrip(".") not in trusted:
            break
        told = _FROM.match(raw)
        address = _ADDRESS.search(told["said"]) if told else None
        if told is None or address is None or not _is_outside(address[1]):
            continue  # a hop within: local delivery, a filter beside the server
        found = {"client_ip": address[1].lower(), "helo": told["helo"].strip("[]")[:255]}
    return found


def read_filter(fields: Fields, filter_hosts: Iterable[str]) -> dict[str, str]:
    """What a spam filter of ours said: rspamd or SpamAssassin, by the host it names itself.

    ``filter`` "spam" or "clean", ``filter_name``, ``filter_score``; {} when none of ours spoke.
    """
    trusted = _hosts(filter_hosts)
    if not trusted:
        return {}
    server = fields.raw("x-rspamd-server").strip().lower().rstrip(".")
    if server in trusted:
        result = fields.raw("x-spamd-result") or fields.raw("x-spam-status")
        action = fields.raw("x-rspamd-action").lower()
        score = re.search(r"\[\s*(-?[\d.]+)\s*/\s*(-?[\d.]+)\s*\]", result)
        told = fields.word("x-spam") == "yes" or result.lower().startswith("default: true")
        refused = bool(re.search(r"reject|add header|rewrite subject", action))
        return _filtered("rspamd", told or refused, score[1] if score else "")
    version = fields.raw("x-spam-checker-version").lower()
    host = re.search(r"\bon\s+([\w.-]+)", version)
    if "spamassassin" in version and host is not None and host[1].rstrip(".") in trusted:
        status = fields.raw("x-spam-status")
        score = re.search(r"\bscore=(-?[\d.]+)", status)
        flagged = fields.word("x-spam-flag") == "yes"
        is_spam = flagged or status.lower().startswith("yes")
        return _filtered("SpamAssassin", is_spam, score[1] if score else "")
    return {}


def first_facts(
    fields: Fields,
    *,
    sender: str,
    mail_from: str | None,
    client: Mapping[str, str] | None,
    trusted_hosts: Iterable[str],
    filter_hosts: Iterable[str],
    is_checking: bool,
) -> dict[str, str]:
    """What trusted servers say of a letter's sender, and "checks": "pending" when the desk has to
    look itself. ``client`` is what the transport knows of the one who connected. Asks nobody."""
    trusted = tuple(trusted_hosts)
    found = read_authentication(fields, trusted, sender) | read_filter(fields, filter_hosts)
    where = dict(client or {}) or read_client(fields, trusted)
    if where:
        found |= where
        found["mail_from"] = (mail_from or "")[:320]
    if is_checking and "dmarc" not in found and is_worth_checking(sender.rpartition("@")[2]):
        found["checks"] = "pending"
    return found


def is_worth_checking(domain: str) -> bool:
    """Whether a domain may be asked about at all."""
    is_reserved = domain.rpartition(".")[2] in _RESERVED and not config().dns_servers
    return "." in domain and not is_reserved


def _filtered(name: str, is_spam: bool, score: str) -> dict[str, str]:
    return {
        "filter": "spam" if is_spam else "clean",
        "filter_name": name,
        "filter_score": score[:12],
    }


def _hosts(names: Iterable[str]) -> frozenset[str]:
    return frozenset(one.strip().lower().rstrip(".") for one in names if one.strip())


def _is_outside(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    is_ours = found.is_loopback or found.is_link_local
    return not is_ours and not (found.is_private and not _is_documentation(found))


def _is_documentation(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """RFC 5737 and 3849: private to Python, strangers in every example."""
    return any(address in net for net in _EXAMPLES if net.version == address.version)
