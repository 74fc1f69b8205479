"""The settings' navigation, also for pages of rooms above that belong there."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from otklik.tickets import permissions
from otklik.workspace.settings_screens.sections import OWN, list_sections

register = template.Library()


@register.inclusion_tag("workspace/settings/nav.html", takes_context=True)
def settings_nav(context: dict[str, Any]) -> dict[str, Any]:
    """On pages of one's own account, its sections; on all others those of the desk."""
    request = context["request"]
    is_own = request.path.startswith(reverse("people_screens:account"))
    groups = [
        (words, code, [(each, each.path()) for each in sections])
        for words, code, sections in list_sections(request.actor)
        if (code == OWN) == is_own
    ]
    # Where we are: the section whose address is the longest beginning of ours.
    paths = [path for _words, _code, lines in groups for _each, path in lines]
    here = context.get("section_path", request.path)
    inside = [path for path in paths if here.startswith(path)]
    return {"groups": groups, "current": max(inside, key=len, default="")}


@register.inclusion_tag("workspace/settings/tabs.html", takes_context=True)
def settings_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """A phone's way out, and back to the list of sections."""
    request = context["request"]
    own = reverse("people_screens:account")
    is_own = request.path.startswith(own)
    index = own if is_own else reverse("settings_screens:index")
    return {
        "request": request,
        "may_open": request.actor.can(permissions.OPEN),
        "is_own": is_own,
        "current": "page" if request.path == index else "true",
    }
