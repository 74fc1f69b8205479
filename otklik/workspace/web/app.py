"""The agents' desk as an app that a phone or a computer installs.

Source: https://www.w3.org/TR/appmanifest/
"""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from otklik.ui.assets import asset_url

_ICONS = (
    ("app-192.png", "192x192", "any"),
    ("app-512.png", "512x512", "any"),
    ("app-maskable-512.png", "512x512", "maskable"),
)
_PAPER, _PETROL = "#ffffff", "#0b6580"


def manifest(request: HttpRequest) -> JsonResponse:
    """For everybody: browsers ask before and after a sign-in; it says nothing of the desk."""
    del request
    inbox = reverse("workspace:inbox")
    answer = JsonResponse(
        {
            "id": "/",
            "name": _("Otklik"),
            "short_name": _("Otklik"),
            "description": _("The agents' desk"),
            "lang": get_language() or "en",
            "start_url": f"{inbox}?list=mine",
            "scope": "/",
            "display": "standalone",
            "background_color": _PAPER,
            "theme_color": _PETROL,
            "icons": [
                {"src": asset_url(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
                for name, sizes, purpose in _ICONS
            ],
            "shortcuts": [
                {"name": _("New ticket"), "url": reverse("workspace:new")},
                {"name": pgettext("ticket list", "Unassigned"), "url": f"{inbox}?list=unassigned"},
            ],
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer
