"""The address in a letter at which one asks for no more of its kind, without signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from otklik.core.access import Missing
from otklik.notify.actions import stop_letters
from otklik.notify.letters import read_stop_token
from otklik.notify.topics import find_topic


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """A GET shows a button, for programs open links; a POST acts. Mail programs post by themselves
    (RFC 8058), without our cookies: the signature in the address is what counts."""
    found = read_stop_token(token[:400])
    if found is None:
        raise Missing(_("There is nothing here"))
    person_id, code = found
    if request.method == "POST":
        stop_letters(person_id, code)
    context = {"topic": find_topic(code) if code else None, "is_done": request.method == "POST"}
    return render(request, "notify/stop.html", context)
