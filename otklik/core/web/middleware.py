"""Around every view: ids and one log line, the headers of a page, refusals in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import ip_address
from secrets import token_hex

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone, translation

from otklik.core.access import ActionError
from otklik.core.db.unstorable import is_unstorable
from otklik.core.settings import config
from otklik.core.web import errors, metrics
from otklik.core.web.headers import apply_headers
from otklik.core.web.logs import bind_ids, forget_ids

logger = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# Asked every few seconds by machines; a line each would bury the rest.
_UNLOGGED = ("/healthz", "/readyz", "/metrics")


class RequestMiddleware:
    """Outermost: a request id in every log line and answer, the caller's address, time taken."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request_id = token_hex(8)
        forget_ids()
        bind_ids(request=request_id)
        request.request_id = request_id  # type: ignore[attr-defined]
        # Remembered for /metrics: a proxy in front makes every caller look local.
        request.was_forwarded = "HTTP_X_FORWARDED_FOR" in request.META  # type: ignore[attr-defined]
        trust_proxy(request.META)
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]  # no cookie of ours, and no value for a database
        # What the thread's last request chose must not leak into this one's error page.
        translation.activate(translation.get_language_from_request(request))
        timezone.deactivate()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        took = time.perf_counter() - started
        route = _route(request)
        metrics.observe_request(request.method or "", route, response.status_code, took)
        if request.path not in _UNLOGGED:
            # The route, never the path: a path may hold a token that signs somebody in.
            logger.info(
                "request",
                method=request.method,
                route=route,
                status=response.status_code,
                ms=round(took * 1000, 1),
            )
        return response


class HeadersMiddleware:
    """Content policy, framing, caching, for whatever answers inside."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        apply_headers(request, response)
        return response


class RefusalMiddleware:
    """Innermost: what an action refuses becomes an answer with its words and its status."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        return errors.signed_out(request) if _asks_to_sign_in(request, response) else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_unstorable(error):
            # A number of 30 digits, a NUL in a text: no failure of ours, but worth a line.
            logger.warning("value_refused", kind=type(error).__name__, exc_info=error)
            return errors.bad_request(request, error)
        if not isinstance(error, ActionError):
            return None
        logger.info("action_refused", code=error.code, kind=type(error).__name__)
        return errors.refusal(request, error)


def _asks_to_sign_in(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a script would be led to the sign-in page and take it for its answer."""
    asks = request.headers.get("HX-Request") == "true" or errors.wants_json(request)
    way = response.headers.get("Location", "") if asks and response.status_code == 302 else ""
    return way.startswith(f"{resolve_url(settings.LOGIN_URL)}?")


def trust_proxy(meta: dict[str, str]) -> None:
    """Take the caller's address and scheme from the headers of a proxy we were told to trust.

    From the right, the first address that is no trusted proxy is the caller (a client can put
    anything to the left of it). Headers from anybody else are dropped.
    """
    forwarded = meta.pop("HTTP_X_FORWARDED_FOR", "")
    scheme = meta.pop("HTTP_X_FORWARDED_PROTO", "")
    networks = config().trusted_proxies
    if not networks or not _is_within(meta.get("REMOTE_ADDR", ""), networks):
        return
    for written in reversed(forwarded.split(",")):
        try:
            address = str(ip_address(written.strip()))
        except ValueError:
            break
        meta["REMOTE_ADDR"] = address
        if not _is_within(address, networks):
            break
    if scheme.rpartition(",")[2].strip() in {"http", "https"}:
        meta["wsgi.url_scheme"] = scheme.rpartition(",")[2].strip()


def _is_within(written: str, networks: tuple[object, ...]) -> bool:
    try:
        address = ip_address(written)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)  # type: ignore[operator]


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return f"/{match.route}" if match is not None else "-"
