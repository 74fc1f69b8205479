"""The palette: a dialog over every page, and a page of its own without scripts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.kit.numbers import whole_number
from otklik.tickets.models import Ticket
from otklik.workspace.palette.sources import find, read_asked
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, is_fragment, staff_view


@staff_view()
def palette(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    number = whole_number(request.GET.get("ticket"))
    ticket = Ticket.objects.visible_to(actor).filter(number=number).first() if number else None
    asked = read_asked(actor, request.GET.get("q", ""), ticket)
    context = {"groups": find(asked), "asked": asked, "typed": request.GET.get("q", "")[:200]}
    if is_fragment(request):
        return render(request, "workspace/parts/palette_results.html", context)
    return render(request, "workspace/palette.html", context | shell_context(request))
