"""The request form inside other sites: no session, no cookie, framed by the brand's domains."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from otklik.desk.models import Brand
from otklik.portal.visit import View, Visit, let_be_framed, visit_in_frame
from otklik.portal.web.new import show_fields, show_sent, take_form
from otklik.ui.assets import DIST, UnknownAsset, asset_url


def embedded(*methods: str) -> Callable[[View], Any]:
    """A view for a frame: a `Visit` of nobody, whatever cookies come along. Forms are held
    together by their own signed token instead of the cookie that cannot be there."""

    def decorate(view: View) -> Any:
        @wraps(view)
        def run(request: HttpRequest, brand: int, **arguments: Any) -> HttpResponseBase:
            found = get_object_or_404(Brand.objects.select_related("calendar"), pk=brand)
            visit = visit_in_frame(request, found)
            with translation.override(visit.language):
                response = view(visit, **arguments)
            let_be_framed(response, found)
            return response

        return csrf_exempt(never_cache(require_http_methods(methods)(run)))

    return decorate


@embedded("GET", "HEAD", "POST")
def form(visit: Visit) -> HttpResponse:
    query = f"?lang={visit.language}"
    return take_form(
        visit,
        "portal/embed.html",
        lambda token: reverse("portal:embed_sent", args=[visit.brand.pk, token]) + query,
    )


@embedded("POST")
def fields(visit: Visit) -> HttpResponse:
    return show_fields(visit)


@embedded("GET", "HEAD")
def sent(visit: Visit, token: str) -> HttpResponse:
    return show_sent(visit, "portal/embed_sent.html", token)


@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """The script that other sites name; its address never changes, so it is kept for an hour."""
    try:
        name = asset_url("embed.js").rpartition("/")[2]
        content = _built(name)
    except (UnknownAsset, FileNotFoundError):
        raise Http404 from None
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@lru_cache(maxsize=2)
def _built(name: str) -> bytes:
    return (DIST / name).read_bytes()
