"""What REST says of tickets, messages and files. Ids of things that have a number are numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from otklik.core.rest.shapes import Strict
from otklik.kit.html import without_references
from otklik.tickets.models import Attachment, Message, Ticket, Upload
from otklik.tickets.snoozing import UNTIL_ANSWER
from otklik.tickets.solving import Despite

StatusName = Literal["new", "open", "pending", "on_hold", "solved", "closed"]
# A kind of status, or the code of one of the company's own.
StatusCode = Annotated[
    str, Field(pattern="^(new|open|pending|on_hold|solved|closed|own-[0-9]{1,18})$")
]
Labels = Annotated[
    dict[Annotated[str, Field(max_length=10)], Annotated[str, Field(max_length=100)]],
    Field(max_length=20),
]
KindName = Literal[
    "question", "incident", "problem", "change", "service_request", "complaint", "praise"
]
PriorityName = Literal["low", "normal", "high", "urgent"]
PRIORITIES: dict[str, int] = {"low": 10, "normal": 20, "high": 30, "urgent": 40}
_PRIORITY_NAMES = {rank: name for name, rank in PRIORITIES.items()}


class DespiteIn(Strict):
    """What a ticket is solved in spite of; refused without: `open_items`, `open_parts`."""

    despite_checklists: bool = Field(
        False, description="Solve though a required checklist is not done; needs the right to"
    )
    despite_parts: bool = Field(False, description="Solve a whole though parts of it are open")

    @property
    def despite(self) -> Despite:
        return Despite(self.despite_checklists, self.despite_parts)


class Ref(Schema):
    id: int
    name: str


class RequesterOut(Schema):
    id: int
    name: str
    address: str = Field("", description="The address they asked from")
    is_verified: bool = False


class ProgressOut(Schema):
    done: int
    total: int


class TicketOut(Schema):
    number: int
    subject: str
    status: str
    status_code: str = Field(description="The status itself: its kind, or own-… of one's own")
    status_label: str
    kind: str
    priority: str
    requester: RequesterOut
    organisation: Ref | None
    team: Ref | None = Field(description="For staff")
    assignee: Ref | None = Field(description="For staff")
    brand: Ref
    category: Ref | None
    tags: list[str] = Field(description="For staff")
    channel: str
    language: str
    snippet: str
    message_count: int
    waiting_since: datetime | None
    created_at: datetime
    updated_at: datetime
    last_message_at: datetime
    solved_at: datetime | None
    closed_at: datetime | None
    is_trashed: bool
    merged_into: int | None = Field(None, description="The number of the ticket it is part of")
    is_spam: bool
    snoozed_until: datetime | None = Field(
        description="For staff; null also while only an answer brings it back"
    )
    is_snoozed: bool = Field(description="For staff: put off, in no list of open tickets")
    due_at: datetime | None = Field(None, description="For staff: what of it is due next")
    is_unread: bool = Field(
        False, description="For staff: the customer wrote last, and one has not read it"
    )
    checklists: ProgressOut | None = Field(
        None, description="For staff: how far its checklists are, while items are open"
    )
    version: int
    url: str


class TicketPage(Schema):
    items: list[TicketOut]
    next: str
    is_cut: bool = Field(False, description="The search looked at its best candidates only")
    looked_at: int = Field(
        0, description="The page ends because so many tickets were looked at; next looks further"
    )


class AddressOut(Schema):
    address: str
    name: str = ""


class AttachmentOut(Schema):
    token: str
    name: str
    size: int
    content_type: str
    sha256: str
    is_inline: bool
    url: str


class ProtectionOut(Schema):
    signature: str = Field("", description="valid, invalid, unknown_issuer, unknown_key, …")
    signature_kind: str = Field("", description="smime or openpgp")
    signer: str = ""
    encryption: str = Field("", description="decrypted, no_key or failed")
    encryption_kind: str = ""


class InvitedOut(Schema):
    address: str = ""
    name: str = ""
    answer: str = ""


class InvitationOut(Schema):
    method: str = ""
    summary: str = ""
    description: str = ""
    location: str = ""
    start: str = Field("", description="ISO 8601; a date alone when it takes whole days")
    end: str = ""
    is_all_day: bool = False
    zone: str = ""
    repeats: bool = False
    status: str = ""
    uid: str = ""
    organizer: InvitedOut | None = None
    attendees: list[InvitedOut] = []
    attendee_count: int = 0


class ReadingOut(Schema):
    protection: ProtectionOut | None = None
    invitation: InvitationOut | None = None
    notes: list[str] = Field([], description="What was wrong with the letter, for the operator")


class MessageOut(Schema):
    id: int
    ticket: int
    kind: str
    direction: str
    channel: str
    author: Ref | None
    author_kind: str
    side_conversation: int | None = Field(
        None, description="Of what is said with a third party; for staff"
    )
    from_: AddressOut | None = Field(None, alias="from")
    to: list[AddressOut]
    cc: list[AddressOut]
    bcc: list[AddressOut]  # for staff alone
    subject: str
    body_text: str
    body_html: str
    reply_text: str
    is_automatic: bool
    is_hidden: bool
    is_pinned: bool = Field(description="For staff")
    automation: str
    external_id: str
    delivery_state: str
    delivery_error: str
    authentication: dict[str, str]
    reading: ReadingOut | None
    sent_at: datetime | None
    created_at: datetime
    attachments: list[AttachmentOut]
    raw_url: str

    model_config = ConfigDict(populate_by_name=True)


class MessagePage(Schema):
    items: list[MessageOut]
    next: str


class UploadOut(Schema):
    token: str
    name: str
    size: int
    content_type: str
    sha256: str


class EventOut(Schema):
    id: int
    name: str
    at: datetime
    actor_kind: str
    actor: int | None
    operation: int | None
    data: dict[str, Any]


class EventPage(Schema):
    items: list[EventOut]
    next: str


def _known_moment(ticket: Ticket) -> datetime | None:
    until = ticket.snoozed_until
    return until if until is not None and until < UNTIL_ANSWER else None


def show_progress(progress: tuple[int, int] | None) -> dict[str, int] | None:
    """`ProgressOut` of what `checklists.find_progress` says of one ticket."""
    return {"done": progress[0], "total": progress[1]} if progress else None


def show_ticket(
    ticket: Ticket,
    tags: list[str],
    *,
    for_staff: bool,
    progress: tuple[int, int] | None = None,
    is_unread: bool = False,
) -> dict[str, Any]:
    """`TicketOut` of a ticket loaded by `TicketQuerySet.with_people`; ``progress`` from
    `checklists.find_progress`, ``is_unread`` from `queries.unread.find_unread`. Who works on it
    and how it is labelled is the desk's own business: customers get neither."""
    identity = ticket.requester_identity
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status_kind,
        "status_code": ticket.status.code,
        "status_label": ticket.status.label(),
        "kind": ticket.kind,
        "priority": _PRIORITY_NAMES.get(ticket.priority, str(ticket.priority)),
        "requester": {
            "id": ticket.requester_id,
            "name": ticket.requester.name,
            "address": identity.value if identity else "",
            "is_verified": identity.is_verified if identity else False,
        },
        "organisation": _ref(ticket.organisation),
        "team": _ref(ticket.team) if for_staff else None,
        "assignee": (
            {"id": ticket.assignee.pk, "name": ticket.assignee.person.name}
            if ticket.assignee and for_staff
            else None
        ),
        "brand": _ref(ticket.brand),
        "category": _ref(ticket.category),
        "tags": tags if for_staff else [],
        "channel": ticket.last_channel,
        "language": ticket.language,
        "snippet": ticket.snippet,
        "message_count": ticket.message_count,
        "waiting_since": ticket.waiting_since,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "last_message_at": ticket.last_message_at,
        "solved_at": ticket.solved_at,
        "closed_at": ticket.closed_at,
        "is_trashed": ticket.trashed_at is not None,
        "merged_into": ticket.merged_into.number if for_staff and ticket.merged_into else None,
        "is_spam": for_staff and ticket.spam_at is not None,
        "snoozed_until": _known_moment(ticket) if for_staff else None,
        "is_snoozed": for_staff and ticket.snoozed_until is not None,
        "due_at": ticket.next_due_at if for_staff else None,
        "is_unread": for_staff and is_unread,
        "checklists": show_progress(progress) if for_staff else None,
        "version": ticket.version,
        "url": f"/tickets/{ticket.number}/",
    }


