"""Findings about a mailbox's domain, in plain words with what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from otklik.channels.contract import Check

from .domain_check import Finding


def tell(findings: Iterable[Finding]) -> list[Check]:
    """One line per kind of record; ``server_reply`` is the record to add, with its name."""
    return [_tell(one) for one in findings]


def _tell(one: Finding) -> Check:
    detail, advice = _words(one)
    steps = (advice,) if advice else ()
    record = f'{one.name} TXT "{one.record}"' if one.record else ""
    return Check(_names()[one.what], one.state, detail, steps, record)


def _names() -> dict[str, str]:
    return {
        "mx": _("Mail servers of the domain (MX)"),
        "spf": _("Servers that may send (SPF)"),
        "dkim": _("Signature of the letters (DKIM)"),
        "dmarc": _("What receivers do with forgeries (DMARC)"),
    }


def _words(one: Finding) -> tuple[str, str]:
    values = {**one.values, "hosts": ", ".join(one.values.get("hosts", ()))}
    found = _ALL.get(one.code)
    if found is None:
        return one.code, ""
    detail, advice = found()
    return detail % values, advice % values


_ALL: dict[str, Callable[[], tuple[str, str]]] = {
    "reserved": lambda: (_("%(domain)s is a name for examples; nothing to ask."), ""),
    "no_answer": lambda: (
        _("The name servers did not answer about %(domain)s in time."),
        _("Try again; if it stays so, check OTKLIK_DNS_SERVERS and the network."),
    ),
    "mx": lambda: (_("Letters to %(domain)s go to %(hosts)s."), ""),
    "mx_null": lambda: (
        _("%(domain)s says that it takes no mail at all."),
        _("Remove the MX record with the single dot, and enter your mail server instead."),
    ),
    "mx_implicit": lambda: (
        _("%(domain)s has no MX record; letters go to the machine of the same name."),
        _("Add an MX record that names your mail server: some senders insist on it."),
    ),
    "mx_missing": lambda: (
        _("Nobody can write to %(domain)s: it has no mail server."),
        _("Add an MX record that names your mail server."),
    ),
    "spf": lambda: (_("%(server)s may send for %(domain)s."), ""),
    "spf_present": lambda: (_("%(domain)s says who may send."), ""),
    "spf_missing": lambda: (
        _("%(domain)s does not say which servers may send for it, so our letters look forged."),
        _("Add this TXT record to the domain."),
    ),
    "spf_several": lambda: (
        _("%(domain)s has several SPF records; receivers then believe none."),
        _("Put their contents into one record and remove the others."),
    ),
    "spf_wrong": lambda: (
        _("Receivers cannot make sense of the SPF record of %(domain)s."),
        _("Check it for typing mistakes; more than ten lookups are a mistake too."),
    ),
    "spf_inside": lambda: (
        _("%(server)s is in your own network, so it cannot be told from here whether it may send."),
        _("Make sure that the address it shows to the outside is in the SPF record."),
    ),
    "spf_without_server": lambda: (
        _("The SPF record of %(domain)s does not name %(server)s, through which we send."),
        _("Replace the record by this one."),
    ),
    "dkim": lambda: (_("The key %(name)s is there."), ""),
    "dkim_foreign": lambda: (
        _("Our letters are signed by %(signer)s, which says nothing for %(domain)s."),
        _("Have your mail server or provider sign in the name of %(domain)s."),
    ),
    "dkim_revoked": lambda: (
        _("The key %(name)s is marked as no longer valid."),
        _("Publish the present key, or sign under another selector."),
    ),
    "dkim_missing": lambda: (
        _("There is no key %(name)s, so signatures under it are worth nothing."),
        _("Add the TXT record that your mail server or provider shows you for this name."),
    ),
    "dkim_unsigned": lambda: (
        _("The round-trip letter came back without a signature of %(domain)s."),
        _("Turn on DKIM signing at your mail server or provider."),
    ),
    "dkim_unknown": lambda: (
        _("It is not known under which selector the letters of %(domain)s are signed."),
        _("Send a round-trip letter, or enter the selector in the mailbox."),
    ),
    "dmarc": lambda: (_("Forged letters are kept off (policy %(policy)s)."), ""),
    "dmarc_watching": lambda: (
        _("Forgeries are only watched (policy none)."),
        _("When the reports show nothing of yours failing, go on to quarantine."),
    ),
    "dmarc_missing": lambda: (
        _("%(domain)s has no DMARC record; large providers ask for one."),
        _("Add this TXT record; it changes nothing but asks for reports."),
    ),
    "dmarc_several": lambda: (
        _("There are several DMARC records at %(name)s; receivers then believe none."),
        _("Keep one of them."),
    ),
    "dmarc_wrong": lambda: (
        _("The DMARC record at %(name)s has no usable policy."),
        _("It needs p=none, p=quarantine or p=reject."),
    ),
}
