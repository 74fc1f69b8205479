"""What the DNS says of a mailbox's own domain: MX, SPF, DKIM and DMARC of what we send.

Findings are codes with values, so that they can be kept and told in the reader's language
(``domain_words``).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils import timezone

from otklik.core.db import write
from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.kit.addresses import domain_of
from otklik.kit.dns import DnsFailure, find_records

from .account_settings import EmailSettings, SmtpServer, settings_of, smtp_server_of
from .advice import provider_of
from .models import DomainReport, RoundTripLetter
from .sender_checks.dmarc import is_aligned, organisation_of
from .sender_checks.lookups import Lookups, NoAnswer
from .sender_checks.spf_check import check_spf

SECONDS = 12.0  # for all questions about one domain
EACH = 3.0
# Where programs sign by default, asked when nobody told us the selector.
USUAL_SELECTORS = ("default", "mail", "dkim", "selector1", "selector2", "google", "s1", "k1")
_SPF_OF = {
    "gmail": "_spf.google.com",
    "microsoft": "spf.protection.outlook.com",
    "yandex": "_spf.yandex.net",
    "mail_ru": "_spf.mail.ru",
}
_KEY = re.compile(r"(?:^|;)\s*p\s*=\s*([A-Za-z0-9+/=\s]*)")


@dataclass(frozen=True, slots=True)
class Finding:
    """``what``: mx, spf, dkim or dmarc; ``state``: ok, warning, failed or skipped; ``code`` says
    which words; ``values`` fill them, ``record`` is the line to add to the DNS."""

    what: str
    state: str
    code: str
    values: dict[str, Any] = field(default_factory=dict)
    record: str = ""
    name: str = ""  # the name the record belongs to


class _Fresh(Lookups):
    """Nothing remembered: whoever mended a record wants to see it now."""

    def __init__(self) -> None:
        super().__init__(seconds=SECONDS)
        self._ends = time.monotonic() + SECONDS

    def ask(self, name: str, kind: str) -> list[Any]:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise NoAnswer(name)
        try:
            return find_records(name, kind, servers=config().dns_servers, seconds=min(left, EACH))
        except DnsFailure as failure:
            raise NoAnswer(str(failure)) from failure


def check_domain(account: Account) -> list[Finding]:
    """Ask now, a quarter of a minute at most. Never raises for what the DNS says."""
    settings = settings_of(account)
    domain = domain_of(account.address)
    if not domain or (domain.rpartition(".")[2] in _RESERVED and not config().dns_servers):
        return [Finding("mx", "skipped", "reserved", {"domain": domain})]
    lookups = _Fresh()
    steps: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("mx", lambda: _mx(lookups, domain)),
        ("spf", lambda: _spf(lookups, account, domain)),
        ("dkim", lambda: _dkim(lookups, account, settings, domain)),
        ("dmarc", lambda: _dmarc(lookups, domain)),
    )
    found = []
    for what, step in steps:
        try:
            found.append(step())
        except NoAnswer:
            found.append(Finding(what, "warning", "no_answer", {"domain": domain}))
    return found


def keep_report(account: Account) -> list[Finding]:
    """Ask and remember, for the health page."""
    found = check_domain(account)
    rows = [asdict(one) for one in found]
    with write():
        DomainReport.objects.update_or_create(
            account=account, defaults={"checked_at": timezone.now(), "findings": rows}
        )
    return found


def read_report(report: DomainReport) -> list[Finding]:
    names = set(Finding.__dataclass_fields__)
    return [Finding(**{k: v for k, v in row.items() if k in names}) for row in report.findings]


_RESERVED = {"example", "test", "invalid", "localhost"}


def _mx(lookups: Lookups, domain: str) -> Finding:
    rows = sorted(lookups.ask(domain, "MX"), key=lambda row: row.preference)
    hosts = [row.exchange.to_text(omit_final_dot=True).strip(".").lower() for row in rows]
    if hosts == [""]:
        return Finding("mx", "failed", "mx_null", {"domain": domain})
    if hosts:
        return Finding("mx", "ok", "mx", {"domain": domain, "hosts": hosts[:5]})
    if lookups.ask(domain, "A"):
        return Finding("mx", "warning", "mx_implicit", {"domain": domain})
    return Finding("mx", "failed", "mx_missing", {"domain": domain})


def _spf(lookups: Lookups, account: Account, domain: str) -> Finding:
    server = smtp_server_of(account)
    host = server.host if server else ""
    values = {"domain": domain, "server": host}
    records = [one for one in lookups.find_txt(domain) if re.match(r"(?i)v=spf1( |$)", one)]
    term = _spf_term(lookups, account, server)
    if not records:
        record = f"v=spf1 mx {term} ~all" if term else "v=spf1 mx ~all"
        return Finding("spf", "failed", "spf_missing", values, record, domain)
    if len(records) > 1:
        return Finding("spf", "failed", "spf_several", values)
    if server is None:
        return Finding("spf", "ok", "spf_present", values)
    addresses = _addresses(lookups, host)
    results = {
        check_spf(lookups, client_ip=one, helo=host, mail_from=account.address)[0]
        for one in addresses
    }
    added = _with_term(records[0], term)
    if "permerror" in results:
        return Finding("spf", "failed", "spf_wrong", values | {"record": records[0][:300]})
    if "temperror" in results:
        raise NoAnswer(domain)
    include = _SPF_OF.get(provider_of(host), "")
    # A large provider hands letters on from other machines than the one we talk to.
    if results == {"pass"} or (include and f"include:{include}" in records[0].lower().split()):
        return Finding("spf", "ok", "spf", values)
    if not addresses or all(_is_private(one) for one in addresses):
        # Our own network's server: the DNS outside cannot know it by that address.
        return Finding("spf", "warning", "spf_inside", values)
    return Finding("spf", "failed", "spf_without_server", values, added, domain)


def _dkim(lookups: Lookups, account: Account, settings: EmailSettings, domain: str) -> Finding:
    seen = (
        RoundTripLetter.objects.filter(account_id=account.pk or 0)
        .exclude(arrived_at=None)
        .order_by("-id")
        .first()
    )
    if (
        seen is not None
        and seen.dkim_domain
        and not is_aligned(domain, seen.dkim_domain, is_strict=False)
    ):
        values = {"domain": domain, "signer": seen.dkim_domain}
        return Finding("dkim", "warning", "dkim_foreign", values)
    told = [*settings.dkim_selectors, *([seen.dkim_selector] if seen else [])]
    names = list(dict.fromkeys(filter(None, told)))
    wrong = ""
    for selector in names or USUAL_SELECTORS:
        name = f"{selector}._domainkey.{domain}"
        records = [one for one in lookups.find_txt(name) if _KEY.search(one)]
        key = _KEY.search(records[0]) if records else None
        if key is not None and key[1].strip():
            return Finding("dkim", "ok", "dkim", {"domain": domain, "name": name})
        if key is not None:
            wrong = wrong or name
    if wrong:
        return Finding("dkim", "failed", "dkim_revoked", {"name": wrong})
    if names:
        name = f"{names[0]}._domainkey.{domain}"
        record = "v=DKIM1; k=rsa; p=…"
        return Finding("dkim", "failed", "dkim_missing", {"name": name}, record, name)
    if seen is not None:
        return Finding("dkim", "failed", "dkim_unsigned", {"domain": domain})
    return Finding("dkim", "warning", "dkim_unknown", {"domain": domain})


def _dmarc(lookups: Lookups, domain: str) -> Finding:
    organisation = organisation_of(domain)
    for where in dict.fromkeys((domain, organisation)):
        records = [
            one for one in lookups.find_txt(f"_dmarc.{where}") if re.match(r"(?i)v=dmarc1", one)
        ]
        if len(records) > 1:
            return Finding("dmarc", "failed", "dmarc_several", {"name": f"_dmarc.{where}"})
        if records:
            policy = re.search(r"(?i);\s*p\s*=\s*([a-z]+)", records[0])
            word = policy[1].lower() if policy else ""
            values = {"name": f"_dmarc.{where}", "policy": word}
            if word not in ("none", "quarantine", "reject"):
                return Finding("dmarc", "failed", "dmarc_wrong", values)
            if word == "none":
                return Finding("dmarc", "ok", "dmarc_watching", values)
            return Finding("dmarc", "ok", "dmarc", values)
    record = f"v=DMARC1; p=none; rua=mailto:postmaster@{organisation}"
    name = f"_dmarc.{organisation}"
    return Finding("dmarc", "failed", "dmarc_missing", {"domain": domain}, record, name)


def _spf_term(lookups: Lookups, account: Account, server: SmtpServer | None) -> str:
    """What permits the server we send through, as it is written into the record."""
    if server is None:
        return ""
    include = _SPF_OF.get(provider_of(server.host))
    if include:
        return f"include:{include}"
    if re.fullmatch(r"[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*", server.host):
        return f"ip{6 if ':' in server.host else 4}:{server.host}"
    return f"a:{server.host}"


def _with_term(record: str, term: str) -> str:
    """The same record with the term before its last word."""
    if not term or term in record.split():
        return record
    words = record.split()
    last = [words.pop()] if len(words) > 1 and re.fullmatch(r"[-~?+]?all", words[-1]) else []
    return " ".join([*words, term, *last])


def _addresses(lookups: Lookups, host: str) -> list[str]:
    if re.fullmatch(r"[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*", host):
        return [host]
    rows: Sequence[Any] = [*lookups.ask(host, "A"), *lookups.ask(host, "AAAA")]
    return [row.address for row in rows][:10]


def _is_private(address: str) -> bool:
    from ipaddress import ip_address

    return not ip_address(address).is_global
