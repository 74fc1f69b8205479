"""All that was ever said with one person, over all their tickets, newest first.

Bounded however long somebody has been a customer: it looks at a block of their newest tickets at
a time, so many that they hold a few thousand messages, and orders the ids of those in memory.
Databases asked for "the newest of these" walk all messages backwards when the person's are old.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.kit.stemming import stem, stems
from otklik.kit.text import tokenise
from otklik.tickets.models import Direction, Message, MessageKind, Ticket

PAGE = 20
BLOCK_TICKETS = 300
BLOCK_MESSAGES = 12_000
# A search reads this many messages of a block, newest first, and so much of each.
MOST_SEARCHED = 2_000
MOST_CHARACTERS = 4_000
_MOST_WORDS = 10
_READ_AT_ONCE = 200
_BIGINT = 2**63 - 1

WHAT = ("in", "out", "note")


@dataclass(frozen=True, slots=True)
class Asked:
    """``what``: in (they wrote), out (we wrote) or note; ``words`` are searched for in texts."""

    channel: str = ""
    ticket_id: int | None = None
    what: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        if self.what and self.what not in WHAT:
            raise Invalid(_("These are no conditions."), fields={"what": self.what[:20]})


@dataclass(frozen=True, slots=True)
class Talk:
    """One page, newest first. ``next`` is "" at the end; ``is_cut``: a search read so many
    messages and no more."""

    messages: list[Message] = field(default_factory=list)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    next: str = ""
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Messages before ``message`` in the block of tickets that begins below ``block``."""

    block: int = _BIGINT
    message: int = _BIGINT


def get_talk_of_person(
    actor: Actor, person_id: int, asked: Asked, *, cursor: str = "", size: int = PAGE
) -> Talk:
    """What this one may read of it: staff all, notes too. Raises Invalid for a damaged cursor."""
    place = _read_cursor(cursor)
    tickets, following = _block(actor, person_id, asked, place.block)
    while tickets:
        rows = _rows(actor, tickets, asked)
        ids = sorted((pk for pk in _ids(rows) if pk < place.message), reverse=True)
        is_cut = bool(asked.words) and len(ids) > MOST_SEARCHED
        found = _matching(ids[:MOST_SEARCHED], asked.words, size) if asked.words else ids
        shown = found[:size]
        if shown or not following:
            return Talk(
                messages=_messages(shown),
                tickets={row.pk: row for row in tickets},
                next=_next(place, found, shown, size, following),
                is_cut=is_cut,
            )
        place = _Place(block=following)
        tickets, following = _block(actor, person_id, asked, following)
    return Talk()


def list_channels_of(actor: Actor, person_id: int) -> list[str]:
    """By which channels the newest of their tickets were talked about; for a filter."""
    tickets, _following = _block(actor, person_id, Asked(), _BIGINT)
    return sorted({row.last_channel for row in tickets if row.last_channel})


def _block(
    actor: Actor, person_id: int, asked: Asked, below: int
) -> tuple[list[Ticket], int | None]:
    """Some of their tickets, newest first, and where the next block begins; None at the end."""
    rows = Ticket.objects.visible_to(actor).alive().filter(requester=person_id, pk__lt=below)
    if asked.ticket_id is not None:
        rows = rows.filter(pk=asked.ticket_id)
    rows = rows.select_related("status").order_by("-id")
    shown: list[Ticket] = []
    total = 0
    for row in rows[: BLOCK_TICKETS + 1]:
        if len(shown) == BLOCK_TICKETS or (shown and total + row.message_count > BLOCK_MESSAGES):
            return shown, shown[-1].pk
        shown.append(row)
        total += row.message_count
    return shown, None


def _rows(actor: Actor, tickets: Iterable[Ticket], asked: Asked) -> QuerySet[Message]:
    rows = Message.objects.filter(ticket_id__in=[row.pk for row in tickets])
    if not actor.is_staff:
        rows = rows.filter(kind=MessageKind.PUBLIC, is_hidden=False).exclude(
            thread__audience="staff"
        )
    if asked.channel:
        rows = rows.filter(channel=asked.channel)
    if asked.what == "note":
        rows = rows.filter(kind=MessageKind.NOTE)
    elif asked.what == "in":
        rows = rows.filter(kind=MessageKind.PUBLIC, direction=Direction.IN)
    elif asked.what == "out":
        rows = rows.filter(kind=MessageKind.PUBLIC, direction=Direction.OUT)
    return rows


def _ids(rows: QuerySet[Message]) -> Iterable[int]:
    return rows.order_by().values_list("pk", flat=True)


def _matching(ids: list[int], words: str, size: int) -> list[int]:
    """Those that hold every word, by stems; no more than a page and one."""
    wanted = [(word, stem(word)) for word in list(tokenise(words))[:_MOST_WORDS]]
    if not wanted:
        return []
    found: list[int] = []
    for start in range(0, len(ids), _READ_AT_ONCE):
        some = ids[start : start + _READ_AT_ONCE]
        bodies = Message.objects.filter(pk__in=some).values_list(
            "pk", "body__subject", Substr("body__text", 1, MOST_CHARACTERS)
        )
        texts = {pk: f"{subject} {text}" for pk, subject, text in bodies}
        found += [pk for pk in some if pk in texts and _holds(texts[pk], wanted)]
        if len(found) > size:
            break
    return found


def _holds(text: str, wanted: list[tuple[str, str]]) -> bool:
    known = set(stems(text))
    return all(
        stemmed in known or any(word.startswith(begun) for word in known)
        for begun, stemmed in wanted
    )


def _messages(ids: list[int]) -> list[Message]:
    rows = Message.objects.filter(pk__in=ids).select_related("body", "author", "author_identity")
    return list(rows.prefetch_related("attachments").order_by("-id"))


def _next(
    place: _Place, found: list[int], shown: list[int], size: int, following: int | None
) -> str:
    if len(found) > size:
        return _cursor(_Place(place.block, shown[-1]))
    return _cursor(_Place(following)) if following is not None else ""


def _cursor(place: _Place) -> str:
    return base64.urlsafe_b64encode(json.dumps([place.block, place.message]).encode()).decode()


def _read_cursor(cursor: str) -> _Place:
    if not cursor:
        return _Place()
    try:
        block, message = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        place = _Place(int(block), int(message))
    except (ValueError, TypeError) as error:
        raise Invalid(_("The cursor is damaged."), fields={"cursor": str(error)}) from error
    if not (0 < place.block <= _BIGINT and 0 < place.message <= _BIGINT):
        raise Invalid(_("The cursor is damaged."), fields={"cursor": ""})
    return place
