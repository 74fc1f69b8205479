"""Which messages of a ticket may become a ticket of their own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.tickets.models import Message, MessageKind, Ticket

MOST = 100  # the newest are offered


@dataclass(frozen=True, slots=True)
class Movable:
    id: int
    author: str
    words: str
    at: datetime
    is_note: bool
    is_chosen: bool


def list_movable(actor: Actor, ticket: Ticket, chosen: Collection[int]) -> list[Movable]:
    """Oldest first."""
    rows = Message.objects.filter(ticket=ticket).exclude(thread__audience="staff").order_by("-id")
    along = ("body", "author", "author_identity")
    newest = list(rows.select_related(*along)[:MOST])
    return [_movable(row, chosen) for row in reversed(newest)]


def _movable(row: Message, chosen: Collection[int]) -> Movable:
    name = row.author.name if row.author is not None else ""
    words = " ".join((row.body.reply_text or row.body.text)[:400].split())
    return Movable(
        id=row.pk,
        author=name or (str(row.author_identity) if row.author_identity else _("The desk")),
        words=Truncator(words).chars(160) or _("No words"),
        at=row.created_at,
        is_note=row.kind == MessageKind.NOTE,
        is_chosen=row.pk in chosen,
    )
