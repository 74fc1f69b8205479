"""Find anything, as the palette does: tickets, people, lists, settings, and acts with a value."""

from __future__ import annotations

from html import unescape
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from ninja import Query, Router, Schema
from pydantic import Field

from otklik.core.rest.shapes import actor_of
from otklik.tickets.models import Ticket
from otklik.workspace.palette import Item, find
from otklik.workspace.palette.sources import MAX_QUERY, read_asked

router = Router(tags=["finding"])


class FoundItem(Schema):
    label: str
    detail: str
    url: str = Field(description="A page of the desk; with fields: where a form goes")
    fields: dict[str, str] | None = Field(description="What the form holds; null: the page opens")


class FoundGroup(Schema):
    name: str
    label: str
    creates: bool = Field(description="Would be made anew; below all that there is")
    items: list[FoundItem]


@router.get("/palette", response=list[FoundGroup], summary="Find anything by a few letters")
def palette(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=MAX_QUERY, description="@ people, # tickets, > acts")] = "",
    ticket: Annotated[int | None, Query(ge=1, lt=1 << 63, description="Its number")] = None,
) -> list[dict[str, Any]]:
    """Some of each kind, the best first, within the rights of the token."""
    actor = actor_of(request)
    beside = Ticket.objects.visible_to(actor).filter(number=ticket).first() if ticket else None
    return [
        {
            "name": group.name,
            "label": group.label,
            "creates": group.creates,
            "items": [_shown(item) for item in group.items],
        }
        for group in find(read_asked(actor, q, beside))
    ]


def _shown(item: Item) -> dict[str, Any]:
    is_markup = isinstance(item.label, SafeString)
    label = unescape(strip_tags(item.label)) if is_markup else str(item.label)
    fields = None if item.fields is None else dict(item.fields)
    return {"label": label, "detail": item.detail, "url": item.url, "fields": fields}
