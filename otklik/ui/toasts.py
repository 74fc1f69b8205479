"""Tells the person what was done, with a way back, on whatever page comes next."""

from __future__ import annotations

import json
from typing import TypeVar
from urllib.parse import quote

from django.http import HttpRequest, HttpResponseBase

Response = TypeVar("Response", bound=HttpResponseBase)

COOKIE = "otklik_toast"


def with_toast(
    request: HttpRequest,
    response: Response,
    text: str,
    *,
    undo: str = "",
    seconds: int = 8,
) -> Response:
    """Adds a toast: to a fragment by ``HX-Trigger``, to a page or redirect by a short-lived cookie.

    ``undo`` is an address of this desk that takes a POST. The cookie is shown as text and removed
    by the script; it proves nothing and starts nothing by itself.
    """
    toast = {"text": str(text), "seconds": seconds, **({"undo": undo} if undo else {})}
    is_fragment = request.headers.get("HX-Request") == "true"
    if is_fragment and "HX-Redirect" not in response.headers:
        already = json.loads(response.headers.get("HX-Trigger") or "{}")
        response.headers["HX-Trigger"] = json.dumps({**already, "toast": toast})
    else:
        response.set_cookie(
            COOKIE,
            quote(json.dumps(toast, ensure_ascii=False)),
            max_age=30,
            samesite="Strict",
            secure=request.is_secure(),
        )
    return response
