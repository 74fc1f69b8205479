"""The ticket page, whole or in the pieces that refresh themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from otklik.core.access import Actor
from otklik.kit.numbers import whole_number
from otklik.people.looks import TICKET_PAGE, note_look
from otklik.people.permissions import ERASE
from otklik.tickets.checklists import list_offered
from otklik.tickets.models import Ticket
from otklik.tickets.permissions import CHANGE, NOTE
from otklik.tickets.queries.timeline import find_window
from otklik.workspace.queries import ticket_page
from otklik.workspace.queries.asking import ask_behind
from otklik.workspace.queries.beside import find_beside
from otklik.workspace.queries.custom import controls_of
from otklik.workspace.queries.person_card import get_person_card
from otklik.workspace.queries.talk import get_talk
from otklik.workspace.queries.undone_words import is_split_undone
from otklik.workspace.web.composing import KINDS, composer_context, composer_piece
from otklik.workspace.web.listing import list_address
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, is_fragment, staff_view

_PARTS = {
    "ticket-head": "workspace/parts/head.html",
    "timeline": "workspace/parts/timeline.html",
    "properties": "workspace/parts/properties.html",
    "company": "workspace/parts/company.html",
}
# What the scripts know by other names: portraits and banner of who else is here.
_NAMES = {"presence": "company", "collision": "company"}


_OWN = (
    "whole",
    "write",
    "merged",
    "only",
    "thread",
    "forward",
    "from",
    "message",
)  # of an address what is the ticket's, not its list's


@staff_view()
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    actor = actor_of(request)
    found = ticket_page.get_ticket(actor, number)
    if found.merged_into is not None:
        return lead_on(request, actor, found)
    note_look(actor, found.requester_id, TICKET_PAGE, found.pk)
    asked = request.headers.get("HX-Target", "").split()
    if is_fragment(request) and asked == ["composer"]:
        return composer_piece(request, actor, found)
    parts = list(dict.fromkeys(_NAMES.get(name, name) for name in asked))
    if is_fragment(request) and parts and set(parts) <= _PARTS.keys():
        return HttpResponse(show_parts(request, actor, found, parts))
    context = page_context(request, actor, found)
    if is_fragment(request):
        return render(request, "workspace/parts/swap.html", context)
    behind = ask_behind(actor, request.GET)
    context |= list_address(behind)
    context |= shell_context(request, behind.current)
    return render(request, "workspace/ticket.html", context)


def lead_on(request: HttpRequest, actor: Actor, merged: Ticket) -> HttpResponse:
    """A merged ticket is read where it went; a line there says so. Who may not see that one is
    told where it is."""
    assert merged.merged_into is not None
    if not Ticket.objects.visible_to(actor).filter(pk=merged.merged_into.pk).exists():
        if is_fragment(request):
            return HttpResponse(status=204, headers={"HX-Redirect": request.path})
        context = {"ticket": merged, **shell_context(request)}
        return render(request, "workspace/merged_away.html", context)
    query = request.GET.copy()
    query["merged"] = str(merged.number)
    address = reverse("workspace:ticket", args=[merged.merged_into.number])
    address = f"{address}?{query.urlencode()}"
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def show_parts(request: HttpRequest, actor: Actor, found: Ticket, parts: Sequence[str]) -> str:
    """One piece, or several that a page shows together: they come in one answer."""
    context: dict[str, Any] = {}
    for part in parts:
        context |= part_context(request, actor, found, part)
    if len(parts) > 1:  # masked with 32 random letters: once for all of them
        context["csrf_token"] = get_token(request)
    if "ticket-head" in parts and "properties" not in parts:
        context["is_followed"] = ticket_page.is_followed(actor, found)
    shown = (render_to_string(_PARTS[part], context, request) for part in parts)
    return "\n".join(shown)


def part_context(request: HttpRequest, actor: Actor, found: Ticket, part: str) -> dict[str, Any]:
    base: dict[str, Any] = {"ticket": found, "whole": is_whole(request)}
    base["may_hold"] = actor.can(ERASE)
    base |= {"may_note": actor.can(NOTE), "me_id": actor.person_id}
    base["may_reshape"] = actor.can(CHANGE)
    if part == "ticket-head":
        beside = find_beside(actor, found)
        base |= {"pins": beside.pins, "reminders": beside.reminders}
        base["progress"] = beside.progress
        led = {"list_url": _list_url(request), **led_from(request, found)}
        return base | ticket_page.get_header(found) | led
    if part == "company":
        return base
    if part == "timeline":
        first = first_shown(request, actor, found)
        beside = find_beside(actor, found)
        return base | {
            "talk": get_talk(actor, found, whole=is_whole(request), first=first),
            "first": first,
            "waiting": beside.waiting,
            "given": beside.given,
            "drafts": ticket_page.draft_versions(actor, found),
        }
    properties = ticket_page.get_properties(actor, found)
    beside = find_beside(actor, found)
    return base | {
        "properties": properties,
        "is_followed": properties.is_followed,
        "checklists": beside.checklists,
        "offered": list_offered(found),
        "controls": controls_of(actor, found),
        "values_url": f"/tickets/{found.number}/custom/",
        "may_fill": actor.can(CHANGE),
        "in_place": True,
        "card": get_person_card(actor, found),
        "guests": beside.guests,
        "script_runs": beside.script_runs,
    }


def page_context(request: HttpRequest, actor: Actor, found: Ticket) -> dict[str, Any]:
    """Everything: header, timeline, properties and the composer."""
    context: dict[str, Any] = {}
    for part in ("ticket-head", "timeline", "properties"):
        context |= part_context(request, actor, found, part)
    kind = request.GET.get("write", "")
    seen = context["talk"].last_message_id
    wanted = kind if kind in KINDS else ""
    people = context["properties"].participants
    context |= composer_context(request, actor, found, seen, kind=wanted, participants=people)
    context["first_unread"] = ticket_page.find_first_unread(actor, found)
    return context


def led_from(request: HttpRequest, found: Ticket) -> dict[str, Any]:
    """The number whose address led here, when it really is part of this ticket, and whether it is
    so because it was split off once and that is undone."""
    number = whole_number(request.GET.get("merged"))
    if number is None:
        return {}
    part = Ticket.objects.filter(number=number, merged_into=found).only("pk").first()
    if part is None:
        return {}
    return {"led_from": number, "is_led_back": is_split_undone(part.pk)}


def first_shown(request: HttpRequest, actor: Actor, found: Ticket) -> int | None:
    """The message that a long talk is shown from (``from``), or some before one that an address
    leads to (``message``); for a piece, as the page it belongs to has it. None: the latest."""
    asked = request.GET
    if is_fragment(request) and not asked.keys() & {"from", "message"}:
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        is_own = shown.path == reverse("workspace:ticket", args=[found.number])
        asked = QueryDict(shown.query[:4000]) if is_own else asked
    if message := whole_number(asked.get("message")):
        return find_window(actor, found, message) or None
    first = whole_number(asked.get("from"))
    return first if first is not None and 0 < first < 1 << 63 else None


def is_whole(request: HttpRequest) -> bool:
    return request.GET.get("whole") == "1"


def _list_url(request: HttpRequest) -> str:
    """Back to the list it was opened from: by its own address, or by the page's a piece is for."""
    kept = _without_own(request.GET)
    if not kept and is_fragment(request):
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        kept = _without_own(QueryDict(shown.query[:4000])) if "/tickets/" in shown.path else kept
    return f"/tickets/?{kept.urlencode()}" if kept else "/tickets/"


def _without_own(query: QueryDict) -> QueryDict:
    kept = query.copy()
    for name in _OWN:
        kept.pop(name, None)
    return kept
