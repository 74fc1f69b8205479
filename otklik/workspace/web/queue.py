"""Give me the next: the most urgent ticket one may take, opened at once."""

from __future__ import annotations

import json
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.access import ActionError
from otklik.tickets.actions import take_next
from otklik.ui.toasts import with_toast
from otklik.workspace.web.staff import (
    actor_of,
    add_trigger,
    is_fragment,
    last_operation,
    staff_view,
    undo_url,
)

_TWICE = timedelta(seconds=3)


@staff_view("POST")
def take(request: HttpRequest) -> HttpResponseBase:
    """Open what was taken; who gets nothing stays where they are and is told why."""
    actor = actor_of(request)
    before = last_operation(actor)
    try:
        # A script lets go of the second click; a plain form may come twice.
        ticket = take_next(actor, again_within=None if is_fragment(request) else _TWICE)
    except ActionError as refused:
        return _stay(request, str(refused))
    if ticket is None:
        return _stay(request, _("Nobody waits for you now. New requests appear by themselves."))
    url = reverse("workspace:ticket", args=[ticket.number]) + "?list=mine"
    words = _("№ %(number)d is yours") % {"number": ticket.number}
    undo = undo_url(actor, before)
    if not is_fragment(request):
        return with_toast(request, redirect(url), words, undo=undo)
    response = HttpResponse(status=204)
    place = {"path": url, "target": "#main", "swap": "innerHTML show:none"}
    response.headers["HX-Location"] = json.dumps(place)
    add_trigger(response, **{"inbox:changed": {}})
    return with_toast(request, response, words, undo=undo)


def _stay(request: HttpRequest, words: str) -> HttpResponseBase:
    if is_fragment(request):
        return with_toast(request, HttpResponse(status=204), words)
    return with_toast(request, redirect("workspace:inbox"), words)
