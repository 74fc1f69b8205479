"""What every agents' page has around its content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from otklik.desk.texts import list_languages
from otklik.tickets import permissions
from otklik.ui import marks
from otklik.workspace.queries.navigation import list_navigation
from otklik.workspace.settings_screens.sections import may_open_settings
from otklik.workspace.web.staff import actor_of


def shell_context(request: HttpRequest, current: str = "") -> dict[str, Any]:
    """Navigation, the person's menu, theme and density."""
    actor, user = actor_of(request), request.user
    return {
        "navigation": list_navigation(actor, current),
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
        "may_see_people": actor.can("people.view"),
        "may_open_settings": may_open_settings(actor),
    }
