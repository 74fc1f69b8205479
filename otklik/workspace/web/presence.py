"""Who else is here: signs in the lists, the text of a colleague who writes at the same time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from otklik.kit.html import sanitise_rich_text
from otklik.people.models import Person
from otklik.workspace.queries.presence import find_text_of, list_signs
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.shell import show_piece
from otklik.workspace.web.staff import actor_of, staff_view


@staff_view()
def signs(request: HttpRequest) -> HttpResponse:
    """For the script of the lists: who is in which ticket."""
    return render(request, "workspace/parts/here.html", {"signs": list_signs(actor_of(request))})


@staff_view()
def text(request: HttpRequest, number: int, person: int) -> HttpResponse:
    """What a colleague writes into this ticket just now, as last kept."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    draft = find_text_of(ticket.pk, person)
    html = sanitise_rich_text(draft.html) if draft is not None else ""
    context = {
        "ticket": ticket,
        "person": Person.objects.get(pk=person),
        "html": mark_safe(html),  # noqa: S308 - cleaned by the line above
        "draft": draft,
    }
    return show_piece(request, "their_text", context)
