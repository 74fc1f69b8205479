"""Error answers: a page for people, a fragment for htmx, problem+json (RFC 9457) for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import ActionError

logger = structlog.get_logger(__name__)


# Draws an error for the people it knows: None where the page is not its own.
Draw = Callable[[HttpRequest, Mapping[str, Any]], HttpResponse | None]
_drawn_by: list[Draw] = []


def register_error_page(draw: Draw) -> None:
    """``draw(request, context)`` gets title, advice, status, code, request_id and fields of an
    error that is shown as a page. What fails there is shown as everywhere else."""
    _drawn_by.append(draw)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, DisallowedHost):
        logger.warning("host_refused", advice="name it in OTKLIK_URL or OTKLIK_ALLOWED_HOSTS")
        return answer(
            request,
            400,
            _("The desk does not answer under this address"),
            _("Whoever runs it can name this address in OTKLIK_URL or OTKLIK_ALLOWED_HOSTS."),
        )
    return answer(
        request,
        400,
        _("This request cannot be understood"),
        _("Go back, load the page again and repeat what you did."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(
        request,
        403,
        _("This is not open to you"),
        _("If you need it for your work, ask an administrator for the right."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(
        request,
        404,
        _("There is nothing here"),
        _("The address may be mistyped, or what was here is not shown to you."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        500,
        _("Something went wrong on our side"),
        _(
            "Nothing you had saved is lost. Repeat it in a minute; if it happens again, tell an "
            "administrator the number below."
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """``CSRF_FAILURE_VIEW``: most often a form that stood open over a sign-in or for days."""
    logger.info("csrf_refused", reason=reason)
    return answer(
        request,
        403,
        _("The page is out of date"),
        _(
            "Load it again and repeat what you did. What you typed stays in the form when you go "
            "back."
        ),
        code="csrf",
    )


def signed_out(request: HttpRequest) -> HttpResponse:
    """For scripts: the page that asks stays as it is and says so."""
    return answer(
        request,
        401,
        _("The session has ended"),
        _("Sign in again in another tab. What you typed stays here."),
        code="signed_out",
    )


def refusal(request: HttpRequest, error: ActionError) -> HttpResponse:
    """An action refused, with words of its own."""
    return answer(request, error.status, str(error), "", code=error.code, fields=error.fields)


def log_failure(sender: object, request: HttpRequest | None = None, **named: Any) -> None:
    """Hear of an exception no view caught; the ids of the request are bound already."""
    match = getattr(request, "resolver_match", None)
    logger.exception("request_failed", route=f"/{match.route}" if match else "-")


def answer(
    request: HttpRequest,
    status: int,
    title: str,
    advice: str,
    *,
    code: str = "",
    fields: dict[str, Any] | None = None,
) -> HttpResponse:
    """One error in the form that the asker reads."""
    request_id = getattr(request, "request_id", "")
    if wants_json(request):
        problem = {"type": "about:blank", "title": title, "status": status}
        if advice:
            problem["detail"] = advice
        if code:
            problem["code"] = code
        if fields:
            problem["fields"] = {name: str(value) for name, value in fields.items()}
        if request_id:
            problem["request_id"] = request_id
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    context = {
        "title": title,
        "advice": advice,
        "status": status,
        "code": code,
        "request_id": request_id if status >= 500 else "",
        "fields": fields or {},
    }
    if request.headers.get("HX-Request"):
        response = _rendered("web/error_fragment.html", context, request, status)
        # The fragment is words for a toast, not a new state of what was clicked.
        response.headers["HX-Reswap"] = "none"
        if code:
            response.headers["X-Problem"] = code
        if status != 401:  # the page itself says that its session has ended
            response.headers["HX-Trigger"] = _trigger(title, advice)
        return response
    if status == 403 and not advice:
        # What an action says when it refuses is a sentence: on a page it stands below a title.
        context |= {"title": _("This is not open to you"), "advice": title}
    for draw in _drawn_by:
        try:
            drawn = draw(request, context)
        except Exception:
            logger.exception("error_page_failed", drawn_by=draw.__module__)
            continue
        if drawn is not None:
            return drawn
    return _rendered("web/error.html", context, request, status)


def _rendered(
    template: str, context: dict[str, Any], request: HttpRequest, status: int
) -> HttpResponse:
    try:
        body: str = loader.render_to_string(template, context, request)
    except Exception:
        # Whatever broke the page may break its layout too; words must arrive all the same.
        logger.exception("error_page_failed", template=template)
        body = (
            f'<!doctype html><html lang="{get_language() or "en"}"><meta charset="utf-8">'
            f"<title>{escape(context['title'])}</title>"
            f"<h1>{escape(context['title'])}</h1><p>{escape(context['advice'])}</p>"
            f"<p>{escape(context['request_id'])}</p></html>"
        )
    return HttpResponse(body, status=status)


def _trigger(title: str, advice: str) -> str:
    import json

    # Header values are Latin-1 at best; JSON escapes carry every language through.
    return json.dumps({"otklik:refused": {"title": title, "advice": advice}}, ensure_ascii=True)


def wants_json(request: HttpRequest) -> bool:
    if request.path.startswith("/api/"):
        return True
    accepted = request.headers.get("Accept", "")
    return "json" in accepted and "text/html" not in accepted
