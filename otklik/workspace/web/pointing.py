"""What the checks found in a reply, shown once before it goes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.kit.html import sanitise_rich_text, text_to_html
from otklik.tickets.contract import MAX_RECIPIENTS
from otklik.tickets.models import Ticket
from otklik.workspace.proofreading import Finding, check_reply
from otklik.workspace.web.again import again
from otklik.workspace.web.shell import put_into

_MOST_SEEN = 50


def find_unseen(request: HttpRequest, ticket: Ticket) -> list[Finding]:
    """What is to be pointed out in the reply that was posted; none when all of it was seen."""
    given = request.POST
    if given.get("kind") == "note":
        return []
    typed = given.get("html", "")
    markup = typed if given.get("rich") == "1" else text_to_html(typed)
    html = sanitise_rich_text(markup, image_url=lambda address: address)
    addresses = [*given.getlist("to"), *given.getlist("cc")][:MAX_RECIPIENTS]
    found = check_reply(
        ticket,
        html=html,
        files=len(given.getlist("uploads")),
        addresses=addresses,
        aside=given.get("kind") == "side",
    )
    seen = set(given.getlist("checked")[:_MOST_SEEN])
    return found if any(one.key not in seen for one in found) else []


def point_out(request: HttpRequest, found: list[Finding]) -> HttpResponse:
    """Above the composer. The same send again, by key or button, sends."""
    context = {"found": found, "again": again(request)}
    response = render(request, "workspace/parts/pointed_out.html", context, status=422)
    return put_into(response, "#composer-notice")
