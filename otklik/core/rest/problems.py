"""Errors as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Schema

from otklik.core.access import ActionError

CONTENT_TYPE = "application/problem+json"


class Problem(Schema):
    """RFC 9457. ``code`` is stable; ``fields`` says what is wrong with which field."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    fields: dict[str, Any] = {}
    request_id: str = ""


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    title: str,
    *,
    detail: str = "",
    fields: dict[str, Any] | None = None,
) -> HttpResponse:
    body = Problem(
        title=title,
        status=status,
        code=code,
        detail=detail,
        fields=fields or {},
        request_id=str(getattr(request, "request_id", "")),
    )
    return JsonResponse(body.model_dump(), status=status, content_type=CONTENT_TYPE)


def refusal(request: HttpRequest, error: ActionError) -> HttpResponse:
    """What an action refused, in its words."""
    fields = {name: _plain(value) for name, value in error.fields.items()}
    return problem(request, error.status, error.code, str(error), fields=fields)


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
