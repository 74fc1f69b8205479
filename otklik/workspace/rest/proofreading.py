"""`/tickets/{number}/messages/check`: what would be pointed out before a reply leaves."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from otklik.core.rest.shapes import Strict, actor_of, demand
from otklik.kit.html import sanitise_rich_text, text_to_html
from otklik.tickets import permissions
from otklik.tickets.actions import take_uploads
from otklik.tickets.contract import MAX_RECIPIENTS
from otklik.tickets.rest.found import get_ticket
from otklik.workspace.proofreading import check_reply

router = Router(tags=["messages"])

Text = Annotated[str, Field(max_length=1_000_000)]
Addresses = Annotated[list[Annotated[str, Field(max_length=320)]], Field(max_length=MAX_RECIPIENTS)]


class CheckIn(Strict):
    text: Text = ""
    html: Text = ""
    to: Addresses = []
    cc: Addresses = []
    uploads: list[str] = Field([], max_length=50)
    is_side: bool = Field(False, description="To a third party, who asked nothing")


class ReplyFindingOut(Schema):
    check: str = Field(description="question, attachment, link, name, gap, harsh")
    words: str
    quote: str
    start: int = Field(description="In the plain text of the reply; -1: no place of its own")
    end: int


class CheckedOut(Schema):
    findings: list[ReplyFindingOut]


@router.post(
    "/tickets/{int:number}/messages/check", response=CheckedOut, summary="Look over a reply"
)
def check(request: HttpRequest, number: int, data: CheckIn) -> dict[str, Any]:
    """Sends nothing. Only the checks that are switched on speak (`replies.check_…` in settings)."""
    ticket = get_ticket(request, number)
    demand(request, permissions.REPLY)
    files = take_uploads(actor_of(request), data.uploads)
    markup = data.html if data.html.strip() else text_to_html(data.text)
    html = sanitise_rich_text(markup, image_url=lambda address: address)
    found = check_reply(
        ticket, html=html, files=len(files), addresses=[*data.to, *data.cc], aside=data.is_side
    )
    return {
        "findings": [
            {
                "check": one.check,
                "words": one.words(),
                "quote": one.quote,
                "start": one.start,
                "end": one.end,
            }
            for one in found
        ]
    }
