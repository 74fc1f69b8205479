"""What every REST request passes: who, how much, and whether it was asked before."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from otklik.core.rest import limits
from otklik.core.rest.along import may_go_along
from otklik.core.rest.idempotency import HEADER, Once, client_key_of, is_key
from otklik.core.rest.problems import problem
from otklik.core.rest.tokens import TokenHolder, find_holder
from otklik.core.web.places import place_of

PREFIX = "/api/"
# The description of the API is no secret: it is the same for every desk.
OPEN = ("/api/v1/openapi.json", "/api/v1/docs")

Respond = Callable[[HttpRequest], HttpResponse]


class RestMiddleware:
    """Stands last, so that views see ``request.actor`` as the token's holder."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX) or request.path.startswith(OPEN):
            return self.get_response(request)
        holder = find_holder(request.headers.get("Authorization", ""))
        if holder is None:
            return self._refuse_stranger(request)
        is_write = request.method not in ("GET", "HEAD", "OPTIONS")
        limit = limits.WRITES if is_write else limits.READS
        allowance = limits.spend(f"{holder.token_id}:{'w' if is_write else 'r'}", limit)
        if allowance.is_spent:
            response = problem(request, 429, "too_many_requests", "Too many requests. Slow down.")
            response["Retry-After"] = str(allowance.reset)
        else:
            response = self._respond(request, holder, is_write=is_write)
        response["RateLimit-Limit"] = str(allowance.limit)
        response["RateLimit-Remaining"] = str(max(allowance.remaining, 0))
        response["RateLimit-Reset"] = str(allowance.reset)
        return response

    def _respond(
        self, request: HttpRequest, holder: TokenHolder, *, is_write: bool
    ) -> HttpResponse:
        token_id = holder.token_id
        request.actor = holder.actor  # type: ignore[attr-defined]
        request.token_id = token_id  # type: ignore[attr-defined]
        request.is_token_narrowed = holder.is_narrowed  # type: ignore[attr-defined]
        request.client_key = None  # type: ignore[attr-defined]
        key = request.headers.get(HEADER, "")
        if not (is_write and key):
            return self.get_response(request)
        if not is_key(key):
            title = "The Idempotency-Key is too long or not printable."
            return problem(request, 400, "bad_idempotency_key", title)
        request.client_key = client_key_of(token_id, key)  # type: ignore[attr-defined]
        once = request.once = Once(request, token_id, key)  # type: ignore[attr-defined]
        return once.end(request, self.get_response(request))

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Before the view, when it is known which: what was answered is not done again."""
        once = getattr(request, "once", None)
        return once.begin(request, is_along=may_go_along(request)) if once is not None else None

    def _refuse_stranger(self, request: HttpRequest) -> HttpResponse:
        allowance = limits.spend(f"ip:{place_of(request)}", limits.STRANGERS)
        if allowance.is_spent:
            response = problem(request, 429, "too_many_requests", "Too many requests. Slow down.")
            response["Retry-After"] = str(allowance.reset)
            return response
        response = problem(
            request, 401, "unauthorised", "A valid token is needed: Authorization: Bearer …"
        )
        response["WWW-Authenticate"] = 'Bearer realm="Otklik"'
        return response
