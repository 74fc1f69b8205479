"""Operations whose effect and answer are written in one transaction.

Such a request under an Idempotency-Key costs one commit instead of three, and whatever dies, the
effect and what is remembered of it are there together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.responses import NinjaJSONEncoder

from otklik.core.access import ActionError
from otklik.core.rest.audience import route_of
from otklik.core.rest.problems import refusal

F = TypeVar("F", bound=Callable[..., Any])
# What a larger body leads to is answered after the commit: writers must not wait while it is spelt.
LARGEST = 32 * 1024
_writing_once: set[tuple[str, str]] = set()


def writes_once(function: F) -> F:
    """An operation, below its `@router`, that changes whatever it does in one `write()`. Where
    `goes_along` says so, it returns `answer_along` from inside; refusals are raised as ever."""
    function.writes_once = True  # type: ignore[attr-defined]
    return function


def note_router(router: Router) -> None:
    for path, view in router.path_operations.items():
        for operation in view.operations:
            if getattr(operation.view_func, "writes_once", False):
                _writing_once.update((method, route_of(path)) for method in operation.methods)


def may_go_along(request: HttpRequest) -> bool:
    """Whether this request, under a key, is for such an operation."""
    match = request.resolver_match
    is_meant = match is not None and (request.method or "", match.route) in _writing_once
    return is_meant and len(request.body) <= LARGEST


def goes_along(request: HttpRequest) -> bool:
    once = getattr(request, "once", None)
    return once is not None and once.is_along


def answer_along(
    request: HttpRequest,
    shape: type[Schema],
    show: Callable[[], tuple[int, Any]],
    *,
    by_alias: bool = False,
) -> HttpResponse:
    """The answer as the operation would give it, remembered in the transaction it is called in.
    ``show`` gives the status and the values; what is done stays done, also where it refuses to
    show it.

    IntegrityError when the same request was faster elsewhere: all is undone, and that one's answer
    is given instead.
    """
    try:
        status, values = show()
    except ActionError as refused:
        response = refusal(request, refused)
    else:
        content = shape.model_validate(values).model_dump(by_alias=by_alias)
        response = HttpResponse(
            json.dumps(content, cls=NinjaJSONEncoder),
            status=status,
            content_type="application/json; charset=utf-8",
        )
    request.once.keep(response)  # type: ignore[attr-defined]
    return response
