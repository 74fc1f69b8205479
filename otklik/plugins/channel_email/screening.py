"""What the desk decides about senders of mail, and the checks that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from django.utils.translation import gettext_lazy as _

from otklik.channels.acknowledging import acknowledge_message
from otklik.channels.agents_mail import find_agent
from otklik.channels.contract import Automation, InboundMessage
from otklik.channels.copies import confirm_copies
from otklik.channels.screening.judging import judge_ticket
from otklik.channels.screening.screeners import Finding, register_screener
from otklik.channels.vouching import is_disowned, is_vouched_for
from otklik.core import files
from otklik.core.access import SYSTEM, Origin
from otklik.core.db import write
from otklik.core.db.briefly import briefly
from otklik.core.events import Phase, on
from otklik.core.events.models import EventRow
from otklik.core.jobs import task
from otklik.core.settings import get_many, register
from otklik.desk.accounts import own_addresses
from otklik.people.queries import find_identity
from otklik.tickets.actions import hide_message
from otklik.tickets.events import MessageReceived, TicketOpened
from otklik.tickets.live import tell_changed
from otklik.tickets.models import Message, MessageBody, Ticket

logger = structlog.get_logger(__name__)

CHECK, FILTERS = "screening.check_senders", "screening.filter_hosts"
LISTS, SEALERS = "screening.dns_lists", "screening.arc_sealers"


@dataclass(frozen=True, slots=True)
class Rules:
    """The desk's settings for this."""

    is_checking: bool = True
    filter_hosts: tuple[str, ...] = ()
    dns_lists: tuple[str, ...] = ()
    sealers: tuple[str, ...] = ()


def declare() -> None:
    """Called once from ``apps.ready()``."""
    register(
        CHECK,
        bool,
        True,
        _("Check senders ourselves"),
        help=_(
            "SPF, DKIM, DMARC and ARC of every letter for which no server we believe has done it."
        ),
    )
    register(
        FILTERS,
        list,
        [],
        _("Spam filters that are believed"),
        help=_("Host names by which rspamd or SpamAssassin in front of the desk sign their word."),
        check=_names,
    )
    register(
        LISTS,
        list,
        [],
        _("DNS lists"),
        help=_(
            "Such as zen.spamhaus.org; with @ before it, as @dbl.spamhaus.org, a list of domains."
        ),
        check=_names,
    )
    register(
        SEALERS,
        list,
        [],
        _("Forwarders that are believed"),
        help=_("Domains whose ARC seal is taken for what they say of a letter."),
        check=_names,
    )
    register_screener("channel_email.filter", look_at_filter)
    register_screener("channel_email.dns_lists", look_at_lists)
    on(TicketOpened, name="channel_email.check_sender", phase=Phase.CLASSIFY)(ask_for_check)
    on(MessageReceived, name="channel_email.check_writer", phase=Phase.CLASSIFY)(ask_for_check)


@briefly
def rules() -> Rules:
    told = get_many(CHECK, FILTERS, LISTS, SEALERS)
    return Rules(
        is_checking=told[CHECK],
        filter_hosts=tuple(told[FILTERS]),
        dns_lists=tuple(told[LISTS]),
        sealers=tuple(told[SEALERS]),
    )


def check_now(message: InboundMessage, origin: Origin = Origin.LIVE) -> InboundMessage:
    """The letter with its sender checked, where what becomes of it depends on that at once: an
    agent's answer goes out to customers, and a form in our own name says who asks. Everybody
    else's letter is looked at after it is safe."""
    if message.authentication.get("checks") != "pending":
        return message
    if origin is not Origin.LIVE:
        # What is imported is old: keys and permissions of its day are gone.
        known = {name: one for name, one in message.authentication.items() if name != "checks"}
        return replace(message, authentication=known)
    if message.automation is not Automation.HUMAN:
        return message
    is_form = bool(message.reply_to) and message.sender.address in own_addresses(message.channel)
    if not (is_form or message.references or message.tokens or message.ticket_hint):
        return message
    identity = find_identity(message.channel, message.sender.address)
    if not is_form and (identity is None or find_agent(identity) is None):
        return message
    found = _check(message.raw, message.sender.address, message.authentication)
    return replace(message, authentication=found)


def look_at_filter(ticket: Ticket, message: Message) -> Finding | None:
    """What a spam filter of ours said."""
    told = message.body.authentication
    if told.get("filter") != "spam":
        return None
    facts = {"name": told.get("filter_name", ""), "score": told.get("filter_score", "")}
    return Finding("filter", facts=facts)


def look_at_lists(ticket: Ticket, message: Message) -> Finding | None:
    names = message.body.authentication.get("dns_lists", "")
    return Finding("list", facts={"name": names.replace(" ", ", ")}) if names else None


def ask_for_check(row: EventRow) -> None:
    """A job for each letter that nobody has vouched for yet."""
    told: TicketOpened | MessageReceived = row.event
    if told.channel != "email" or told.message_id is None:
        return
    bodies = MessageBody.objects.filter(message_id=told.message_id)
    known: dict[str, str] = next(iter(bodies.values_list("authentication", flat=True)), {})
    if known.get("checks") == "pending":
        with write():
            check_letter.enqueue(message_id=told.message_id)


@task(name="channel_email.check_letter", unique=True)
def check_letter(*, message_id: int) -> None:
    """Check one letter's sender and do what follows from it. Safe to repeat."""
    rows = Message.objects.select_related("body__raw", "author_identity", "ticket")
    message = rows.filter(pk=message_id).first()
    if message is None or message.body.authentication.get("checks") != "pending":
        return
    sender = (message.body.addresses.get("from") or {}).get("address", "")
    raw = b""
    if message.body.raw is not None:
        with files.open_blob(message.body.raw) as stream:
            raw = stream.read()
    found = _check(raw, sender, message.body.authentication)
    with write():
        MessageBody.objects.filter(message_id=message_id).update(authentication=found)
        tell_changed(message.ticket_id, message.ticket.version)
    message.body.authentication = found
    logger.info("sender_checked", message=message_id, dmarc=found.get("dmarc", ""))
    _follow(message)


def _check(raw: bytes, sender: str, known: Mapping[str, str]) -> dict[str, str]:
    from .sender_checks.checking import check_sender
    from .sender_checks.lookups import Lookups

    wanted = rules()
    return check_sender(
        raw,
        sender,
        known,
        lookups=Lookups(),
        sealers=wanted.sealers,
        dns_lists=wanted.dns_lists,
    )


def _follow(message: Message) -> None:
    """What a disowned or listed letter brings, and the answer that waited for the checks."""
    if is_vouched_for(message.body.authentication) and message.automation == "human":
        confirm_copies(message)
    is_answer = Message.objects.filter(ticket=message.ticket, pk__lt=message.pk).exists()
    if is_answer:
        if is_disowned(message.body.authentication):
            hide_message(SYSTEM, message)
        return
    if message.ticket.spam_at is None:
        judge_ticket(message.ticket, message)
    acknowledge_message(message.pk)


def _names(value: list[object]) -> None:
    """Raises ValueError for what is no list of names."""
    for one in value:
        text = str(one).lstrip("@")
        if not isinstance(one, str) or "." not in text or not text.isascii() or " " in text:
            raise ValueError(str(_("Names such as mx.example.com, separated by spaces.")))
