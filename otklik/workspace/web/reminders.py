"""Reminders: those of a ticket, and one's own of all tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Invalid
from otklik.tickets import actions
from otklik.tickets.models import Reminder, Ticket
from otklik.tickets.snoozing import find_preset, list_presets, read_moment
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.queries.later import list_own_reminders, reminders_in
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import (
    actor_of,
    go_back,
    is_fragment,
    last_operation,
    staff_view,
    undo_url,
)


@staff_view()
def own(request: HttpRequest) -> HttpResponseBase:
    """Everything one wants to be reminded of."""
    context = list_own_reminders(actor_of(request)) | shell_context(request, "reminders")
    return render(request, "workspace/reminders.html", context)


@staff_view("GET", "HEAD", "POST")
def of_ticket(request: HttpRequest, number: int) -> HttpResponseBase:
    """GET asks when and of what; POST sets it."""
    if request.method == "POST":
        answer: HttpResponseBase = _set(request, number)
        return answer
    return _ask(request, number)


@staff_view("POST")
def one(request: HttpRequest, reminder: int) -> HttpResponseBase:
    """``value``: seen, dropped, or a preset to be reminded again."""
    actor = actor_of(request)
    rows = Reminder.objects.visible_to(actor).select_related("ticket__brand__calendar")
    found = get_object_or_404(rows, pk=reminder)
    value, before = request.POST.get("value", ""), last_operation(actor)
    words, undo = "", ""
    try:
        if value == "seen":
            actions.see_reminder(actor, found)
        elif value == "dropped":
            actions.drop_reminder(actor, found)
            words, undo = _("Reminder dropped"), undo_url(actor, before)
        else:
            at = find_preset(value, found.ticket.brand.calendar)
            actions.change_reminder(actor, found, at=at)
            words = _("Reminder: %(time)s") % {"time": moment_words(timezone.localtime(at))}
    except ActionError as refused:
        words = str(refused)
    back = reverse("workspace:ticket", args=[found.ticket.number])
    if request.POST.get("next") == "list":
        back = reverse("workspace:reminders")
    return go_back(request, back, words, undo=undo, **{"inbox:changed": {}, "ticket:changed": {}})


@ticket_change
def _set(request: HttpRequest, number: int) -> HttpResponseBase:
    ticket = get_ticket(actor_of(request), number)
    try:
        made = actions.set_reminder(
            actor_of(request), ticket, _at(request, ticket), note=request.POST.get("note", "")
        )
    except Invalid as refused:
        return _ask(request, number, refusal=str(refused))
    words = _("Reminder: %(time)s") % {"time": moment_words(timezone.localtime(made.due_at))}
    return changed(request, number, words, closeDialog={})


def _ask(request: HttpRequest, number: int, *, refusal: str = "") -> HttpResponseBase:
    ticket, now = get_ticket(actor_of(request), number), timezone.now()
    context: dict[str, Any] = {
        "ticket": ticket,
        "presets": [
            (each.code, each.label, moment_words(timezone.localtime(each.at)))
            for each in list_presets(ticket.brand.calendar, now=now)
        ],
        "reminders": reminders_in(ticket.pk, actor_of(request).person_id or 0),
        "earliest": f"{timezone.localtime(now):%Y-%m-%dT%H:%M}",
        "given": request.POST,
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    if not is_fragment(request):
        full = context | shell_context(request)
        return render(request, "workspace/remind.html", full, status=status)
    response = render(request, "workspace/parts/remind.html", context, status=status)
    if refusal:
        response.headers["HX-Retarget"] = "#dialog"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _at(request: HttpRequest, ticket: Ticket) -> datetime:
    code = request.POST.get("until", "")
    if code in ("", "own"):
        return read_moment(request.POST.get("at", ""))
    return find_preset(code, ticket.brand.calendar)
