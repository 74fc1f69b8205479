"""Help pages, and the tour."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from otklik.people.actions import change_preferences
from otklik.workspace.help import find_topic, list_topics
from otklik.workspace.help.tour import STEPS
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, is_fragment, signed_in, staff_view


@staff_view()
def index(request: HttpRequest) -> HttpResponse:
    context = {"topics": list_topics()} | shell_context(request)
    return render(request, "workspace/help.html", context)


@staff_view()
def topic(request: HttpRequest, code: str) -> HttpResponse:
    """A dialog beside what it speaks of; a page of its own without scripts."""
    found = find_topic(code)
    if found is None:
        raise Http404
    if is_fragment(request):
        return render(request, "workspace/parts/help_topic.html", {"topic": found})
    context = {"topics": [found]} | shell_context(request)
    return render(request, "workspace/help.html", context)


@staff_view("GET", "HEAD", "POST")
def tour(request: HttpRequest) -> HttpResponseBase:
    """GET: the steps, as the tour asks for them. POST: this one has seen or left it."""
    if request.method == "POST":
        change_preferences(actor_of(request), signed_in(request), has_toured=True)
        return HttpResponse(status=204) if is_fragment(request) else redirect("workspace:inbox")
    if is_fragment(request):
        return render(request, "workspace/parts/tour.html", {"steps": STEPS})
    return redirect("workspace:help")
