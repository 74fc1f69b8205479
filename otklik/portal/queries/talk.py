"""One request as its requester sees it: the talk, what is happening, who takes part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Missing
from otklik.core.events.models import EventRow
from otklik.kit.html import sanitise_rich_text, text_to_html
from otklik.kit.units import human_size
from otklik.portal.pictures import picture_url
from otklik.portal.queries.facts import Facts, find_facts
from otklik.portal.queries.words import Step, list_steps, status_mark_of, status_words
from otklik.tickets.homes import (
    main_thread,
    messages_of,
    readable_by_customer,
    show_to_customer,
)
from otklik.tickets.models import (
    FINISHED,
    Attachment,
    Direction,
    Message,
    Participant,
    StatusKind,
    Ticket,
)
from otklik.tickets.queries import get_timeline
from otklik.ui import marks


@dataclass(frozen=True, slots=True)
class FileChip:
    name: str
    size: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message. ``html`` is safe; ``letter_url`` shows the mail as it was sent, in a frame.

    ``whole`` is the text of a mail without HTML, where ``html`` leaves quotes out of it.
    """

    id: int
    author: str
    role: str
    avatar: SafeString
    is_own: bool
    at: datetime
    html: SafeString
    letter_url: str
    whole: SafeString
    files: list[FileChip]


@dataclass(frozen=True, slots=True)
class Happened:
    mark: SafeString
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    avatar: SafeString


@dataclass(frozen=True, slots=True)
class RequestPage:
    ticket: Ticket
    entries: list[Said | Happened]
    earlier: int
    steps: list[Step]
    members: list[Member]
    facts: Facts

    @property
    def is_solved(self) -> bool:
        return self.ticket.status_kind == StatusKind.SOLVED

    @property
    def is_closed(self) -> bool:
        return self.ticket.status_kind == StatusKind.CLOSED


def get_request(actor: Actor, number: int) -> Ticket:
    """Raises Missing for one that is not there, not theirs, or in the trash: the same for all."""
    ticket = (
        Ticket.objects.visible_to(actor)
        .alive()
        .with_people()
        .select_related("brand__calendar")
        .filter(number=number)
        .first()
    )
    if ticket is None:
        raise Missing(_("There is no such request, or it was made from another address."))
    show_to_customer(actor, [ticket])
    return ticket


def find_successor(actor: Actor, ticket: Ticket) -> Ticket | None:
    """What a request was merged into, when that one is theirs, too: both are read there."""
    if ticket.merged_into_id is None:
        return None
    return Ticket.objects.visible_to(actor).filter(pk=ticket.merged_into_id).first()


def get_request_page(actor: Actor, number: int, *, is_whole: bool = False) -> RequestPage:
    """Raises Missing like `get_request`."""
    ticket = get_request(actor, number)
    timeline = get_timeline(actor, ticket, whole=is_whole)
    entries: list[Said | Happened] = []
    for entry in timeline.entries:
        if entry.message is not None and _is_told(entry.message):
            entries.append(_said(entry.message, actor, ticket))
        elif entry.event is not None:
            happened = _happened(entry.event)
            if happened is not None:
                entries.append(happened)
    return RequestPage(
        ticket=ticket,
        entries=entries,
        earlier=timeline.earlier_messages,
        steps=list_steps(ticket, _first_reply_at(ticket)),
        members=_members(actor, ticket),
        facts=find_facts(actor, ticket),
    )


def get_message(actor: Actor, number: int, message_id: int) -> Message:
    """A message the requester may read. Raises Missing."""
    ticket = get_request(actor, number)
    message = (
        readable_by_customer(actor)
        .filter(Q(ticket=ticket) | Q(thread__came_from=ticket), pk=message_id)
        .select_related("body")
        .prefetch_related("attachments")
        .first()
    )
    if message is None:
        raise Missing(_("There is no such message."))
    return message


def get_attachment(actor: Actor, token: str) -> Attachment:
    """A file of a message the requester may read. Raises Missing."""
    attachment = (
        Attachment.objects.filter(token=token, message__in=readable_by_customer(actor))
        .select_related("blob")
        .first()
    )
    if attachment is None:
        raise Missing(_("There is no such file."))
    return attachment


