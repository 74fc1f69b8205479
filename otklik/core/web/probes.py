"""``/healthz``, ``/readyz``, ``/metrics``: what balancers and monitoring ask."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from otklik.core.settings import config
from otklik.core.web import metrics, readiness


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else, so that a slow database restarts nobody."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Whether this process can do its work: {"ready": bool, "database": "ok" | words, …}."""
    found = readiness.look(connection)
    is_ready = all(value == "ok" for value in found.values())
    return JsonResponse({"ready": is_ready, **found}, status=200 if is_ready else 503)


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for this machine or the bearer of ``metrics_token``; else a plain 404."""
    if not (_is_local(request) or _has_token(request)):
        return HttpResponse(status=404)
    body, content_type = metrics.exposition()
    return HttpResponse(body, content_type=content_type)


def _is_local(request: HttpRequest) -> bool:
    # Behind a proxy that we do not know of everybody looks local: its headers give it away.
    if any(f"HTTP_{name}" in request.META for name in ("FORWARDED", "VIA", "X_REAL_IP")):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback and not getattr(
            request, "was_forwarded", False
        )
    except ValueError:
        return False


def _has_token(request: HttpRequest) -> bool:
    token = config().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())
