"""The bell, on every page of agents, whichever layout it has."""

from __future__ import annotations

from typing import Any

from django import template

from otklik.workspace.notify_screens.bell import bell_of

register = template.Library()


@register.inclusion_tag("workspace/notices/bell.html", takes_context=True)
def bell(context: dict[str, Any]) -> dict[str, Any]:
    request = context["request"]
    return {"bell": bell_of(request), "is_current": request.path == "/notifications/"}


@register.inclusion_tag("workspace/notices/tab.html", takes_context=True)
def bell_tab(context: dict[str, Any]) -> dict[str, Any]:
    request = context["request"]
    return {"bell": bell_of(request), "is_current": request.path == "/notifications/"}


@register.inclusion_tag("workspace/notices/latest.html", takes_context=True)
def latest_notices(context: dict[str, Any]) -> dict[str, Any]:
    """The live part. A page that is drawn shows no toasts: it is as new as its counts."""
    return {"bell": bell_of(context["request"]), "notices": []}