def show_message(message: Message, number: int, *, for_staff: bool) -> dict[str, Any]:
    """`MessageOut`; headers that tell of others (Bcc, authentication) are for staff."""
    body = message.body
    addresses = body.addresses
    sender = addresses.get("from")
    if sender is None and message.author_identity is not None:
        sender = {"address": message.author_identity.value, "name": str(message.author or "")}
    return {
        "id": message.pk,
        "ticket": number,
        "kind": message.kind,
        "direction": message.direction,
        "channel": message.channel,
        "author": {"id": message.author.pk, "name": message.author.name}
        if message.author
        else None,
        "author_kind": message.author_kind,
        "side_conversation": message.thread_id if message.kind == "side" else None,
        "from": sender,
        "to": addresses.get("to", []),
        "cc": addresses.get("cc", []),
        "bcc": addresses.get("bcc", []) if for_staff else [],
        "subject": body.subject,
        "body_text": body.text,
        "body_html": body.html if for_staff else without_references(body.html),
        "reply_text": body.reply_text,
        "is_automatic": message.is_automatic,
        "is_hidden": message.is_hidden,
        "is_pinned": for_staff and message.pinned_at is not None,
        "automation": message.automation,
        "external_id": message.external_id,
        "delivery_state": message.delivery_state,
        "delivery_error": message.delivery_error if for_staff else "",
        "authentication": body.authentication if for_staff else {},
        "reading": body.reading if for_staff else None,
        "sent_at": message.sent_at,
        "created_at": message.created_at,
        "attachments": [show_attachment(row) for row in message.attachments.all()],
        "raw_url": f"/api/v1/messages/{message.pk}/raw" if for_staff and body.raw_id else "",
    }


def show_attachment(row: Attachment) -> dict[str, Any]:
    return {
        "token": row.token,
        "name": row.name,
        "size": row.size,
        "content_type": row.content_type,
        "sha256": row.blob.sha256,
        "is_inline": row.is_inline,
        "url": f"/api/v1/attachments/{row.token}",
    }


def show_upload(row: Upload) -> dict[str, Any]:
    return {
        "token": row.token,
        "name": row.name,
        "size": row.size,
        "content_type": row.content_type,
        "sha256": row.blob.sha256,
    }


def _ref(thing: Any) -> dict[str, Any] | None:
    return {"id": thing.pk, "name": thing.name} if thing is not None else None
