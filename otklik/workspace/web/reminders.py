"""Reminders: those of a ticket, and one's own of all tickets."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Invalid
from otklik.tickets import actions
from otklik.tickets.models import Reminder
from otklik.tickets.snoozing import find_preset
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.moments import chosen_moment, earliest_moment, offer_moments
from otklik.workspace.queries.later import list_own_reminders, reminders_in
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.shell import ask_in_dialog, shell_context
from otklik.workspace.web.staff import (
    actor_of,
    go_back,
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
        at = chosen_moment(request.POST, ticket.brand.calendar)
        note = request.POST.get("note", "")
        made = actions.set_reminder(actor_of(request), ticket, at, note=note)
    except Invalid as refused:
        return _ask(request, number, refusal=str(refused))
    words = _("Reminder: %(time)s") % {"time": moment_words(timezone.localtime(made.due_at))}
    return changed(request, number, words, closeDialog={})


def _ask(request: HttpRequest, number: int, *, refusal: str = "") -> HttpResponseBase:
    ticket, now = get_ticket(actor_of(request), number), timezone.now()
    context: dict[str, Any] = {
        "ticket": ticket,
        "presets": offer_moments(ticket.brand.calendar, now=now),
        "reminders": reminders_in(ticket.pk, actor_of(request).person_id or 0),
        "earliest": earliest_moment(now),
        "given": request.POST,
    }
    return ask_in_dialog(request, "remind", context, refusal=refusal)
