"""The one way in: recognise, deduplicate, find the person and the ticket, append or open.

Everything slow (cleaning HTML, storing files) happens before the transaction; the transaction is
lean; when it has committed, the message would survive a power cut.
"""

from __future__ import annotations

from dataclasses import replace

import structlog
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone

from otklik.channels import limits
from otklik.channels.actions.blocking import is_blocked_sender
from otklik.channels.actions.routes import find_team_of
from otklik.channels.agents_mail import write_as_agent
from otklik.channels.apart import receive_apart
from otklik.channels.bouncing import count_backscatter, find_returned, settle_report
from otklik.channels.contract import Automation, Disposition, InboundMessage, IntakeResult
from otklik.channels.copies import is_list_copy, keep_copies, name_the_visitor
from otklik.channels.models import InboundRecord
from otklik.channels.preparing import Prepared, prepare
from otklik.channels.threading import Place, Way, find_place
from otklik.core.access import SYSTEM, Actor, ActorKind, Origin
from otklik.core.db import write
from otklik.core.db.rows import insert
from otklik.core.db.spelling import spelt_once
from otklik.core.db.turn import take_turn
from otklik.desk.models import Account
from otklik.people.actions import find_or_create_identity, forget_trouble
from otklik.people.models import Identity
from otklik.tickets.actions import add_participant, hash_external_id, open_ticket, receive_message
from otklik.tickets.actions.side import is_side, receive_side_message
from otklik.tickets.homes import home_of
from otklik.tickets.models import ParticipantRole, StatusKind, Ticket

logger = structlog.get_logger(__name__)

_BY_AUTOMATION = {
    Automation.OWN: Disposition.LOOP,
    Automation.BOUNCE: Disposition.BOUNCE,
    Automation.AUTO_REPLY: Disposition.AUTO_REPLY,
}
MOST_COPIES = 50  # records under one id that are looked at


def take_in(
    account: Account, message: InboundMessage, *, origin: Origin = Origin.LIVE
) -> IntakeResult:
    """Register one message exactly once and say what became of it.

    Raises what the database or the file store raise: then nothing was taken in, and the channel
    answers "later". The same message again is a duplicate and gets the first one's ticket.
    """
    if message.reply_to:
        message = name_the_visitor(message)
    # What is large would be stored before it is known whether it was here already.
    known = _find_known(account, message) if message.files else None
    if known is not None:
        return _duplicate(known)
    prepared = prepare(account, message)
    try:
        with write():
            # Copies of one mail that come through two mailboxes at once wait for each other.
            take_turn(_turn_of(message))
            known = _find_known(account, message)
            if known is not None:
                return _duplicate(known)
            if message.automation is Automation.OWN:
                reason = message.automation_reason
                return _record(account, message, Disposition.LOOP, None, reason=reason)
            result = _place(account, message, prepared, origin)
    except IntegrityError:
        # Two copies at once: the other one is in, this one is the duplicate.
        known = _find_known(account, message)
        if known is None:
            raise
        return _duplicate(known)
    logger.info(
        "message_taken_in",
        account=account.pk,
        disposition=result.disposition.value,
        ticket=result.ticket,
        message=result.message,
    )
    return result


def _place(
    account: Account, message: InboundMessage, prepared: Prepared, origin: Origin
) -> IntakeResult:
    if message.automation is Automation.BOUNCE:
        return _file_report(account, message, prepared, origin)
    if is_blocked_sender(message.sender.address):
        return _record(account, message, Disposition.REJECTED, None, reason="blocked sender")
    identity = find_or_create_identity(
        message.identity_kind or message.channel,
        message.sender.address,
        display=message.sender.name,
        is_automated=message.automation is Automation.NOTIFICATION,
    )
    actor = _actor(identity, origin)
    if identity.person.is_blocked:
        return _record(account, message, Disposition.REJECTED, identity, reason="blocked sender")
    if identity.trouble and message.automation is Automation.HUMAN:
        forget_trouble(SYSTEM, identity)  # who writes from there reads there
    place = find_place(account, message, identity)
    said = write_as_agent(message, prepared.words, identity, place, origin)
    if said is not None:
        return _record(
            account,
            message,
            Disposition.APPENDED,
            identity,
            reason=said.how,
            ticket=said.message.ticket,
            message_id=said.message.pk,
        )
    is_apart = place is not None and place.way is not Way.TALK
    if place is not None and (is_apart or place.ticket.status_kind != StatusKind.CLOSED):
        return _append(actor, account, message, prepared, identity, place)
    if message.automation in _BY_AUTOMATION and place is None:
        # A machine's answer that belongs to nothing opens nothing; it is on record.
        disposition = _BY_AUTOMATION[message.automation]
        return _record(account, message, disposition, identity, reason=message.automation_reason)
    follow_up_of = home_of(place.thread) if place is not None and place.is_member else None
    return _open(actor, account, message, prepared, identity, follow_up_of)


