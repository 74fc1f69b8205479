"""What happens to tickets. Ids and codes only: texts stay with messages, names with people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from otklik.core.events import event


@event("ticket.opened", audience="members")
@dataclass(frozen=True, slots=True)
class TicketOpened:
    """The first message has no event of its own: ``message_id`` is it."""

    ticket_id: int
    brand_id: int
    person_id: int
    message_id: int
    channel: str
    account_id: int | None = None
    follow_up_of: int | None = None
    automation: str = "human"


@event("message.received", audience="members")
@dataclass(frozen=True, slots=True)
class MessageReceived:
    """Somebody outside wrote into a ticket that was there."""

    ticket_id: int
    person_id: int | None
    message_id: int
    thread_id: int
    channel: str
    is_hidden: bool = False
    automation: str = "human"


@event("message.hidden")
@dataclass(frozen=True, slots=True)
class MessageHidden:
    """What the sender's own domain disowns is for staff, until an agent lets it in."""

    ticket_id: int
    message_id: int


@event("ticket.replied", audience="members")
@dataclass(frozen=True, slots=True)
class TicketReplied:
    """We wrote to the outside. ``recipients`` are identity ids by to, cc and bcc."""

    ticket_id: int
    message_id: int
    thread_id: int
    recipients: dict[str, list[int]]
    is_automatic: bool = False


@event("ticket.mentioned")
@dataclass(frozen=True, slots=True)
class PeopleMentioned:
    """Colleagues were named in a message. ``person_ids`` are those who may see the ticket, members
    of ``team_ids`` among them, never the one who wrote."""

    ticket_id: int
    message_id: int
    person_ids: tuple[int, ...]
    team_ids: tuple[int, ...] = ()


@event("note.added")
@dataclass(frozen=True, slots=True)
class NoteAdded:
    ticket_id: int
    message_id: int


@event("ticket.status_changed", audience="members")
@dataclass(frozen=True, slots=True)
class StatusChanged:
    """``old`` and ``new`` are status ids; the kinds say what that means."""

    ticket_id: int
    old: int
    new: int
    old_kind: str
    new_kind: str
    reason: str = ""  # reply, customer_reply, schedule…


@event("ticket.assigned")
@dataclass(frozen=True, slots=True)
class TicketAssigned:
    """Agent ids; None is nobody."""

    ticket_id: int
    old: int | None
    new: int | None


@event("ticket.transferred")
@dataclass(frozen=True, slots=True)
class TicketTransferred:
    """Team ids. The reason in words is the note ``note_id``."""

    ticket_id: int
    old: int | None
    new: int | None
    note_id: int | None = None


@event("ticket.changed")
@dataclass(frozen=True, slots=True)
class TicketChanged:
    """One field; values are ids and codes, and absent for texts such as the subject."""

    ticket_id: int
    field: str
    old: Any = None
    new: Any = None


@event("ticket.tagged")
@dataclass(frozen=True, slots=True)
class TicketTagged:
    ticket_id: int
    tag_id: int


@event("ticket.untagged")
@dataclass(frozen=True, slots=True)
class TicketUntagged:
    ticket_id: int
    tag_id: int


@event("ticket.followed")
@dataclass(frozen=True, slots=True)
class TicketFollowed:
    ticket_id: int
    person_id: int


@event("ticket.unfollowed")
@dataclass(frozen=True, slots=True)
class TicketUnfollowed:
    ticket_id: int
    person_id: int


@event("ticket.trashed")
@dataclass(frozen=True, slots=True)
class TicketTrashed:
    ticket_id: int


@event("ticket.restored")
@dataclass(frozen=True, slots=True)
class TicketRestored:
    ticket_id: int


@event("ticket.marked_spam")
@dataclass(frozen=True, slots=True)
class TicketMarkedSpam:
    """By an agent, or by the desk's screeners: the actor tells."""

    ticket_id: int


@event("ticket.unmarked_spam")
@dataclass(frozen=True, slots=True)
class TicketUnmarkedSpam:
    ticket_id: int


@event("ticket.snoozed")
@dataclass(frozen=True, slots=True)
class TicketSnoozed:
    """Put off. ``until`` is ISO 8601 in UTC, "" when only an answer brings it back."""

    ticket_id: int
    until: str


