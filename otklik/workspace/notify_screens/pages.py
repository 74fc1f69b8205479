"""The list of what one is told of: a page, a panel below the bell, the live part, read marks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.kit.numbers import whole_number
from otklik.notify.actions import read_all, read_notifications, read_thing, see_notifications
from otklik.notify.queries import group_notices, list_notifications, show_notices
from otklik.workspace.notify_screens.bell import bell_of, newest_notices
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, is_fragment, staff_view

_ON_PAGE = 50
_IN_PANEL = 20
_MOST_ID = 2**63 - 1


@staff_view()
def index(request: HttpRequest) -> HttpResponse:
    """``?all`` shows what was read, too; ``?before=<id>`` goes on from there. Asked for as
    ``notices-panel`` it is the panel."""
    if _is_panel(request):
        return render(request, "workspace/notices/panel.html", _listed(request, _IN_PANEL))
    if is_fragment(request) and request.headers.get("HX-Target") == "notices-list":
        return render(request, "workspace/notices/list.html", _listed(request, _ON_PAGE))
    context = shell_context(request) | _listed(request, _ON_PAGE)
    return render(request, "workspace/notices/index.html", context)


@staff_view()
def latest(request: HttpRequest) -> HttpResponse:
    context = {"bell": bell_of(request), "notices": newest_notices(request)}
    return render(request, "workspace/notices/latest.html", context)


@staff_view("POST")
def reading(request: HttpRequest) -> HttpResponseBase:
    """Read: one ``thing`` (``ticket:42``), one ``notification``, or all ``up_to`` an id."""
    actor = actor_of(request)
    kind, _colon, ident = request.POST.get("thing", "").partition(":")
    thing_id, up_to = whole_number(ident), whole_number(request.POST.get("up_to"))
    one = whole_number(request.POST.get("notification"))
    if thing_id:
        read_thing(actor, kind[:20], min(thing_id, _MOST_ID))
    elif one:
        read_notifications(actor, [min(one, _MOST_ID)])
    elif up_to:
        read_all(actor, up_to=min(up_to, _MOST_ID))
    return _answer(request)


@staff_view("POST")
def seeing(request: HttpRequest) -> HttpResponseBase:
    """The list was open: nothing in it is new any more."""
    up_to = whole_number(request.POST.get("up_to"))
    if up_to:
        see_notifications(actor_of(request), up_to=min(up_to, _MOST_ID))
    return HttpResponse(status=204)


def _answer(request: HttpRequest) -> HttpResponseBase:
    if not is_fragment(request):
        return redirect(reverse("notify_screens:index"))
    if _is_panel(request):
        return render(request, "workspace/notices/panel.html", _listed(request, _IN_PANEL))
    return HttpResponse(status=204)


def _is_panel(request: HttpRequest) -> bool:
    return is_fragment(request) and request.headers.get("HX-Target") == "notices-panel"


def _listed(request: HttpRequest, size: int) -> dict[str, Any]:
    actor = actor_of(request)
    is_all = "all" in request.GET
    rows = list_notifications(actor, is_unread=not is_all)
    before = whole_number(request.GET.get("before")) or 0
    if 0 < before <= _MOST_ID:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: size + 1])
    notices = show_notices(actor, found[:size])
    return {
        "groups": group_notices(notices),
        "is_all": is_all,
        "next": found[size - 1].pk if len(found) > size else 0,
        "newest": found[0].pk if found else 0,
        "bell": bell_of(request),
        "title": _("Notifications"),
    }
