"""Putting a ticket off and bringing it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.tickets import actions
from otklik.tickets.models import Ticket
from otklik.workspace.moments import chosen_moment, earliest_moment, offer_moments
from otklik.workspace.queries.later import snoozed_words
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.shell import ask_in_dialog
from otklik.workspace.web.staff import actor_of, staff_view


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
        "presets": offer_moments(ticket.brand.calendar, now=now),
        "until": snoozed_words(ticket),
        "earliest": earliest_moment(now),
        "own": request.POST.get("at", ""),
    }
    return ask_in_dialog(request, "snooze", context, refusal=refusal)


def _until(request: HttpRequest, ticket: Ticket) -> datetime | None:
    if request.POST.get("until", "") == "answer":
        return None
    return chosen_moment(request.POST, ticket.brand.calendar)
