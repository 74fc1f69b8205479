"""The timeline as agents see it: messages, notes, strangers and one-line events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.channels.copies import MAX_PARTICIPANTS
from otklik.core.access import Actor
from otklik.core.events.models import EventRow
from otklik.core.outbox.models import Delivery, ErrorKind
from otklik.core.outbox.queries import list_for_subjects
from otklik.kit.html import map_references, sanitise_rich_text, text_to_html
from otklik.kit.units import human_size
from otklik.tickets.models import (
    Attachment,
    DeliveryState,
    Direction,
    Message,
    MessageKind,
    Participant,
    Ticket,
)
from otklik.tickets.queries import get_timeline
from otklik.ui import marks
from otklik.workspace.queries.event_words import Line, Names, line_of, read_names
from otklik.workspace.queries.letter_marks import InvitationCard, LetterMark, card_of, marks_of
from otklik.workspace.queries.marks import channel_icon
from otklik.workspace.queries.said_words import BOUNCE, about, has_several, may_answer_alone
from otklik.workspace.queries.trust import sender_details, sender_warning, sender_words
from otklik.workspace.references import reference_url

_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# Markup that says more than its text does.
_TELLING = ("<table", "<img", "<ol", "<ul", "<h1", "<h2")
# Markup that a text does not show; without any, the letter looks like its text.
_SHAPED = (
    *_TELLING,
    "<b>",
    "<b ",
    "<strong",
    "<i>",
    "<em",
    "<h3",
    "<blockquote",
    "<font",
    "style=",
)


@dataclass(frozen=True, slots=True)
class FileChip:
    name: str
    size: str
    url: str
    icon: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    state: str
    words: str
    icon: str
    tone: str
    why: str = ""
    next_try: datetime | None = None
    details: str = ""  # as the other side said it, or the desk in its own language
    delivery_id: int | None = None
    may_retry: bool = False
    is_uncertain: bool = False
    lines: tuple[str, ...] = ()  # who did not get it, and why


@dataclass(frozen=True, slots=True)
class Said:
    is_event: ClassVar[bool] = False

    id: int
    author: str
    avatar: SafeString
    about: str
    icon: str
    shape: str  # in, own, note
    at: datetime
    html: SafeString
    whole: str  # the whole text, when the part shown leaves something out
    letter_url: str
    is_letter_shown: bool
    has_remote: bool
    raw_url: str
    files: list[FileChip]
    delivery: DeliveryLine | None
    is_unconfirmed: bool = False
    is_pinned: bool = False
    confirm_url: str = ""
    address: str = ""
    warning: str = ""
    checks: str = ""  # who vouches for the letter
    checks_details: str = ""
    time_style: str = "auto"
    letter_marks: list[LetterMark] = field(default_factory=list)
    invitation: InvitationCard | None = None
    side_name: str = ""  # of the conversation with a third party it belongs to
    side_thread: int = 0
    may_answer_alone: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    is_event: ClassVar[bool] = True

    line: Line
    at: datetime
    time_style: str = "auto"


@dataclass(frozen=True, slots=True)
class Talk:
    entries: list[Said | Happened]
    earlier: str
    last_message_id: int
    said_ids: list[int] = field(default_factory=list)
    earlier_from: int = 0
    later: str = ""
    later_from: int = 0


def get_talk(
    actor: Actor, ticket: Ticket, *, whole: bool = False, first: int | None = None
) -> Talk:
    timeline = get_timeline(actor, ticket, whole=whole, first=first)
    events = [entry.event for entry in timeline.entries if entry.event is not None]
    messages = [entry.message for entry in timeline.entries if entry.message is not None]
    names = read_names(events, actor)
    deliveries = _deliveries(messages)
    strangers = _strangers(messages)
    is_shared = has_several(ticket.pk, messages)
    entries: list[Said | Happened] = []
    for entry in timeline.entries:
        if entry.message is not None:
            entries.append(_said(ticket, entry.message, deliveries, strangers, is_shared))
        elif entry.event is not None:
            happened = _happened(entry.event, names)
            if happened is not None:
                entries.append(happened)
    return Talk(
        entries=_with_clocks(entries),
        earlier=_earlier_words(timeline.earlier_messages, timeline.earlier_events),
        earlier_from=timeline.earlier_from,
        later=_later_words(timeline.later_messages),
        later_from=timeline.later_from,
        last_message_id=timeline.last_message_id,
        said_ids=[message.pk for message in messages],
    )


def _with_clocks(entries: list[Said | Happened]) -> list[Said | Happened]:
    """A day is named where it begins; below it the time is enough."""
    days = [None, *(timezone.localdate(entry.at) for entry in entries)]
    return [
        replace(entry, time_style="time") if day == before else entry
        for entry, before, day in zip(entries, days, days[1:], strict=False)
    ]


def _happened(row: EventRow, names: Names) -> Happened | None:
    line = line_of(row, names)
    return Happened(line, row.occurred_at) if line else None


def _later_words(messages: int) -> str:
    if not messages:
        return ""
    words = ngettext("Show later: %(n)d message", "Show later: %(n)d messages", messages)
    return words % {"n": messages}


def _earlier_words(messages: int, events: int) -> str:
    parts = []
    if messages:
        parts.append(ngettext("%(n)d message", "%(n)d messages", messages) % {"n": messages})
    if events:
        parts.append(ngettext("%(n)d event", "%(n)d events", events) % {"n": events})
    return _("Show earlier: %(what)s") % {"what": ", ".join(parts)} if parts else ""


def _said(
    ticket: Ticket,
    message: Message,
    deliveries: dict[int, Delivery],
    strangers: dict[int, Participant],
    is_shared: bool,
) -> Said:
    body = message.body
    files = list(message.attachments.all())
    html, placed = message_html(message, files)
    is_note = message.kind == MessageKind.NOTE
    is_side = message.kind == MessageKind.SIDE
    shape = "note" if is_note else ("in" if message.direction == Direction.IN else "own")
    shape = "side" if is_side else shape
    name = _author_name(ticket, message)
    text, shown = body.text.strip(), body.reply_text.strip()
    is_mail = message.channel == "email" and message.direction == Direction.IN
    lowered = body.html.lower() if is_mail else ""
    has_letter = any(tag in lowered for tag in _SHAPED)
    stranger = strangers.get(message.author_identity_id or 0) if message.is_hidden else None
    return Said(
        id=message.pk,
        author=name,
        avatar=marks.avatar(name, message.author_id, 28),
        about=about(message),
        icon="lock" if is_note else channel_icon(message.channel),
        shape=shape,
        at=message.created_at,
        html=html,
        whole=text if is_mail and shown and shown != text else "",
        letter_url=reverse("workspace:letter", args=[message.pk]) if has_letter else "",
        is_letter_shown=has_letter
        and not message.is_hidden
        and shown == text
        and any(tag in lowered for tag in _TELLING),
        has_remote="remote:http" in lowered,
        raw_url=reverse("workspace:raw", args=[message.pk]) if body.raw_id else "",
        files=[_chip(file) for file in files if file.pk not in placed],
        delivery=_delivery_line(message, deliveries.get(message.pk)),
        is_pinned=message.pinned_at is not None,
        is_unconfirmed=message.is_hidden and message.automation != BOUNCE,
        confirm_url=(
            reverse("workspace:confirmation", args=[ticket.number, stranger.pk])
            if stranger is not None
            else ""
        ),
        address=str(message.author_identity) if message.author_identity else "",
        warning=_warning(message),
        checks=sender_words(body.authentication, _sender(message)) if is_mail else "",
        checks_details=sender_details(body.authentication) if is_mail else "",
        letter_marks=marks_of(body.reading),
        invitation=card_of(body.reading),
        side_name=message.thread.subject if is_side else "",
        side_thread=message.thread_id if is_side else 0,
        may_answer_alone=is_shared and may_answer_alone(message),
    )


def message_html(message: Message, files: Sequence[Attachment]) -> tuple[SafeString, set[int]]:
    """The words as safe HTML, and which files are shown among them."""
    body = message.body
    if message.direction == Direction.IN or not body.html:
        words = text_to_html(body.reply_text or body.text)
        return mark_safe(words), set()  # noqa: S308 - escaped by text_to_html
    inline = {file.content_id: file for file in files if file.is_inline and file.content_id}
    placed: set[int] = set()

    def place(address: str) -> str | None:
        file = inline.get(address.removeprefix("cid:"))
        if file is None:
            return None
        placed.add(file.pk)
        return reverse("tickets:file", args=[file.token]) + "?inline=1"

    # Cleaned again: what is stored was cleaned by the rules of its day.
    html = sanitise_rich_text(body.html, image_url=place, keeps_references=True)
    return mark_safe(map_references(html, reference_url)), placed  # noqa: S308


def _sender(message: Message) -> str:
    return str((message.body.addresses.get("from") or {}).get("address", ""))


def _author_name(ticket: Ticket, message: Message) -> str:
    if message.automation == BOUNCE:
        return _sender(message) or _("A mail server")
    if message.author is not None and message.author.name:
        return message.author.name
    if message.author_identity is not None:
        return str(message.author_identity)
    return ticket.brand.name


def _warning(message: Message) -> str:
    if message.channel != "email":
        return ""
    if told := sender_warning(message.body.authentication):
        return told
    if message.direction != Direction.IN:
        return ""
    written = message.body.addresses
    count = len(written.get("to") or ()) + len(written.get("cc") or ()) + written.get("more", 0)
    if count > MAX_PARTICIPANTS:
        words = _("This letter names %(count)d people; the first %(most)d of them take part.")
        return words % {"count": count, "most": MAX_PARTICIPANTS}
    return ""


def _chip(file: Attachment) -> FileChip:
    is_picture = file.content_type in _PICTURES
    return FileChip(
        name=file.name,
        size=human_size(file.size) if file.size else _("empty file"),
        url=reverse("tickets:file", args=[file.token]),
        icon="image" if is_picture else "file",
        is_picture=is_picture and file.size <= 10 << 20,
    )


def _deliveries(messages: Sequence[Message]) -> dict[int, Delivery]:
    """The deliveries of messages whose state wants more than a word."""
    odd = (DeliveryState.QUEUED, DeliveryState.FAILED, DeliveryState.UNCERTAIN)
    asked = [
        message.pk
        for message in messages
        if message.delivery_state in odd or message.delivery_error
    ]
    if not asked:
        return {}
    found = list_for_subjects("message", asked)
    return {row.subject_id: row for row in found if row.subject_id is not None}


def _strangers(messages: Sequence[Message]) -> dict[int, Participant]:
    hidden = [message for message in messages if message.is_hidden and message.author_identity_id]
    if not hidden:
        return {}
    rows = Participant.objects.filter(
        thread_id__in={message.thread_id for message in hidden},
        identity_id__in={message.author_identity_id for message in hidden},
    )
    return {row.identity_id: row for row in rows}


def _delivery_line(message: Message, delivery: Delivery | None) -> DeliveryLine | None:
    state = message.delivery_state
    if not state or message.direction == Direction.IN:
        return None
    words, icon, tone = {
        DeliveryState.QUEUED: (_("Waits to be sent"), "clock", ""),
        DeliveryState.SENT: (_("Sent"), "check", ""),
        DeliveryState.DELIVERED: (_("Delivered"), "check-check", ""),
        DeliveryState.FAILED: (_("Not sent"), "circle-alert", "danger-text"),
        DeliveryState.UNCERTAIN: (_("It is not known whether it was sent"), "info", "warn-text"),
        DeliveryState.TRAY: (_("In the outgoing tray, not sent to anybody"), "inbox", ""),
    }[DeliveryState(state)]
    trouble = delivery.error_kind if delivery else ""
    has_come_back = bool(delivery and delivery.sent_at and state == DeliveryState.FAILED)
    if has_come_back:
        words = _("Came back: it did not arrive")
    if trouble and state in (DeliveryState.QUEUED, DeliveryState.SENT):
        tone = "warn-text"
    return DeliveryLine(
        state=state,
        words=words,
        icon=icon,
        tone=tone,
        why="" if has_come_back else why_not_sent(trouble),
        next_try=delivery.next_attempt_at if delivery and trouble else None,
        details=(delivery.error_text if delivery else "") or message.delivery_error,
        delivery_id=delivery.pk if delivery else None,
        may_retry=bool(delivery and delivery.status == "failed" and not delivery.is_wiped),
        is_uncertain=state == DeliveryState.UNCERTAIN and delivery is not None,
        lines=_outcomes(delivery),
    )


def _outcomes(delivery: Delivery | None) -> tuple[str, ...]:
    """Of several recipients, who did not get it and what their server said."""
    rows = list(delivery.recipients.all()) if delivery is not None else []
    if len(rows) < 2:
        return ()
    failed = [row for row in rows if row.status == "failed"]
    return tuple(
        _("%(address)s did not get it: %(words)s") % {"address": row.address, "words": row.detail}
        for row in failed[:20]
    )


def why_not_sent(trouble: str) -> str:
    """The kind of trouble in the reader's language; what was said literally is in the details."""
    return {
        ErrorKind.TEMPORARY: _("The mail server did not take it yet."),
        ErrorKind.PERMANENT: _("The mail server refused it, so it is not tried again by itself."),
        ErrorKind.EXPIRED: _("Tried for too long. It is not tried again by itself."),
        ErrorKind.UNCERTAIN: _("It may have arrived. Look before you send it once more."),
        ErrorKind.FAULT: _("A fault of the desk, not of the letter. Its log says more."),
        ErrorKind.PARTIAL: _("Some of the recipients did not get it."),
    }.get(ErrorKind(trouble), "")