@event("ticket.woken")
@dataclass(frozen=True, slots=True)
class TicketWoken:
    """Back in the lists. ``reason``: due, answer, assigned, hand, finished, undo, merged."""

    ticket_id: int
    reason: str


@event("participant.added")
@dataclass(frozen=True, slots=True)
class ParticipantAdded:
    ticket_id: int
    person_id: int
    identity_id: int
    role: str


@event("participant.confirmed")
@dataclass(frozen=True, slots=True)
class ParticipantConfirmed:
    """An agent let them in: what they wrote shows, and they are written to."""

    ticket_id: int
    person_id: int
    identity_id: int


@event("participant.removed")
@dataclass(frozen=True, slots=True)
class ParticipantRemoved:
    ticket_id: int
    person_id: int
    identity_id: int


@event("message.delivery_changed")
@dataclass(frozen=True, slots=True)
class MessageDeliveryChanged:
    ticket_id: int
    message_id: int
    old: str
    new: str


@event("category.created")
@dataclass(frozen=True, slots=True)
class CategoryCreated:
    category_id: int


@event("category.changed")
@dataclass(frozen=True, slots=True)
class CategoryChanged:
    category_id: int


@event("tag.renamed")
@dataclass(frozen=True, slots=True)
class TagRenamed:
    tag_id: int


@event("tag.removed")
@dataclass(frozen=True, slots=True)
class TagRemoved:
    tag_id: int


@event("ticket.hold_placed")
@dataclass(frozen=True, slots=True)
class TicketHoldPlaced:
    """It is kept for a court or a dispute."""

    ticket_id: int


@event("ticket.hold_lifted")
@dataclass(frozen=True, slots=True)
class TicketHoldLifted:
    ticket_id: int


@event("ticket.files_erased")
@dataclass(frozen=True, slots=True)
class TicketFilesErased:
    """``reason``: retention or erasure."""

    ticket_id: int
    reason: str


@event("ticket.texts_erased")
@dataclass(frozen=True, slots=True)
class TicketTextsErased:
    """Its files went, too. ``reason``: retention or erasure."""

    ticket_id: int
    reason: str


@event("ticket.purged")
@dataclass(frozen=True, slots=True)
class TicketPurged:
    """It went for good. ``reason``: trash or retention."""

    ticket_id: int
    brand_id: int
    number: int
    reason: str


@event("ticket.merged")
@dataclass(frozen=True, slots=True)
class TicketMerged:
    """Its threads moved into ``target_id``; the number leads there. Rooms that keep rows of their
    own on tickets hear this in the transaction, move them and journal it."""

    ticket_id: int
    target_id: int


@event("ticket.absorbed")
@dataclass(frozen=True, slots=True)
class TicketAbsorbed:
    """The other side of `TicketMerged`, for the ticket that stays."""

    ticket_id: int
    source_id: int


@event("ticket.unmerged")
@dataclass(frozen=True, slots=True)
class TicketUnmerged:
    """It stands for itself again, with all that was said in its threads since."""

    ticket_id: int
    target_id: int


@event("ticket.released")
@dataclass(frozen=True, slots=True)
class TicketReleased:
    ticket_id: int
    source_id: int


@event("ticket.split_off")
@dataclass(frozen=True, slots=True)
class TicketSplitOff:
    """A new ticket of messages that were said in ``source_id``."""

    ticket_id: int
    source_id: int
    brand_id: int
    person_id: int
    messages: int


@event("ticket.messages_moved")
@dataclass(frozen=True, slots=True)
class MessagesMoved:
    """Messages went to ``other_id``; ``is_back``: an undo brought them back from there."""

    ticket_id: int
    other_id: int
    messages: int
    is_back: bool = False


@event("ticket.linked")
@dataclass(frozen=True, slots=True)
class TicketLinked:
    """``kind`` as seen from this ticket: related, duplicate, original, parent, child."""

    ticket_id: int
    other_id: int
    kind: str


@event("ticket.unlinked")
@dataclass(frozen=True, slots=True)
class TicketUnlinked:
    ticket_id: int
    other_id: int
    kind: str


@event("ticket.duplicate_kept")
@dataclass(frozen=True, slots=True)
class DuplicateKept:
    """It was to be solved with its original, ``other_id``, and stays open. ``reason``: open_items,
    open_parts."""

    ticket_id: int
    other_id: int
    reason: str
