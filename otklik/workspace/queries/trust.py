"""In plain words: who vouches for a letter, why it is spam, why an address does not answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.channels.models import SpamVerdict
from otklik.channels.vouching import is_disowned
from otklik.core.db.spelling import spelt_once
from otklik.people.models import Identity, Trouble
from otklik.tickets.models import Ticket

_METHODS = ("spf", "dkim", "dmarc", "arc")


def sender_words(results: Mapping[str, str], address: str) -> str:
    """One sentence about a letter's sender; "" where nobody has looked."""
    domain = address.rpartition("@")[2]
    if results.get("checks") == "pending":
        return _("The sender is being checked")
    told = results.get("dmarc")
    if told == "pass":
        return _("%(domain)s vouches for this letter") % {"domain": domain}
    if is_disowned(results):
        return _("%(domain)s says that it did not send this") % {"domain": domain}
    if told == "fail":
        return _("%(domain)s does not vouch for this letter, and asks for nothing") % {
            "domain": domain
        }
    if told == "temperror":
        return _("The sender could not be checked: the DNS gave no answer")
    if told:
        return _("Nobody vouches for the sender")
    return _("Not enough is known to check the sender") if results.get("checks") else ""


def sender_details(results: Mapping[str, str]) -> str:
    """The results themselves, for whoever knows them."""
    parts = [f"{name.upper()} {results[name]}" for name in _METHODS if results.get(name)]
    if results.get("client_ip"):
        parts.append(_("came from %(address)s") % {"address": results["client_ip"]})
    if results.get("filter_name"):
        parts.append(f"{results['filter_name']} {results.get('filter_score', '')}".strip())
    if results.get("dns_lists"):
        parts.append(_("listed by %(names)s") % {"names": results["dns_lists"].replace(" ", ", ")})
    return " · ".join(parts)


def sender_warning(results: Mapping[str, str]) -> str:
    """What an agent has to know before they believe a letter."""
    if results.get("agent") == "not proven":
        return _(
            "This came by mail in the name of an agent, and nobody has proven that they wrote it. "
            "The customer did not get it."
        )
    is_spf_alone = results.get("spf") == "fail" and "dmarc" not in results
    if is_disowned(results) or is_spf_alone:
        return _("The sender's server does not vouch for this address.")
    return ""


def spam_words(ticket: Ticket) -> str:
    """Why a ticket stands among the spam: what the desk says, or that somebody called it so."""
    if ticket.spam_at is None:
        return ""
    verdict = SpamVerdict.objects.filter(ticket=ticket).first()
    if verdict is None:
        return _("Somebody here called it spam.")
    told = " ".join(_reason(one) for one in verdict.reasons)
    return told or _("The desk took it for spam.")


def _reason(reason: Mapping[str, Any]) -> str:
    if reason.get("kind") == "words":
        words = ", ".join(_("“%(word)s”") % {"word": word} for word in reason.get("words", ()))
        return _("Its words are those of earlier spam: %(words)s.") % {"words": words}
    if reason.get("kind") == "filter":
        return _("The filter %(name)s calls it spam, score %(score)s.") % {
            "name": reason.get("name", ""),
            "score": reason.get("score", ""),
        }
    if reason.get("kind") == "list":
        return _("The sender is listed by %(name)s.") % {"name": reason.get("name", "")}
    return str(reason.get("text", ""))


def trouble_words(identity: Identity) -> str:
    """Why letters to an address do not arrive; "" while they do."""
    return str(Trouble(identity.trouble).label) if identity.trouble else ""


def find_troubles(values: Iterable[str]) -> list[str]:
    """Of these addresses those that letters do not reach, each with why."""
    rows = _troubled(tuple(values)[:100])
    return [f"{row}: {trouble_words(row)}" for row in rows]


@spelt_once
def _troubled(values: tuple[str, ...]) -> QuerySet[Identity]:
    rows = Identity.objects.filter(kind="email", value__in=values)
    return rows.exclude(trouble="").order_by("value")
