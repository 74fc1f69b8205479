"""The inbox: lists, filters, search."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from otklik.kit.numbers import whole_number
from otklik.tickets import permissions
from otklik.workspace.queries.asking import ask
from otklik.workspace.queries.navigation import list_navigation
from otklik.workspace.web.listing import list_address, list_context
from otklik.workspace.web.shell import nav_address, shell_context
from otklik.workspace.web.staff import actor_of, is_fragment, staff_view

_PARTS = {
    "rows": "workspace/parts/rows.html",
    "more": "workspace/parts/more.html",
    "list": "workspace/parts/list.html",
    "board": "workspace/parts/board.html",
    "calendar": "workspace/parts/calendar.html",
}


def root(request: HttpRequest) -> HttpResponseBase:
    """Agents go to their inbox, customers to the portal, everybody else to the sign-in."""
    if not request.user.is_authenticated:
        return redirect("people:sign_in")
    return redirect("workspace:inbox" if actor_of(request).is_staff else "portal:home")


@staff_view()
def inbox(request: HttpRequest) -> HttpResponse:
    asked = ask(actor_of(request), request.GET)
    target = request.headers.get("HX-Target", "")
    if is_fragment(request) and target == "nav-lists":
        lists = list_address(asked)
        here = request.GET.get("here", asked.current)
        if "here" in request.GET:
            lists["nav_query"] = nav_address(here)
        lists["navigation"] = list_navigation(actor_of(request), here)
        return render(request, "workspace/parts/nav_lists.html", lists)
    context = list_context(request, asked, current=whole_number(request.GET.get("open")))
    status = 422 if asked.problem else 200
    if target in ("board", "calendar") and context.get(target) is None:
        target = "list"
    if is_fragment(request) and target in _PARTS:
        context["may_bulk"] = actor_of(request).can(permissions.BULK)
        context["may_take"] = actor_of(request).can(permissions.ASSIGN)
        name = _PARTS[target]
        if target == "rows" and context["table_head"] is not None:
            name = "workspace/parts/table_body.html"
        return render(request, name, context, status=status)
    context |= shell_context(request, asked.current)
    return render(request, "workspace/inbox.html", context, status=status)
