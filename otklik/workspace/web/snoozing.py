"""Putting a ticket off and bringing it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.tickets import actions
from otklik.tickets.models import Ticket
from otklik.tickets.snoozing import find_preset, list_presets, read_moment
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.queries.later import snoozed_words
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, is_fragment, staff_view


@staff_view("GET", "HEAD", "POST")
def snooze(request: HttpRequest, number: int) -> HttpResponseBase:
    """GET asks until when, POST puts off; ``until`` is a preset, "answer" or a date and time."""
    if request.method == "POST":
        answer: HttpResponseBase = _snooze(request, number)
        return answer
    return _ask(request, number)


@ticket_change
def _snooze(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    if request.POST.get("value") == "off":
        actions.wake_ticket(actor, ticket)
        words = _("№ %(number)d is back in its lists") % {"number": number}
        return changed(request, number, words, closeDialog={})
    try:
        ticket = actions.snooze_ticket(actor, ticket, _until(request, ticket))
    except Invalid as refused:
        return _ask(request, number, refusal=str(refused))
    words = _("№ %(number)d is snoozed: %(until)s") % {
        "number": number,
        "until": snoozed_words(ticket),
    }
    gone: dict[str, Any] = {"ticket:solved": {"id": ticket.pk}, "closeDialog": {}}
    return changed(request, number, words, **gone)


def _ask(request: HttpRequest, number: int, *, refusal: str = "") -> HttpResponseBase:
    ticket = get_ticket(actor_of(request), number)
    now = timezone.now()
    context = {
        "ticket": ticket,
        "presets": [
            (each.code, each.label, moment_words(timezone.localtime(each.at)))
            for each in list_presets(ticket.brand.calendar, now=now)
        ],
        "until": snoozed_words(ticket),
        "earliest": f"{timezone.localtime(now):%Y-%m-%dT%H:%M}",
        "own": request.POST.get("at", ""),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    if not is_fragment(request):
        full = context | shell_context(request)
        return render(request, "workspace/snooze.html", full, status=status)
    response = render(request, "workspace/parts/snooze.html", context, status=status)
    if refusal:
        response.headers["HX-Retarget"] = "#dialog"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _until(request: HttpRequest, ticket: Ticket) -> datetime | None:
    code = request.POST.get("until", "")
    if code == "answer":
        return None
    if code in ("", "own"):
        return read_moment(request.POST.get("at", ""))
    return find_preset(code, ticket.brand.calendar)
