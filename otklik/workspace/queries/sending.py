"""What the composer's sending button offers, and the replies that have not left yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.core.db.briefly import briefly
from otklik.core.db.spelling import spelt_once
from otklik.desk.models import Brand, Calendar
from otklik.kit.html import sanitise_rich_text, text_to_html
from otklik.tickets.actions.drafts import INLINE_UPLOAD
from otklik.tickets.actions.habits import find_habit
from otklik.tickets.actions.reviewing import is_reviewer
from otklik.tickets.actions.side import is_side
from otklik.tickets.models import (
    Status,
    StatusKind,
    Ticket,
    Upload,
    WaitingReply,
    WaitingState,
    WaitingWhy,
)
from otklik.tickets.steps import list_next
from otklik.ui import marks
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.moments import earliest_moment, offer_moments
from otklik.workspace.queries.marks import kind_mark
from otklik.workspace.queries.unsent import with_people

_OFFERED = (StatusKind.PENDING, StatusKind.OPEN, StatusKind.ON_HOLD, StatusKind.SOLVED)


@dataclass(frozen=True, slots=True)
class SendChoice:
    value: str
    label: str
    mark: SafeString


@dataclass(frozen=True, slots=True)
class Sending:
    """``first`` is what this one chose last."""

    first: SendChoice
    others: list[SendChoice]
    times: list[tuple[str, str, str]]  # code, words, when
    earliest: str


@dataclass(frozen=True, slots=True)
class WaitingCard:
    id: int
    number: int
    url: str
    subject: str
    author: str
    avatar: SafeString
    state: str
    is_mine: bool
    is_side: bool
    html: SafeString
    source: str
    files: list[str]
    to: str
    due_at: datetime | None
    seconds_left: int
    is_undo: bool
    words: str
    why: str
    held_for: str
    version: int
    may_review: bool


def get_sending(actor: Actor, ticket: Ticket) -> Sending:
    choices = _choices(list_next(ticket.status_id))
    last = find_habit(actor.person_id).last_status
    first = next((one for one in choices if one.value == last), choices[0])
    now = timezone.now()
    return Sending(
        first=first,
        others=[one for one in choices if one is not first],
        times=offer_moments(_calendar(ticket.brand_id), now=now),
        earliest=earliest_moment(now),
    )


def list_waiting(actor: Actor, ticket: Ticket) -> list[WaitingCard]:
    """Replies of a ticket that have not left; oldest first."""
    return show_cards(actor, _waiting(ticket.pk))


def show_cards(actor: Actor, rows: Iterable[WaitingReply]) -> list[WaitingCard]:
    return [_card(actor, row) for row in rows]


@spelt_once
def _waiting(ticket_id: int) -> QuerySet[WaitingReply]:
    rows = with_people().filter(thread__ticket=ticket_id)
    return rows.filter(state__in=("waiting", "held", "review")).order_by("id")


def _card(actor: Actor, row: WaitingReply) -> WaitingCard:
    now = timezone.now()
    is_mine = row.author_id == actor.person_id
    left = max(0, round((row.due_at - now).total_seconds())) if row.due_at else 0
    addresses = [*row.recipients.get("to", []), *row.recipients.get("cc", [])]
    names = ", ".join(addresses[:3])
    files = list(_file_names(row))
    return WaitingCard(
        id=row.pk,
        number=row.thread.ticket.number,
        url=f"/tickets/{row.thread.ticket.number}/",
        subject=row.thread.subject if is_side(row.thread) else row.thread.ticket.subject,
        author=row.author.name,
        avatar=marks.avatar(row.author.name or "?", row.author_id, 28),
        state=row.state,
        is_mine=is_mine,
        is_side=is_side(row.thread),
        html=_shown(row, is_mine=is_mine),
        source=row.html if row.is_rich else text_to_html(row.html),
        files=files,
        to=names + (" …" if len(addresses) > 3 else ""),
        due_at=row.due_at,
        seconds_left=left,
        is_undo=row.state == WaitingState.WAITING and row.why != WaitingWhy.LATER,
        words=_words(row),
        why=row.held_words,
        held_for=row.held_for,
        version=row.version,
        may_review=row.state == WaitingState.REVIEW and is_reviewer(actor, row),
    )


def _words(row: WaitingReply) -> str:
    if row.state == WaitingState.REVIEW:
        return _("waits for the mentor")
    if row.state == WaitingState.HELD:
        return _("held back")
    if row.why == WaitingWhy.LATER and row.due_at is not None:
        when = moment_words(timezone.localtime(row.due_at))
        return _("leaves %(when)s") % {"when": when}
    return _("is about to leave")


def _shown(row: WaitingReply, *, is_mine: bool) -> SafeString:
    if not row.is_rich:
        return mark_safe(text_to_html(row.html))  # noqa: S308 - escaped there

    def place(address: str) -> str | None:
        # Pictures of an upload are for who added it, until they are sent.
        found = INLINE_UPLOAD.search(address)
        return found.group(0) if found and is_mine else None

    return mark_safe(sanitise_rich_text(row.html, image_url=place))  # noqa: S308 - cleaned there


def _file_names(row: WaitingReply) -> Iterable[str]:
    if row.uploads:
        rows = Upload.objects.filter(token__in=row.uploads, is_inline=False)
        yield from rows.values_list("name", flat=True)


def _choices(statuses: Iterable[Status]) -> list[SendChoice]:
    language = (get_language() or "").partition("-")[0]
    found = []
    for status in statuses:
        if status.kind not in _OFFERED:
            continue
        mark = kind_mark(status.kind)
        if status.is_default:
            found.append(SendChoice(status.kind, _usual(status.kind), mark))
        else:
            words = _("Send as “%(status)s”") % {"status": status.label(language)}
            found.append(SendChoice(str(status.pk), words, mark))
    found.sort(key=lambda one: _OFFERED.index(one.value) if one.value in _OFFERED else 9)
    keeps = SendChoice("same", _("Send, status stays"), mark_safe(marks.icon("reply")))  # noqa: S308
    return [*found, keeps]


def _usual(kind: str) -> str:
    return {
        "pending": _("Send and wait for customer"),
        "open": _("Send and keep open"),
        "on_hold": _("Send and wait for others"),
        "solved": _("Send and solve"),
    }[kind]


@briefly
def _calendar(brand_id: int) -> Calendar:
    return Brand.objects.select_related("calendar").get(pk=brand_id).calendar