def _file_report(
    account: Account, message: InboundMessage, prepared: Prepared, origin: Origin
) -> IntakeResult:
    """A delivery report joins the ticket of the letter it is about, for staff alone. It opens and
    reopens nothing, nobody is answered, and what is about no letter of ours is only counted."""
    returned = find_returned(message)
    report = message.bounce
    if returned is None or report is None or returned.message.ticket.trashed_at is not None:
        count_backscatter(message)
        reason = "a report about no letter of ours"
        return _record(account, message, Disposition.BOUNCE, None, reason=reason)
    if origin is Origin.LIVE:
        settle_report(returned, report)
    ticket, stored = returned.message.ticket, None
    if limits.may_append_automatic(ticket, Automation.BOUNCE):
        receive = receive_side_message if is_side(returned.message.thread) else receive_message
        stored = receive(
            replace(SYSTEM, origin=origin),
            returned.message.thread,
            words=prepared.words,
            author=None,
            identity=None,
            channel=message.channel,
            external_id=message.external_id,
            automation=message.automation.value,
            is_hidden=True,
            sent_at=message.sent_at,
            occurred_at=message.sent_at if origin is Origin.IMPORT else None,
        )
    proof = "" if returned.is_proven else ", not proven"
    return _record(
        account,
        message,
        Disposition.BOUNCE,
        None,
        reason=f"{message.automation_reason}: {returned.how}{proof}",
        ticket=ticket,
        message_id=stored.pk if stored is not None else None,
    )


def _append(
    actor: Actor,
    account: Account,
    message: InboundMessage,
    prepared: Prepared,
    identity: Identity,
    place: Place,
) -> IntakeResult:
    if message.automation is not Automation.HUMAN and not limits.may_append_automatic(
        place.ticket, message.automation
    ):
        return _record(
            account,
            message,
            Disposition.LOOP,
            identity,
            reason="machines talk to each other",
            ticket=place.ticket,
        )
    if place.way is not Way.TALK:
        stored = receive_apart(actor, place, message, prepared.words, identity)
        return _record(
            account,
            message,
            _BY_AUTOMATION.get(message.automation, Disposition.APPENDED),
            identity,
            reason=message.automation_reason or f"{place.how}, {place.way.value}",
            ticket=place.ticket,
            message_id=stored.pk,
        )
    if not place.is_member:
        add_participant(actor, place.thread, identity, role=ParticipantRole.STRANGER)
    stored = receive_message(
        actor,
        place.thread,
        words=prepared.words,
        author=identity.person,
        identity=identity,
        channel=message.channel,
        external_id=message.external_id,
        automation=message.automation.value,
        is_hidden=not place.is_member,
        sent_at=message.sent_at,
        occurred_at=message.sent_at if actor.origin is Origin.IMPORT else None,
    )
    if place.is_member and message.automation is Automation.HUMAN:
        keep_copies(actor, place.thread, message, stored)
    disposition = _BY_AUTOMATION.get(message.automation, Disposition.APPENDED)
    return _record(
        account,
        message,
        disposition,
        identity,
        reason=message.automation_reason or place.how,
        ticket=place.ticket,
        message_id=stored.pk,
    )


def _open(
    actor: Actor,
    account: Account,
    message: InboundMessage,
    prepared: Prepared,
    identity: Identity,
    follow_up_of: Ticket | None,
) -> IntakeResult:
    opened = open_ticket(
        actor,
        subject=message.subject,
        words=prepared.words,
        requester=identity.person,
        identity=identity,
        brand=account.brand,
        channel=message.channel,
        account=account,
        team=find_team_of(account.pk),
        language=message.language,
        automation=message.automation.value,
        external_id=message.external_id,
        follow_up_of=follow_up_of,
        sent_at=message.sent_at,
        occurred_at=message.sent_at if actor.origin is Origin.IMPORT else None,
    )
    keep_copies(actor, opened.thread, message, opened.message)
    return _record(
        account,
        message,
        Disposition.OPENED,
        identity,
        ticket=opened.ticket,
        message_id=opened.message.pk,
    )


def _actor(identity: Identity, origin: Origin) -> Actor:
    """The customer, let in by this channel: what they may touch was decided by `find_place`."""
    return Actor(
        kind=ActorKind.CUSTOMER,
        id=identity.person_id,
        person_id=identity.person_id,
        name=identity.person.name,
        is_let_in=True,
        origin=origin,
    )


def _find_known(account: Account, message: InboundMessage) -> InboundRecord | None:
    """The same message before: here, or through another of our accounts (one mail to two of our
    mailboxes is one ticket)."""
    same: list[InboundRecord] = []
    others: list[InboundRecord] = []
    for row in _under_its_id(hash_external_id(message.external_id)):
        (same if row.digest == message.digest else others).append(row)
    here = next((row for row in same if row.account_id == account.pk), None)
    elsewhere = next((row for row in same if row.ticket_id is not None), None)
    return here or elsewhere or next((row for row in others if is_list_copy(row, message)), None)


@spelt_once
def _under_its_id(external_hash: str) -> QuerySet[InboundRecord]:
    rows = InboundRecord.objects.filter(external_hash=external_hash)
    return rows.order_by("id")[:MOST_COPIES]


def _turn_of(message: InboundMessage) -> int:
    return int.from_bytes(bytes.fromhex(hash_external_id(message.external_id)), "big", signed=True)


def _duplicate(known: InboundRecord) -> IntakeResult:
    number = None
    if known.ticket_id is not None:
        number = Ticket.objects.filter(pk=known.ticket_id).values_list("number", flat=True).first()
    return IntakeResult(Disposition.DUPLICATE, number, known.message_id, "taken in before")


def _record(
    account: Account,
    message: InboundMessage,
    disposition: Disposition,
    identity: Identity | None,
    *,
    reason: str = "",
    ticket: Ticket | None = None,
    message_id: int | None = None,
) -> IntakeResult:
    insert(
        InboundRecord(
            account=account,
            external_hash=hash_external_id(message.external_id),
            digest=message.digest,
            disposition=disposition.value,
            reason=reason[:200],
            ticket_id=ticket.pk if ticket else None,
            message_id=message_id,
            sender_id=identity.pk if identity else None,
            received_at=timezone.now(),
        )
    )
    return IntakeResult(disposition, ticket.number if ticket else None, message_id, reason)
