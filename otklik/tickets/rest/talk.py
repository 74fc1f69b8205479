"""All talk with one person by REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.rest.shapes import PageQuery, actor_of, get_row
from otklik.people import policy
from otklik.people.looks import REST_PERSON, note_look
from otklik.people.models import Person
from otklik.people.queries import find_present
from otklik.tickets.models import Message, Ticket
from otklik.tickets.queries.talk_of_person import Asked, get_talk_of_person

router = Router(tags=["people"])


class SaidOut(Schema):
    message: int
    ticket: int = Field(description="The ticket's number")
    subject: str
    kind: str = Field(description="public or note")
    direction: str = Field(description="in, out or internal")
    channel: str
    author: int | None = Field(description="A person's id")
    author_kind: str
    text: str = Field(description="What is new in it, at most 4,000 characters")
    files: int
    at: datetime


class TalkPage(Schema):
    items: list[SaidOut]
    next: str
    is_cut: bool = Field(description="A search read the newest two thousand messages and no more")


class TalkQuery(PageQuery):
    channel: str = Field("", max_length=30)
    ticket: int | None = Field(None, description="A ticket's number")
    what: Literal["", "in", "out", "note"] = ""
    q: str = Field("", max_length=200, description="Words that all stand in the message")


@router.get("/people/{int:pk}/messages", response=TalkPage, summary="All talk with a person")
def messages(request: HttpRequest, pk: int, query: Query[TalkQuery]) -> dict[str, Any]:
    """Of all their tickets that one may see, newest first, notes too. For staff."""
    actor = actor_of(request)
    if not policy.can_see_people(actor):
        raise Missing("")
    person = find_present(get_row(Person.objects.visible_to(actor), pk))
    note_look(actor, person.pk, REST_PERSON)
    ticket_id = None
    if query.ticket is not None:
        rows = Ticket.objects.visible_to(actor).filter(requester=person)
        found = rows.filter(number=query.ticket).first() if 0 < query.ticket < 2**63 else None
        if found is None:
            raise Missing("")
        ticket_id = found.pk
    asked = Asked(channel=query.channel, ticket_id=ticket_id, what=query.what, words=query.q)
    talk = get_talk_of_person(actor, person.pk, asked, cursor=query.cursor, size=query.limit)
    return {
        "items": [_show(row, talk.tickets[row.ticket_id]) for row in talk.messages],
        "next": talk.next,
        "is_cut": talk.is_cut,
    }


def _show(row: Message, ticket: Ticket) -> dict[str, Any]:
    return {
        "message": row.pk,
        "ticket": ticket.number,
        "subject": ticket.subject,
        "kind": row.kind,
        "direction": row.direction,
        "channel": row.channel,
        "author": row.author_id,
        "author_kind": row.author_kind,
        "text": (row.body.reply_text or row.body.text)[:4000],
        "files": len(row.attachments.all()),
        "at": row.created_at,
    }
