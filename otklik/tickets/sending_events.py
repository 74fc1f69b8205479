"""What happens around sending: replies that wait, talks with third parties, drafts, guests.

Ids and codes only, as in `events`.
"""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("side.opened")
@dataclass(frozen=True, slots=True)
class SideOpened:
    """A talk with a third party about a ticket, which its customer knows nothing of."""

    ticket_id: int
    thread_id: int


@event("side.sent")
@dataclass(frozen=True, slots=True)
class SideMessageSent:
    """``recipients`` are identity ids by to, cc and bcc."""

    ticket_id: int
    message_id: int
    thread_id: int
    recipients: dict[str, list[int]]


@event("side.received")
@dataclass(frozen=True, slots=True)
class SideMessageReceived:
    ticket_id: int
    person_id: int | None
    message_id: int
    thread_id: int
    is_hidden: bool = False
    automation: str = "human"


@event("reply.scheduled")
@dataclass(frozen=True, slots=True)
class ReplyScheduled:
    """It is to leave at a chosen time. ``person_id`` is its author, here and below."""

    ticket_id: int
    person_id: int
    waiting_id: int


@event("reply.cancelled")
@dataclass(frozen=True, slots=True)
class ReplyCancelled:
    ticket_id: int
    person_id: int
    waiting_id: int


@event("reply.held")
@dataclass(frozen=True, slots=True)
class ReplyHeld:
    """It did not leave. ``reason``: crossing (somebody wrote first) or refused."""

    ticket_id: int
    person_id: int
    waiting_id: int
    reason: str


@event("reply.status_kept")
@dataclass(frozen=True, slots=True)
class ReplyStatusKept:
    """It left, but its status was refused by then, and the present one stayed. ``reason``: ""
    (may not follow), incomplete, open_items, open_parts, forbidden."""

    ticket_id: int
    person_id: int
    waiting_id: int
    reason: str = ""


@event("reply.submitted")
@dataclass(frozen=True, slots=True)
class ReplySubmitted:
    """A trainee's reply waits for the mentor."""

    ticket_id: int
    person_id: int
    waiting_id: int


@event("reply.approved")
@dataclass(frozen=True, slots=True)
class ReplyApproved:
    """By the one who acts; ``is_edited``: with words of theirs."""

    ticket_id: int
    person_id: int
    waiting_id: int
    is_edited: bool = False


@event("reply.returned")
@dataclass(frozen=True, slots=True)
class ReplyReturned:
    """The trainee has it back as a draft, with a comment."""

    ticket_id: int
    person_id: int
    waiting_id: int


@event("draft.handed_over")
@dataclass(frozen=True, slots=True)
class DraftHandedOver:
    """``person_id`` is who has it now."""

    ticket_id: int
    person_id: int
    handover_id: int


@event("draft.taken")
@dataclass(frozen=True, slots=True)
class DraftTaken:
    """``person_id`` is who had given it."""

    ticket_id: int
    person_id: int
    handover_id: int


@event("draft.given_back")
@dataclass(frozen=True, slots=True)
class DraftGivenBack:
    """``person_id`` is whose draft it is again."""

    ticket_id: int
    person_id: int
    handover_id: int


@event("guest.invited")
@dataclass(frozen=True, slots=True)
class GuestInvited:
    """A colleague takes part in the notes of a ticket."""

    ticket_id: int
    person_id: int
    identity_id: int


@event("note.shared")
@dataclass(frozen=True, slots=True)
class NoteShared:
    """A note goes to guests by mail. ``recipients`` are identity ids by to, cc, bcc."""

    ticket_id: int
    message_id: int
    thread_id: int
    recipients: dict[str, list[int]]


@event("guest.revoked")
@dataclass(frozen=True, slots=True)
class GuestRevoked:
    ticket_id: int
    person_id: int
    identity_id: int


@event("trainee.changed")
@dataclass(frozen=True, slots=True)
class TraineeChanged:
    """``mentor_id`` is an agent's id, None when nobody checks replies any more."""

    person_id: int
    agent_id: int
    mentor_id: int | None
    scope: str = ""
