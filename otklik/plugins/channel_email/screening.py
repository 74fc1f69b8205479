"""What the desk decides about senders of mail, and the checks that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from django.db.models import QuerySet
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
from otklik.core.db import unhurried, write
from otklik.core.db.briefly import briefly
from otklik.core.db.spelling import spelt_once
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
    for written, name in ((TicketOpened, "check_sender"), (MessageReceived, "check_writer")):
        on(written, name=f"channel_email.{name}", phase=Phase.NOTIFY, gathers=True)(ask_for_checks)


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


def ask_for_checks(rows: Sequence[EventRow]) -> None:
    """A job for each letter that nobody has vouched for yet."""
    letters = [row.event.message_id for row in rows if row.event.channel == "email"]
    bodies = MessageBody.objects.filter(message_id__in=[pk for pk in letters if pk is not None])
    told = bodies.order_by("message_id").values_list("message_id", "authentication")
    pending = [{"message_id": pk} for pk, known in told if known.get("checks") == "pending"]
    if pending:
        check_letter.enqueue_each(pending)


@task(name="channel_email.check_letter", unique=True)
def check_letter(*, message_id: int) -> None:
    """Check one letter's sender and do what follows from it. Safe to repeat."""
    message = next(iter(_letter(message_id)), None)
    if message is None or message.body.authentication.get("checks") != "pending":
        return
    sender = (message.body.addresses.get("from") or {}).get("address", "")
    raw = b""
    if message.body.raw is not None:
        with files.open_blob(message.body.raw) as stream:
            raw = stream.read()
    found = _check(raw, sender, message.body.authentication)
    # What the power takes is checked again: the job itself is over only after this.
    with unhurried():
        with write():
            MessageBody.objects.filter(message_id=message_id).update(authentication=found)
            tell_changed(message.ticket_id, message.ticket.version)
        message.body.authentication = found
        logger.info("sender_checked", message=message_id, dmarc=found.get("dmarc", ""))
        _follow(message)


@spelt_once
def _letter(message_id: int) -> QuerySet[Message]:
    along = ("body__raw", "author_identity", "ticket")
    return Message.objects.select_related(*along).filter(pk=message_id)


@spelt_once
def _earlier_than(ticket_id: int, message_id: int) -> Iterable[int]:
    earlier = Message.objects.filter(ticket=ticket_id, pk__lt=message_id)
    return earlier.order_by().values_list("pk", flat=True)[:1]


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
    if _earlier_than(message.ticket_id, message.pk):  # an answer
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
