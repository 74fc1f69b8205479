"""What stands below an agent's words, and through which account they may go out."""

from __future__ import annotations

from otklik.channels.registry import find_channel
from otklik.desk.accounts import choose_account, list_sending_accounts
from otklik.desk.models import Account
from otklik.desk.placeholders import Kind
from otklik.desk.texts import Placeholder, Text, Wording, fill_wording
from otklik.people.models import Agent, Person
from otklik.tickets.models import Ticket

MOST_ACCOUNTS = 20

_SIGNATURE = Text(
    key="mailbox signature",
    label="",
    placeholders=(
        Placeholder("agent.name", ""),
        Placeholder("agent.signature", "", Kind.TEXT),
        Placeholder("brand.name", ""),
        Placeholder("ticket.number", ""),
    ),
    defaults={},
)


def signature_for(
    author: Person | None,
    ticket: Ticket,
    account: Account,
    language: str = "",
    *,
    own: str | None = None,
) -> str:
    """The account's in the reader's language, else in its own; else the agent's ``own`` (looked
    up when not given), else their name. ``ticket`` is the one the talk's customer knows."""
    if author is None:
        return ""
    if own is None:
        rows = Agent.objects.filter(person=author).values_list("signature", flat=True)
        own = rows.first() or ""
    own = own or author.name
    of_mailbox = account.config.get("signatures") or {}
    tongues = (language, account.language, account.brand.language)
    found = next((code for code in tongues if of_mailbox.get(code)), "")
    if not found:
        return own
    context = {
        "agent": {"name": author.name, "signature": own},
        "brand": {"name": ticket.brand.name},
        "ticket": {"number": ticket.number},
    }
    wording = Wording("", str(of_mailbox[found]), found, is_own=True)
    return fill_wording(_SIGNATURE, wording, ticket.brand, context).text


def _own_account(ticket: Ticket) -> Account | None:
    account = ticket.account
    if account is None or not account.is_active or find_channel(account.kind) is None:
        return None
    return account


def list_senders(ticket: Ticket) -> list[Account]:
    """The accounts a reply may go through, the usual one first: where that is a mailbox, the
    brand's other mailboxes and then those of other brands."""
    own = _own_account(ticket)
    if own is not None and own.kind != "email":
        return [own]
    accounts = list_sending_accounts()
    usual = own or choose_account(accounts, ticket.brand_id)
    if usual is None:
        return []
    usual = next((one for one in accounts if one.pk == usual.pk), usual)  # its brand comes along
    others = [one for one in accounts if one.pk != usual.pk]
    others.sort(key=lambda one: one.brand_id != ticket.brand_id)
    return [usual, *others][:MOST_ACCOUNTS]
