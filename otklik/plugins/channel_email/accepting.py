"""From raw bytes and an envelope to the desk: the same door for LMTP, the pipe and IMAP."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from django.db import DataError
from django.db import Error as DatabaseError
from django.utils import timezone
from django.utils.translation import gettext_noop

from otklik.channels.contract import Disposition, InboundMessage, IntakeResult
from otklik.channels.intake import take_in
from otklik.channels.models import Quarantined
from otklik.channels.quarantine import quarantine
from otklik.core.access import Origin
from otklik.core.files import StorageError
from otklik.core.settings.room import has_room
from otklik.desk.accounts import report_success
from otklik.desk.models import Account

from .mailboxes import DIRECTORY, KIND, Mailbox
from .reading import Envelope, Unreadable, read_message
from .round_trips import take_round_trip
from .screening import check_now
from .tokens import find_tokens_in_ids

logger = structlog.get_logger(__name__)

# The desk is unwell, not the mail: it is offered again.
_UNWELL = (DatabaseError, OSError, StorageError)
NOTE_EVERY = 60.0  # seconds
# A letter is kept raw, and its text and files beside it.
COPIES = 2
NULL_PATH = "<>"
# Of these only the header is here, so there is nothing to try again.
STILL_THERE = "the mail is still on the server"
TOO_LARGE = gettext_noop("larger than this desk takes; the mail is still on the server")
NOT_HANDED_OUT = gettext_noop("its server does not hand it out; the mail is still on the server")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of one mail; ``is_known`` tells whether any recipient was a mailbox of ours."""

    result: IntakeResult
    is_known: bool = True


class TryLater(Exception):
    """The mail could not be kept just now: the database or the disk refused. Nothing was stored."""


def accept_mail(
    raw: bytes,
    recipients: Sequence[str],
    *,
    sender: str | None = None,
    mailbox: Mailbox | None = None,
    origin: Origin = Origin.LIVE,
    client: Mapping[str, str] | None = None,
) -> Accepted:
    """Take one mail in once, whichever and however many of our mailboxes it names.

    ``client`` is who handed the mail to our servers (``client_ip``, ``helo``), where known.
    ``mailbox`` is given where the transport itself is one (IMAP); ``recipients`` may be empty then.
    Returns only when the mail would survive a power cut. Raises ``TryLater``.
    """
    if not has_room(len(raw) * COPIES):
        logger.warning("mail_put_off", reason="disk almost full", size=len(raw))
        raise TryLater("the disk is almost full")
    try:
        found = mailbox or _first_mailbox(recipients)
        envelope = Envelope(sender, tuple(recipients), client)
        return _accept(raw, envelope, found, origin)
    except _UNWELL as error:
        logger.exception("mail_not_kept", size=len(raw))
        raise TryLater(f"{type(error).__name__}") from error


def quarantine_mail(
    raw: bytes, envelope: Envelope, mailbox: Mailbox | None, reason: str
) -> Accepted:
    """Keep what cannot be read or placed, whole, for an administrator."""
    quarantine(
        KIND,
        raw,
        account=mailbox.account if mailbox else None,
        envelope_to=", ".join(envelope.recipients),
        envelope_from=NULL_PATH if envelope.sender == "" else envelope.sender or "",
        reason=reason,
    )
    logger.warning("mail_quarantined", size=len(raw), reason=reason)
    result = IntakeResult(Disposition.QUARANTINED, reason=reason)
    return Accepted(result, is_known=mailbox is not None)


def retry(raw: bytes, account: Account | None, row: Quarantined) -> IntakeResult:
    """Quarantined bytes by the reader and the mailboxes of today (``channels.quarantine``)."""
    if row.reason.endswith(STILL_THERE):
        return IntakeResult(Disposition.QUARANTINED, reason=row.reason)
    recipients = tuple(one for one in row.envelope_to.split(", ") if one)
    mailbox = DIRECTORY.find_account(account) if account else _first_mailbox(recipients)
    if mailbox is None:
        return IntakeResult(Disposition.QUARANTINED, reason=row.reason)
    sender = "" if row.envelope_from == NULL_PATH else row.envelope_from or None
    envelope = Envelope(sender, recipients)
    try:
        message = read_message(raw, rules=DIRECTORY.reading_rules(mailbox), envelope=envelope)
    except Unreadable as problem:
        return IntakeResult(Disposition.QUARANTINED, reason=str(problem))
    account_of = _addressed_mailbox(message, envelope, mailbox).account
    return take_in(account_of, _with_tokens(message))


def _accept(raw: bytes, envelope: Envelope, mailbox: Mailbox | None, origin: Origin) -> Accepted:
    if mailbox is None:
        return quarantine_mail(raw, envelope, None, gettext_noop("no mailbox has this address"))
    if take_round_trip(raw):
        _note_received(mailbox.account)
        return Accepted(IntakeResult(Disposition.LOOP, reason="round-trip letter"))
    try:
        message = read_message(raw, rules=DIRECTORY.reading_rules(mailbox), envelope=envelope)
    except Unreadable as problem:
        return quarantine_mail(raw, envelope, mailbox, str(problem))
    mailbox = _addressed_mailbox(message, envelope, mailbox)
    try:
        known = check_now(_with_tokens(message), origin)
        result = take_in(mailbox.account, known, origin=origin)
    except Exception as error:
        if isinstance(error, _UNWELL) and not isinstance(error, DataError):
            raise
        # A mistake of ours, or a value the database cannot hold: it would be refused each time it
        # is offered, so it must neither be lost nor block the mails behind it.
        logger.exception("mail_not_taken_in", account=mailbox.account.pk)
        reason = f"{type(error).__name__}: {error}"[:300]
        return quarantine_mail(raw, envelope, mailbox, reason)
    _note_received(mailbox.account)
    return Accepted(result)


def _with_tokens(message: InboundMessage) -> InboundMessage:
    """Also the tokens in our own Message-IDs, where the server takes no plus addresses."""
    more = find_tokens_in_ids(message.references)
    return replace(message, tokens=(*message.tokens, *more)) if more else message


_noted: dict[int, float] = {}


def _note_received(account: Account) -> None:
    """For the health page, seldom enough to cost nothing; never a reason to fail."""
    now = time.monotonic()
    if now - _noted.get(account.pk, -NOTE_EVERY) < NOTE_EVERY:
        return
    _noted[account.pk] = now
    try:
        report_success(account, received_at=timezone.now())
    except _UNWELL:
        logger.warning("mailbox_success_not_noted", account=account.pk)


def _first_mailbox(recipients: Sequence[str]) -> Mailbox | None:
    for recipient in recipients:
        found = DIRECTORY.find_mailbox(recipient)
        if found is not None:
            return found
    return None


def _addressed_mailbox(message: InboundMessage, envelope: Envelope, first: Mailbox) -> Mailbox:
    """Of several of ours on one mail, the one its writer named first gets the ticket."""
    if len(envelope.recipients) < 2:
        return first
    among = {
        find.account.pk for one in envelope.recipients if (find := DIRECTORY.find_mailbox(one))
    }
    for address in (*message.to, *message.cc):
        found = DIRECTORY.find_mailbox(address.address)
        if found is not None and found.account.pk in among:
            return found
    return first
