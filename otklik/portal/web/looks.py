"""The brand's style sheet and picture, cached for good under their stamped addresses."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from otklik.core import files
from otklik.core.files.models import Blob
from otklik.core.web.downloads import SHOWN_IN_PLACE, send_file
from otklik.desk.models import Brand
from otklik.portal.looks import logo_stamp, sheet, sheet_stamp

_FOR_GOOD = "public, max-age=31536000, immutable"


@require_safe
def brand_sheet(request: HttpRequest, brand: int, stamp: str) -> HttpResponse:
    found = get_object_or_404(Brand, pk=brand)
    response = HttpResponse(
        sheet(found.color, found.corner), content_type="text/css; charset=utf-8"
    )
    # A page from before the change asks for an address that means something else by now.
    is_current = stamp == sheet_stamp(found)
    response.headers["Cache-Control"] = _FOR_GOOD if is_current else "no-store"
    return response


@require_safe
def brand_logo(request: HttpRequest, brand: int, stamp: str) -> HttpResponseBase:
    found = get_object_or_404(Brand, pk=brand)
    blob = Blob.objects.filter(sha256=found.logo_sha256).first() if found.logo_sha256 else None
    if blob is None or stamp != logo_stamp(found) or blob.content_type not in SHOWN_IN_PLACE:
        raise Http404
    stream = files.open_blob(blob)
    response = send_file(stream, name="logo", content_type=blob.content_type, is_inline=True)
    response.headers["Cache-Control"] = _FOR_GOOD
    return response