def _is_told(message: Message) -> bool:
    """Our acknowledgements repeat what the page says; a bounce is for staff to mend."""
    return not message.is_automatic and message.automation != "bounce"


def _said(message: Message, actor: Actor, ticket: Ticket) -> Said:
    person = message.author
    is_own = message.author_id is not None and message.author_id == actor.person_id
    if not is_own and message.author_identity is not None:
        is_own = message.author_identity.proves_for == actor.person_id
    is_from_us = message.direction == Direction.OUT
    name = person.name if person is not None else ""
    if not name and is_from_us:
        name = ticket.brand.name
    if not name and message.author_identity is not None:
        name = str(message.author_identity)
    files = list(message.attachments.all())
    html, placed = _html(message, files)
    is_mail = message.channel == "email" and not is_from_us
    is_letter = is_mail and bool(message.body.html)
    text, shown = message.body.text.strip(), message.body.reply_text.strip()
    has_more = is_mail and not is_letter and bool(shown) and shown != text
    return Said(
        id=message.pk,
        author=_("You") if is_own else name or _("Somebody"),
        role=person.job_title if person is not None and is_from_us else "",
        avatar=marks.avatar(name or "?", message.author_id, 40),
        is_own=is_own,
        at=message.created_at,
        html=html,
        letter_url=_letter_url(ticket, message) if is_letter else "",
        whole=mark_safe(text_to_html(text) if has_more else ""),  # noqa: S308 - escaped there
        files=[_chip(file) for file in files if file.pk not in placed],
    )


def _letter_url(ticket: Ticket, message: Message) -> str:
    return reverse("portal:letter", args=[ticket.number, message.pk])


def _html(message: Message, files: list[Attachment]) -> tuple[SafeString, set[int]]:
    """The words as safe HTML, and which files are shown among them."""
    body = message.body
    if message.direction == Direction.IN and message.channel == "email":
        return mark_safe(text_to_html(body.reply_text or body.text)), set()  # noqa: S308
    if not body.html:
        return mark_safe(text_to_html(body.text)), set()  # noqa: S308
    inline = {file.content_id: file for file in files if file.is_inline and file.content_id}
    placed: set[int] = set()

    def place(address: str) -> str | None:
        file = inline.get(address.removeprefix("cid:"))
        if file is None:
            return None
        placed.add(file.pk)
        return picture_url(file.token)

    # Cleaned again: what is stored was cleaned by the rules of its day.
    return mark_safe(sanitise_rich_text(body.html, image_url=place)), placed  # noqa: S308


def _chip(file: Attachment) -> FileChip:
    return FileChip(
        name=file.name,
        size=human_size(file.size),
        url=reverse("portal:file", args=[file.token]),
    )


def _happened(row: EventRow) -> Happened | None:
    """Status changes in the customer's words; what merely goes on is no news."""
    new, old = str(row.data.get("new_kind", "")), str(row.data.get("old_kind", ""))
    if new == StatusKind.OPEN:
        if old not in FINISHED:
            return None
        return Happened(marks.icon("rotate-ccw"), _("Opened again"), row.occurred_at)
    if new not in (StatusKind.SOLVED, StatusKind.CLOSED, StatusKind.ON_HOLD):
        return None
    return Happened(status_mark_of(new), status_words(new), row.occurred_at)


def _first_reply_at(ticket: Ticket) -> datetime | None:
    rows = messages_of(ticket.pk).filter(direction=Direction.OUT, kind="public", is_automatic=False)
    return rows.order_by("id").values_list("created_at", flat=True).first()


def _members(actor: Actor, ticket: Ticket) -> list[Member]:
    """The one who looks, who works on it, and whom agents have let in."""
    members = [Member(_("You"), marks.avatar(ticket.requester.name or "?", actor.person_id))]
    seen = {actor.person_id}
    people = []
    if ticket.assignee is not None:
        people.append((ticket.assignee.person_id, ticket.assignee.person.name))
    rows = Participant.objects.filter(thread=main_thread(ticket), is_confirmed=True).select_related(
        "identity__person"
    )
    for row in rows.order_by("id")[:20]:
        name = row.identity.person.name or str(row.identity)
        people.append((row.identity.person_id, name))
    for person_id, name in people:
        if person_id not in seen:
            seen.add(person_id)
            members.append(Member(name, marks.avatar(name or "?", person_id)))
    return members
