"""What every agents' page has around its content."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.desk.texts import list_languages
from otklik.people.policy import can_see_people
from otklik.tickets import permissions
from otklik.ui import marks
from otklik.workspace.queries.navigation import list_navigation
from otklik.workspace.settings_screens.sections import may_open_settings
from otklik.workspace.web.staff import actor_of, is_fragment


def show_piece(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """``parts/<name>.html`` for a script; without one ``<name>.html``, the page around it."""
    if is_fragment(request):
        return render(request, f"workspace/parts/{name}.html", context, status=status)
    full = context | shell_context(request)
    return render(request, f"workspace/{name}.html", full, status=status)


def ask_in_dialog(
    request: HttpRequest, name: str, context: dict[str, Any], *, refusal: str = ""
) -> HttpResponse:
    """A question in a dialog or on a page of its own; with ``refusal`` once more, in its place."""
    status = 422 if refusal else 200
    response = show_piece(request, name, context | {"refusal": refusal}, status=status)
    return put_into(response, "#dialog") if refusal and is_fragment(request) else response


def put_into(response: HttpResponse, selector: str) -> HttpResponse:
    """A script puts it into this element, whatever it meant to do with the answer."""
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = selector, "innerHTML"
    return response


def nav_address(here: str) -> str:
    """Where the navigation of a page that is no list is drawn anew, with what is current there."""
    return urlencode({"list": "mine", "here": here})


def shell_context(request: HttpRequest, current: str = "") -> dict[str, Any]:
    """Navigation, the person's menu, theme and density."""
    actor, user = actor_of(request), request.user
    return {
        "navigation": list_navigation(actor, current),
        "nav_here": nav_address(current),
        "current_list": current,
        "me_name": actor.name,
        "me_avatar": marks.avatar(actor.name or "?", actor.person_id),
        "theme": user.theme,  # type: ignore[union-attr]
        "density": user.density,  # type: ignore[union-attr]
        "offers_tour": not user.has_toured,  # type: ignore[union-attr]
        "languages": list_languages(),
        "may_open": actor.can(permissions.OPEN),
        "may_take": actor.can(permissions.ASSIGN),
        "may_bulk": actor.can(permissions.BULK),
        "may_see_people": can_see_people(actor),
        "may_open_settings": may_open_settings(actor),
    }
