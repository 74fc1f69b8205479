"""`/board` and `/calendar`: a list in columns or by days, as the screens show it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from otklik.core.access import Actor
from otklik.core.rest.shapes import Strict, actor_of
from otklik.tickets.checklists import find_progress
from otklik.tickets.queries import Filters, read_filters
from otklik.tickets.queries.kept import within
from otklik.tickets.queries.unread import find_unread
from otklik.tickets.rest.found import tags_by_ticket
from otklik.tickets.rest.shapes import ProgressOut, TicketOut, show_progress, show_ticket
from otklik.workspace.queries.board import get_board
from otklik.workspace.queries.calendar import list_entries

router = Router(tags=["views"])
_LAYOUTS = {"status": "board", "assignee": "people"}


class ListQuery(Strict):
    list: str = Field(
        "any",
        description="any, all, mine, unassigned, team, snoozed, followed, solved, spam, trash",
    )
    q: str = Field("", max_length=300, description="Words to search for")
    query: str = Field("", max_length=1000, description="`status:open team:me priority>=high`")
    view: int | None = Field(None, description="A view's id, narrowed by the rest")


class BoardQuery(ListQuery):
    by: Literal["status", "assignee"] = "status"


class BoardColumnOut(Schema):
    id: int = Field(description="A status, or an agent; 0 is nobody")
    label: str
    count: str = Field(description='"7", "999+"; "7+": there may be more among older ones')
    is_cut: bool = Field(description="There are more than these cards")
    cards: list[TicketOut] = Field(description="The newest of the column")


class BoardOut(Schema):
    columns: list[BoardColumnOut]
    looked_at: int = Field(description="So many of the newest were looked at; 0: all there are")
    is_cut: bool = Field(description="The search looked at its best candidates only")


class CalendarQuery(ListQuery):
    # By its name in an address: "from" is a word of the language this is written in.
    since: date | None = Field(None, description="The first day; today when left out")
    days: int = Field(7, ge=1, le=42)


class DayEntryOut(Schema):
    at: datetime
    kind: Literal["due", "back", "reminder"] = Field(
        description="due; back from being put off; a reminder of one's own"
    )
    words: str = Field(description="The subject, or the note of the reminder")
    ticket: int = Field(description="Its number")
    checklists: ProgressOut | None = Field(
        None, description="How far its checklists are, while items are open"
    )


class DaysOut(Schema):
    items: list[DayEntryOut]
    is_cut: bool = Field(description="There are more than these, or the search was cut")


@router.get("/board", response=BoardOut, summary="A list in columns")
def board(request: HttpRequest, query: Query[BoardQuery]) -> dict[str, Any]:
    """A card is moved by changing the ticket's `status` or `assignee`."""
    actor = actor_of(request)
    found = get_board(actor, _filters(actor, query), _LAYOUTS[query.by], "")
    cards = [ticket for column in found.columns for ticket in column.tickets]
    tags, unread = tags_by_ticket(cards), find_unread(actor, cards)
    return {
        "columns": [
            {
                "id": column.key,
                "label": column.label,
                "count": column.count,
                "is_cut": column.is_cut,
                "cards": [
                    show_ticket(
                        row,
                        tags[row.pk],
                        for_staff=True,
                        progress=found.progress.get(row.pk),
                        is_unread=row.pk in unread,
                    )
                    for row in column.tickets
                ],
            }
            for column in found.columns
        ],
        "looked_at": found.looked_at,
        "is_cut": found.is_cut,
    }


@router.get("/calendar", response=DaysOut, summary="A list by days")
def calendar(request: HttpRequest, query: Query[CalendarQuery]) -> dict[str, Any]:
    """What is due, what comes back and one's own reminders, soonest first."""
    actor = actor_of(request)
    first = query.since or timezone.localdate()
    first = min(max(first, date(1970, 1, 1)), date(2200, 1, 1))
    found = list_entries(actor, _filters(actor, query), "", first=first, days=query.days)
    progress = find_progress({one.ticket.pk for one in found.entries})
    return {
        "items": [
            {
                "at": one.at,
                "kind": one.icon,
                "words": one.words,
                "ticket": one.ticket.number,
                "checklists": show_progress(progress.get(one.ticket.pk)),
            }
            for one in found.entries
        ],
        "is_cut": found.is_cut or found.is_narrowed,
    }


def _filters(actor: Actor, query: ListQuery) -> Filters:
    filters = read_filters(query.dict(), default_list="any")
    return filters if query.view is None else within(actor, filters, query.view)[0]
