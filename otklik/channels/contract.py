"""What a channel plug-in and the desk say to each other.

A channel is a folder under ``otklik/plugins``; it parses what its provider sends into an
``InboundMessage``, hands that to ``channels.intake.take_in`` and registers a ``Channel`` whose
``send`` turns an ``OutboundMessage`` into something the provider accepts. Nothing here knows a
protocol, and nothing outside the folder changes when a channel is added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from otklik.desk.models import Account


class Disposition(StrEnum):
    """What became of one inbound message. The names are public (pipe, REST) and final."""

    OPENED = "opened"
    APPENDED = "appended"
    DUPLICATE = "duplicate"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    LOOP = "loop"
    SPAM = "spam"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    SPOOLED = "spooled"


class Automation(StrEnum):
    """What kind of machine wrote a message; ``HUMAN`` when none is recognised."""

    HUMAN = "human"
    AUTO_REPLY = "auto_reply"  # vacation, out of office, ticket-system acknowledgement
    BOUNCE = "bounce"  # delivery status notification
    LIST = "list"  # mailing list or bulk post
    NOTIFICATION = "notification"  # a machine that reports: no-reply@, monitoring
    OWN = "own"  # carries the headers of this very desk: a loop


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox as written: ``name`` may be empty, ``address`` is normalised (lower case, IDNA)."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class InboundFile:
    """One file that came with a message; ``content_id`` without angle brackets."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False


class BounceKind(StrEnum):
    """What a delivery report says of one recipient. Only ``DELAYED`` is not the last word."""

    HARD = "hard"  # there is no such address
    SOFT = "soft"  # given up for now: full mailbox, server away
    REFUSED = "refused"  # the address is fine, this letter was not wanted: spam, policy, size
    DELAYED = "delayed"  # still being tried
    COMPLAINT = "complaint"  # the reader called the letter spam (RFC 5965)
    DELIVERED = "delivered"  # a report of success


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """``address`` is "" when the report does not name it; ``status`` as in RFC 3463."""

    address: str
    kind: BounceKind
    status: str = ""
    detail: str = ""  # the server's words, one line, at most 500 characters


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a report says, and what of our letter it brought back. Nothing of it is proven."""

    recipients: tuple[BouncedRecipient, ...]
    external_ids: tuple[str, ...] = ()  # of the letter that came back
    tokens: tuple[str, ...] = ()  # reply tokens in its header
    dialect: str = ""  # who speaks so: "rfc3464", "qmail", "exim"…


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message from outside, parsed at the edge. Texts are NFC, ``\\n`` ends lines."""

    channel: str
    external_id: str  # Message-ID without brackets; synthesised from the digest when missing
    sender: Address
    subject: str
    text: str  # the whole text, plain
    reply_text: str  # its new part, without quotes and signature; equals text when unsure
    digest: str  # hex SHA-256 over sender, date, subject and body
    html: str = ""  # as received, not sanitised
    # What kind of identity the sender's address is, when the channel is not itself one: a web
    # form takes e-mail addresses.
    identity_kind: str = ""
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    envelope_sender: str | None = None  # "" is the null return path, None is unknown
    envelope_to: tuple[str, ...] = ()
    sent_at: datetime | None = None  # aware, as the sender claims
    references: tuple[str, ...] = ()  # external ids this answers, nearest first
    tokens: tuple[str, ...] = ()  # reply tokens found in our own plus-addresses, unproven
    ticket_hint: int | None = None  # the 123 of "[#123]" in the subject
    automation: Automation = Automation.HUMAN
    bounce: BounceReport | None = None  # with ``Automation.BOUNCE``
    automation_reason: str = ""  # the header or habit that told, for the timeline
    language: str = ""  # BCP 47 primary tag guessed from headers or text, "" when unknown
    authentication: Mapping[str, str] = field(default_factory=dict)  # spf/dkim/dmarc → pass…
    files: tuple[InboundFile, ...] = ()
    raw: bytes = b""  # the original, kept content-addressed
    # How it was protected, where it was: signature and encryption with their outcomes.
    protection: Mapping[str, str] = field(default_factory=dict)
    # An invitation that came with it: method, summary, start, end, location, organizer…
    invitation: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  # defects found while reading, for the operator


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What ``take_in`` did. ``ticket`` is the ticket's number, ``message`` the message's id."""

    disposition: Disposition
    ticket: int | None = None
    message: int | None = None
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "ticket": self.ticket,
            "message": self.message,
            "disposition": self.disposition.value,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class OutboundFile:
    """A file to send; ``read`` opens the stored blob only when the transport needs it."""

    name: str
    content_type: str
    sha256: str
    size: int
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to send through one account."""

    external_id: str  # Message-ID without brackets, chosen before the first attempt
    sender: Address
    subject: str
    text: str
    html: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    ticket: int | None = None  # its number; the channel may sign it into the return address
    signed_for: str = ""  # for whom it is signed, where that is not the first reader's address
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  # oldest first
    is_automatic: bool = False  # acknowledgements and letters: RFC 3834 Auto-Submitted
    files: tuple[OutboundFile, ...] = ()
    language: str = "en"
    unsubscribe: str = ""  # where one asks for no more of these: RFC 2369, by one click RFC 8058
    # Who still has to get it, when an earlier attempt reached some: None is everybody above.
    envelope: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RecipientOutcome:
    """What the other side said about one recipient. ``detail`` is its own words."""

    address: str
    is_accepted: bool
    is_permanent: bool = False
    detail: str = ""
    is_kept: bool = False  # accepted, but kept in the outgoing tray instead of being sent


@dataclass(frozen=True, slots=True)
class Check:
    """One step of a connection test, in words for an administrator.

    ``state`` is "ok", "failed" or "skipped"; ``advice`` says what to do; ``server_reply`` is the
    other side's answer verbatim, for whoever runs that server.
    """

    name: str
    state: str
    detail: str = ""
    advice: tuple[str, ...] = ()
    server_reply: str = ""


class Channel(Protocol):
    """What a channel plug-in registers with ``channels.registry.register_channel``."""

    kind: str  # "email"
    can_start_talk: bool  # may an agent write first to an address on this channel

    @property
    def label(self) -> str:
        """The translated name."""

    def normalise(self, value: str) -> str:
        """The canonical identity value; ValueError for what is no address of this channel."""

    def read_token(self, token: str) -> int | None:
        """The ticket number a reply token names, unproven; None when it is none."""

    def is_token_for(self, token: str, ticket: int, address: str) -> bool:
        """Whether this desk gave out that token to that address for that ticket."""

    def make_external_id(
        self, account: Account, key: str, *, ticket: int | None = None, reader: str = ""
    ) -> str:
        """An id for a message we are about to send, never used before; "" where there is none.

        A channel may sign the ticket's number for its first reader into it.
        """

    def send(
        self, account: Account, message: OutboundMessage, *, entering: Callable[[], None]
    ) -> Sequence[RecipientOutcome]:
        """Send now, blocking. One outcome per recipient that the other side judged.

        ``entering`` is called right before the moment after which it may have been sent.

        Raises ``core.outbox.TemporaryFailure`` (try again), ``PermanentFailure`` (do not) or
        ``UncertainOutcome`` (it may have been sent: never tried again unasked).
        """

    def check(self, account: Account) -> Sequence[Check]:
        """Test the connection step by step; never raises for what the other side does."""
