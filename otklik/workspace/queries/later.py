"""What is put off, what came back, reminders and pins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.core.db.spelling import spelt_once
from otklik.tickets.models import Message, MessageKind, Reminder, Ticket
from otklik.tickets.snoozing import UNTIL_ANSWER
from otklik.ui.templatetags.ui import moment_words

_NEWS_FOR = timedelta(days=1)  # so long it is said that a ticket came back
_TOLD = ("due", "assigned")  # an answer and a hand show by themselves


def snoozed_words(ticket: Ticket) -> str:
    """ "tomorrow, 09:00", or that an answer is waited for; "" for one that is awake."""
    until = ticket.snoozed_until
    if until is None:
        return ""
    if until >= UNTIL_ANSWER:
        return _("until the customer answers")
    return _("until %(time)s") % {"time": moment_words(timezone.localtime(until))}


def is_back(ticket: Ticket) -> bool:
    """Whether it came back by itself not long ago and nobody wrote since."""
    at = ticket.woken_at
    if at is None or ticket.snoozed_until is not None or not ticket.is_unfinished:
        return False
    is_news = at > timezone.now() - _NEWS_FOR and at >= ticket.last_message_at
    return is_news and ticket.woken_why in _TOLD


def woken_words(ticket: Ticket) -> str:
    if not is_back(ticket):
        return ""
    if ticket.woken_why == "assigned":
        return _("is back for its new assignee")
    return _("is back: its time has come")


@spelt_once
def reminders_in(ticket_id: int, person_id: int) -> Iterable[Reminder]:
    """One's own in one ticket, due and to come, the soonest first."""
    rows = Reminder.objects.filter(person=person_id, ticket=ticket_id)
    shown = rows.filter(seen_at__isnull=True, dropped_at__isnull=True)
    return shown.order_by("due_at", "id")[:20]


def list_own_reminders(actor: Actor) -> dict[str, Any]:
    """``due`` and ``coming``, each at most two hundred."""
    rows = Reminder.objects.visible_to(actor).select_related("ticket").order_by("due_at", "id")
    return {"due": list(rows.due()[:200]), "coming": list(rows.coming()[:200])}


@dataclass(frozen=True, slots=True)
class Pin:
    id: int
    author: str
    line: str
    text: str
    is_note: bool


_LINE = 160
_TEXT = 4000


def pins_of(ticket_id: int) -> list[Pin]:
    """What is pinned to the top of a ticket, the oldest first."""
    return [_pin(row) for row in _pinned(ticket_id)]


@spelt_once
def _pinned(ticket_id: int) -> Iterable[Message]:
    rows = Message.objects.filter(ticket=ticket_id, pinned_at__isnull=False)
    return rows.select_related("body", "author", "author_identity").order_by("id")


def _pin(row: Message) -> Pin:
    text = (row.body.reply_text or row.body.text).strip()
    author = row.author.name if row.author and row.author.name else str(row.author_identity or "")
    return Pin(
        id=row.pk,
        author=author or _("The desk"),
        line=" ".join(text[:_LINE].split()) or _("No words"),
        text=text[:_TEXT],
        is_note=row.kind == MessageKind.NOTE,
    )
