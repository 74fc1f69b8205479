"""The REST API: one description, made of the routers that rooms bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from otklik.core.access import ActionError
from otklik.core.db.unstorable import UNSTORABLE
from otklik.core.rest import along, audience
from otklik.core.rest.parsing import TidyParser
from otklik.core.rest.problems import CONTENT_TYPE, problem, refusal
from otklik.core.rest.problems import Problem as Problem

logger = structlog.get_logger(__name__)

_routers: dict[str, Router] = {}

DESCRIPTION = """What the screens of Otklik do, for programs.

Send `Authorization: Bearer TOKEN`. Lists are paged by `cursor`: follow `next` until it is empty.
A request that makes something may carry an `Idempotency-Key`; sent again, it is answered the same
and done once. A token of a customer reads what is theirs and asks for more; whatever is for staff
answers it with 404, as if it were not there. Errors are `application/problem+json` (RFC 9457) with
a stable `code`.
"""


def register_router(name: str, router: Router) -> None:
    """Add a room's routes under ``/api/v1/``; from the room's `apps.ready()`."""
    _routers[name] = router
    audience.note_router(router)
    along.note_router(router)


class TokenAuth(HttpBearer):
    """Says in the description that a token is needed; the middleware has checked it already."""

    def authenticate(self, request: HttpRequest, token: str) -> object | None:
        audience.demand_audience(request)
        return getattr(request, "token_id", None)


def build_api() -> NinjaAPI:
    api = NinjaAPI(
        title="Otklik",
        version="1",
        description=DESCRIPTION,
        urls_namespace="api",
        auth=TokenAuth(),
        parser=TidyParser(),
        docs_url=None,
        openapi_url=None,
    )
    for router in _routers.values():
        api.add_router("", router)
    _answer_errors(api)
    return api


def describe(api: NinjaAPI) -> OpenAPISchema:
    """OpenAPI 3.1, with the answers every operation may give besides its own."""
    from otklik.core.rest.description import complete

    return complete(api.get_openapi_schema(path_prefix="/api/v1/"))


def _name_of(place: Sequence[str | int]) -> str:
    """A field as the caller wrote it: the body is called ``data`` by our functions only."""
    parts = list(place[2:] if tuple(place[:2]) == ("body", "data") else place[1:])
    return ".".join(str(part) for part in parts) or "body"


def _answer_errors(api: NinjaAPI) -> None:
    @api.exception_handler(ActionError)
    def refused(request: HttpRequest, error: ActionError) -> HttpResponse:
        return refusal(request, error)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = {_name_of(item["loc"]): item["msg"] for item in error.errors}
        return problem(request, 422, "invalid", "Some values make no sense.", fields=fields)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(request, 404, "not_found", "There is no such thing, or it is not yours.")

    @api.exception_handler(HttpError)
    def http(request: HttpRequest, error: HttpError) -> HttpResponse:
        code = "bad_request" if error.status_code == 400 else "refused"
        return problem(request, error.status_code, code, str(error))

    def unreadable(request: HttpRequest, error: Any) -> HttpResponse:
        return problem(request, 400, "bad_request", "The request cannot be read.")

    # What Django itself answers with 400 outside of this API.
    for kind in (MultiPartParserError, SuspiciousOperation, BadRequest):
        api.add_exception_handler(kind, unreadable)

    def unstorable(request: HttpRequest, error: Any) -> HttpResponse:
        logger.warning("value_refused", kind=type(error).__name__, exc_info=error)
        return problem(request, 422, "invalid", "Some values make no sense.")

    for refused_kind in UNSTORABLE:
        api.add_exception_handler(refused_kind, unstorable)

    @api.exception_handler(IntegrityError)
    def crossed(request: HttpRequest, error: IntegrityError) -> HttpResponse:
        """The same request at once, one of the two: nothing of this one stays."""
        once = getattr(request, "once", None)
        answered: HttpResponse | None = once.repeat(request) if once and once.is_along else None
        return answered or failed(request, error)

    @api.exception_handler(Exception)
    def failed(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.exception("rest_failed", path=request.path)
        return problem(
            request, 500, "server_error", "Something went wrong on our side. Nothing was changed."
        )


__all__ = ["CONTENT_TYPE", "Problem", "build_api", "describe", "register_router"]
