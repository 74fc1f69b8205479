"""Delivery reports: to which letter of ours they belong, and what follows for it and the address.

Anybody can write a report. It counts when it brings back what only a recipient of our letter or a
server on its way can know: our Message-ID, whose random part is 64 bits long, or the signed return
address. Where it does not, but names somebody we wrote to lately, staff sees it on that ticket and
nothing changes, unless the domain of that very address vouches for the report. The rest is
backscatter: counted and dropped, however much of it comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone
from prometheus_client import Counter

from otklik.channels.contract import (
    BouncedRecipient,
    BounceKind,
    BounceReport,
    InboundMessage,
    RecipientOutcome,
)
from otklik.channels.events import MessageBounced
from otklik.channels.registry import find_channel
from otklik.channels.vouching import is_vouched_for
from otklik.core.access import SYSTEM
from otklik.core.events.record import record
from otklik.core.outbox.actions import note_results
from otklik.core.outbox.models import Delivery
from otklik.kit.addresses import domain_of
from otklik.people.actions import forget_trouble, note_trouble
from otklik.people.models import Identity, Trouble
from otklik.tickets.actions import hash_external_id
from otklik.tickets.homes import messages_of
from otklik.tickets.models import Direction, Message, Ticket

logger = structlog.get_logger(__name__)

RECENT = timedelta(days=6)  # longer than any server tries
BACKSCATTER = Counter(
    "otklik_backscatter_total", "Delivery reports about letters this desk did not send"
)
_TROUBLES = {
    BounceKind.HARD: Trouble.HARD,
    BounceKind.SOFT: Trouble.SOFT,
    BounceKind.REFUSED: Trouble.REFUSED,
    BounceKind.COMPLAINT: Trouble.COMPLAINT,
}


@dataclass(frozen=True, slots=True)
class Returned:
    """The letter a report is about. ``how`` it was found, for the record."""

    message: Message
    how: str
    is_proven: bool


def find_returned(message: InboundMessage) -> Returned | None:
    """The letter of ours that a report is about; None for backscatter. Reads only."""
    report = message.bounce or BounceReport(())
    found = _by_external_id((*report.external_ids, *message.references))
    if found is not None:
        return Returned(found, "our Message-ID", is_proven=True)
    found = _by_token(message, report)
    if found is not None:
        return Returned(found, "our signed address", is_proven=True)
    for recipient in report.recipients[:10]:
        found = _by_recipient(message.channel, recipient.address)
        if found is not None:
            is_proven = _is_from_there(message, recipient.address)
            return Returned(found, "recipient and time", is_proven=is_proven)
    return None


def settle_report(returned: Returned, report: BounceReport) -> None:
    """Write the outcome on the delivery and on the addresses. Inside the caller's transaction."""
    delivery = Delivery.objects.filter(kind="message", subject_id=returned.message.pk).first()
    if delivery is None or not returned.is_proven:
        return
    written_to = list(delivery.recipients.values_list("address", flat=True))
    told = list(_matched(report, written_to))
    note_results(
        SYSTEM,
        delivery,
        [
            RecipientOutcome(
                address=address,
                is_accepted=one.kind is BounceKind.DELIVERED,
                is_permanent=one.kind in (BounceKind.HARD, BounceKind.SOFT, BounceKind.REFUSED),
                detail=one.detail,
            )
            for address, one in told
            if one.kind is not BounceKind.COMPLAINT
        ],
    )
    kind = returned.message.channel
    for address, one in told:
        identity = _identity(kind, address)
        if identity is None:
            continue
        if one.kind in _TROUBLES:
            note_trouble(SYSTEM, identity, _TROUBLES[one.kind], one.detail)
        elif one.kind is BounceKind.DELIVERED:
            forget_trouble(SYSTEM, identity)
        record(
            SYSTEM,
            MessageBounced(
                ticket_id=returned.message.ticket_id,
                message_id=returned.message.pk,
                identity_id=identity.pk,
                kind=one.kind.value,
                status=one.status[:12],
            ),
        )


def count_backscatter(message: InboundMessage) -> None:
    BACKSCATTER.inc()
    dialect = message.bounce.dialect if message.bounce else ""
    logger.info("backscatter_dropped", dialect=dialect)


def _by_external_id(external_ids: tuple[str, ...]) -> Message | None:
    wanted = [one for one in dict.fromkeys(external_ids) if one][:20]
    if not wanted:
        return None
    hashes = [hash_external_id(one) for one in wanted]
    rows = Message.objects.filter(external_hash__in=hashes, direction=Direction.OUT)
    found = {row.external_id: row for row in rows.select_related("ticket", "thread")}
    return next((found[one] for one in wanted if one in found), None)


def _by_token(message: InboundMessage, report: BounceReport) -> Message | None:
    channel = find_channel(message.channel)
    if channel is None:
        return None
    for token in (*report.tokens, *message.tokens)[:5]:
        number = channel.read_token(token)
        ticket = Ticket.objects.filter(number=number).first() if number is not None else None
        if number is None or ticket is None:
            continue
        named = [one.address for one in report.recipients[:20] if one.address]
        sent = messages_of(ticket.pk).filter(direction=Direction.OUT)
        for row in sent.select_related("ticket", "thread").order_by("-id")[:20]:
            for address in dict.fromkeys([*_recipients(row), *named]):
                if channel.is_token_for(token, number, address):
                    return row
    return None


def _recipients(message: Message) -> list[str]:
    rows = Delivery.objects.filter(kind="message", subject_id=message.pk)
    return list(rows.values_list("recipients__address", flat=True)[:50])


def _by_recipient(channel: str, address: str) -> Message | None:
    """The last letter to somebody, when it was lately."""
    identity = _identity(channel, address) if address else None
    if identity is None:
        return None
    tickets = Ticket.objects.filter(requester_identity=identity).order_by("-id")
    ids = list(tickets.values_list("pk", flat=True)[:20])
    own = Q(ticket_id__in=ids, thread__came_from__isnull=True)
    rows = Message.objects.filter(
        own | Q(thread__came_from__in=ids),
        direction=Direction.OUT,
        created_at__gte=timezone.now() - RECENT,
    ).exclude(delivery_state="")
    return rows.select_related("ticket", "thread").order_by("-id").first()


def _is_from_there(message: InboundMessage, address: str) -> bool:
    """Whether the very domain we wrote to signs the report."""
    if not is_vouched_for(message.authentication):
        return False
    theirs, named = domain_of(message.sender.address), domain_of(address)
    return bool(theirs) and (theirs == named or theirs.endswith(f".{named}"))


def _matched(report: BounceReport, written_to: list[str]) -> Iterator[tuple[str, BouncedRecipient]]:
    """Each of our recipients with what is said of them. Who is named otherwise (an alias, the
    address behind a redirection) is the only one we wrote to, or nobody."""
    for one in report.recipients:
        if one.address in written_to:
            yield one.address, one
        elif len(written_to) == 1 and len(report.recipients) == 1:
            yield written_to[0], one


def _identity(kind: str, address: str) -> Identity | None:
    return Identity.objects.filter(kind=kind, scope="", value=address).first()
