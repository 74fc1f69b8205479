"""What did not work, said to customers: under their brand, with a way on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from otklik.core.access import ActorKind
from otklik.desk.models import Brand
from otklik.portal.visit import (
    Visit,
    brand_of_host,
    let_be_framed,
    sign_in_url,
    visit_in_frame,
    visit_of,
)

_OWN = "/portal/"
_EMBEDDED = re.compile(r"/portal/embed/(\d{1,18})/")


def draw_error(request: HttpRequest, context: Mapping[str, Any]) -> HttpResponse | None:
    """Below the portal's addresses; of a brand's own host all that no agent asks for."""
    if context["status"] in (400, 401) or not _is_ours(request):
        return None
    visit = _visit(request)
    if visit is None:
        return None
    with translation.override(visit.language):
        told = {**context, **_words(context, visit), "ways": _ways(context, visit)}
        response = visit.show("portal/error.html", told, status=context["status"])
    add_never_cache_headers(response)
    if visit.is_embedded:
        let_be_framed(response, visit.brand)
    return response


def _is_ours(request: HttpRequest) -> bool:
    if request.path.startswith(_OWN):
        return True
    if request.actor.kind is ActorKind.AGENT:  # type: ignore[attr-defined]
        return False
    return brand_of_host(request) is not None


def _visit(request: HttpRequest) -> Visit | None:
    """In a frame of another site as nobody, and only where its brand is there: None elsewhere."""
    named = _EMBEDDED.match(request.path)
    if named is None:
        return visit_of(request)
    brand = Brand.objects.select_related("calendar").filter(pk=named[1]).first()
    return visit_in_frame(request, brand) if brand is not None else None


def _words(context: Mapping[str, Any], visit: Visit) -> dict[str, str]:
    """In the customer's words; what an action said when it refused stays."""
    status, is_said = context["status"], bool(context["code"])
    if status == 404:
        title = context["title"] if is_said else _("There is nothing here")
        if visit.is_embedded:
            advice = _("The address may be mistyped.")
        elif visit.person is None:
            advice = _("The address may be mistyped. Your own requests show once you sign in.")
        else:
            advice = _("Check the address, or find the request in the list of yours.")
        return {"title": title, "advice": advice}
    if status == 403 and not is_said:
        return {
            "title": _("This is not open to you"),
            "advice": _("If you need it, write to us and say what you were looking for."),
        }
    if status >= 500:
        return {
            "title": _("Something went wrong on our side"),
            "advice": _(
                "What you sent before is safe. Repeat it in a minute; if it happens again, write "
                "to us with the number below."
            ),
        }
    return {}


def _ways(context: Mapping[str, Any], visit: Visit) -> list[tuple[str, str]]:
    """Where one goes from here, the likeliest first."""
    if visit.is_embedded:
        form = reverse("portal:embed", args=[visit.brand.pk])
        return [(f"{form}?lang={visit.language}", _("Back to the form"))]
    home = (reverse("portal:home"), _("To the start page"))
    if context["status"] >= 500 or context["code"] == "csrf":
        request = visit.request
        again = request.get_full_path() if request.method in ("GET", "HEAD") else ""
        return [(again, _("Load it again")), home] if again else [home]
    ask = (reverse("portal:new"), _("New request"))
    if visit.person is not None:
        return [(reverse("portal:requests"), _("My requests")), ask, home]
    return [home, (sign_in_url(), _("Sign in")), ask]
