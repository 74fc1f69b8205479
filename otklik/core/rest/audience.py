"""Which operations answer to customers too. What is not said to do so is for staff alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from otklik.core.access import Missing
from otklik.core.rest.shapes import actor_of

F = TypeVar("F", bound=Callable[..., Any])
_PARAMETER = re.compile(r"\{([^{}]+)\}")
_open: set[tuple[str, str]] = set()


def for_everybody(function: F) -> F:
    """An operation that customers may use, below its `@router`; it sees to their rights itself."""
    function.is_for_everybody = True  # type: ignore[attr-defined]
    return function


def note_router(router: Router) -> None:
    for path, view in router.path_operations.items():
        for operation in view.operations:
            if getattr(operation.view_func, "is_for_everybody", False):
                _open.update((method, route_of(path)) for method in operation.methods)


def route_of(path: str) -> str:
    """What the resolver calls a router's path."""
    return "api/v1" + _PARAMETER.sub(r"<\1>", path)


def demand_audience(request: HttpRequest) -> None:
    """Raises Missing for a customer where only staff has something to do: as if it were not there,
    before a word of the body is looked at."""
    match = request.resolver_match
    if actor_of(request).is_staff or (
        match is not None and (request.method or "", match.route) in _open
    ):
        return
    raise Missing(_("There is no such thing, or it is not yours to see."))
