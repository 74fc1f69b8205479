"""Undoing, reading, preferences."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from otklik.core.access import ActionError
from otklik.core.operations.actions import undo_operation
from otklik.core.operations.models import Operation
from otklik.kit.numbers import whole_number
from otklik.people.actions import change_preferences
from otklik.tickets.actions import mark_read
from otklik.tickets.bulk import begin_undo, find_act_of
from otklik.tickets.models import BulkAct, Message
from otklik.ui.toasts import with_toast
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.queries.undone_words import undone_words
from otklik.workspace.web.bulk import AT_ONCE
from otklik.workspace.web.staff import actor_of, add_trigger, is_fragment, signed_in, staff_view

_PREFERENCES = ("language", "theme", "density")


@staff_view("POST")
def undo(request: HttpRequest, operation: int) -> HttpResponseBase:
    found = get_object_or_404(Operation, pk=operation)
    act = find_act_of(found)
    if act is not None and found.undone_at is None and act.total > AT_ONCE:
        # A small one is undone while one waits.
        return _undo_act(request, act)
    try:
        undone = undo_operation(actor_of(request), found)
    except ActionError as refused:
        return _told(request, str(refused))
    return _told(request, undone_words(undone))


def _undo_act(request: HttpRequest, act: BulkAct) -> HttpResponseBase:
    """What changed many is taken back in the background, with a report of its own."""
    try:
        begun = begin_undo(actor_of(request), act)
    except ActionError as refused:
        return _told(request, str(refused))
    address = reverse("workspace:bulk_act", args=[begun.pk])
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


@staff_view("POST")
def reading(request: HttpRequest, number: int) -> HttpResponse:
    """This one has read up to ``message``; sent by script once the page is seen."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    value = whole_number(request.POST.get("message")) or 0
    # It may have gone to another ticket meanwhile: what stood before it is read all the same.
    seen = Message.objects.filter(ticket=ticket, pk__lte=value).order_by("-pk").first()
    if seen is not None:
        mark_read(actor, ticket, seen)
    return HttpResponse(status=204)


@staff_view("POST")
def preferences(request: HttpRequest) -> HttpResponseBase:
    """Language, theme and density of the one who signs in."""
    changes = {name: request.POST[name] for name in _PREFERENCES if name in request.POST}
    change_preferences(actor_of(request), signed_in(request), **changes)
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect(_way_back(request))


def _told(request: HttpRequest, words: str) -> HttpResponseBase:
    if not is_fragment(request):
        return with_toast(request, redirect(_way_back(request)), words)
    response = add_trigger(HttpResponse(status=204), **{"inbox:changed": {}, "ticket:changed": {}})
    return with_toast(request, response, words)


def _way_back(request: HttpRequest) -> str:
    asked = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if is_ours else "/tickets/"
