"""What one is told of: the list, its count, what was seen and read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Invalid
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import Id, PageQuery, Strict, actor_of
from otklik.notify.actions import read_all, read_notifications, read_thing, see_notifications
from otklik.notify.hearers import own_person
from otklik.notify.queries import MOST_UNREAD, count_unread, list_notifications, show_notices

router = Router(tags=["notifications"])


class NotificationOut(Schema):
    id: int
    topic: str
    line: str = Field(description="What happened, in the language of the token's owner")
    who: str
    thing: str = Field(description="What it is about, such as ticket:42")
    name: str = Field(description="The thing's name without personal text, such as № 4812")
    title: str
    excerpt: str
    url: str = Field(description="A path on this desk")
    created_at: datetime
    is_seen: bool
    is_read: bool


class NotificationPage(Schema):
    items: list[NotificationOut]
    next: str


class UnreadOut(Schema):
    unread: int = Field(description=f"At most {MOST_UNREAD + 1}: then there are more")


class ReadIn(Strict):
    """One of: ids, a thing, everything up to an id."""

    ids: Annotated[list[Id], Field(max_length=200)] | None = None
    thing: Annotated[str, Field(pattern=r"^[a-z_]{1,20}:[0-9]{1,18}$")] | None = None
    up_to: Id | None = None


class SeenIn(Strict):
    up_to: Id


class ReadQuery(PageQuery):
    unread: bool = False


@router.get("/me/notifications", response=NotificationPage, summary="What I am told of")
def notifications(request: HttpRequest, query: Query[ReadQuery]) -> dict[str, Any]:
    """Newest first; things that may no longer be seen are left out."""
    actor = actor_of(request)
    own_person(actor)
    rows = list_notifications(actor, is_unread=query.unread).order_by()
    page = page_by_id(rows, lambda row: row, cursor=query.cursor, limit=query.limit)
    shown = [
        {
            "id": notice.id,
            "topic": notice.topic,
            "line": notice.line,
            "who": notice.who,
            "thing": notice.thing,
            "name": notice.shown.name,
            "title": notice.shown.title,
            "excerpt": notice.shown.excerpt,
            "url": notice.shown.url,
            "created_at": notice.created_at,
            "is_seen": notice.is_seen,
            "is_read": notice.is_read,
        }
        for notice in show_notices(actor, page["items"])
    ]
    return {"items": shown, "next": page["next"]}


@router.get("/me/notifications/count", response=UnreadOut, summary="How many are unread")
def count(request: HttpRequest) -> dict[str, int]:
    actor = actor_of(request)
    own_person(actor)
    return {"unread": count_unread(actor)}


@router.post("/me/notifications/reading", response=UnreadOut, summary="Mark as read")
def reading(request: HttpRequest, data: ReadIn) -> dict[str, int]:
    """Answers with how many are unread now."""
    actor = actor_of(request)
    own_person(actor)
    if sum(value is not None for value in (data.ids, data.thing, data.up_to)) != 1:
        raise Invalid(
            _("Say one of: ids, thing, up_to."), fields={"ids": _("Say one of the three.")}
        )
    if data.ids is not None:
        read_notifications(actor, data.ids)
    elif data.thing is not None:
        kind, _colon, ident = data.thing.partition(":")
        read_thing(actor, kind, int(ident))
    elif data.up_to is not None:
        read_all(actor, up_to=data.up_to)
    return {"unread": count_unread(actor)}


@router.post("/me/notifications/seeing", response={204: None}, summary="Mark as seen")
def seeing(request: HttpRequest, data: SeenIn) -> Status[None]:
    """What was in the list that was open is no longer new; it stays unread."""
    see_notifications(actor_of(request), up_to=data.up_to)
    return Status(204, None)
