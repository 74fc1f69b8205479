"""Who may open an agents' page, and how its answers look to a page, a fragment and a plain form."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from otklik.core.access import Actor, Missing
from otklik.core.operations.queries import find_last_operation
from otklik.people.models import User
from otklik.ui.toasts import with_toast

V = TypeVar("V", bound=Callable[..., Any])


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def signed_in(request: HttpRequest) -> User:
    """The user behind a staff view, which lets in nobody else."""
    assert isinstance(request.user, User)
    return request.user


def staff_view(*methods: str) -> Callable[[V], V]:
    """For agents: nobody is asked to sign in, a customer finds nothing here."""
    allowed = list(methods or ("GET", "HEAD"))

    def decorate(view: V) -> V:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not actor_of(request).is_staff:
                raise Missing(_("There is nothing here"))
            return view(request, *args, **kwargs)

        return require_http_methods(allowed)(run)  # type: ignore[return-value]

    return decorate


def is_fragment(request: HttpRequest) -> bool:
    """Whether a script asks for a piece; going back in history asks for the whole page."""
    headers = request.headers
    restores = headers.get("HX-History-Restore-Request") == "true"
    return headers.get("HX-Request") == "true" and not restores


def last_operation(actor: Actor) -> int:
    """Which operation of this one is the last, 0 for none: to see later whether one was added."""
    operation = find_last_operation(actor)
    return operation.pk if operation else 0


def undo_url(actor: Actor, before: int) -> str:
    """Where what was done since ``before`` is taken back; "" when nothing reversible was."""
    now = last_operation(actor)
    return reverse("workspace:undo", args=[now]) if now > before else ""


def add_trigger(response: HttpResponse, **events: Any) -> HttpResponse:
    known = json.loads(response.headers.get("HX-Trigger") or "{}")
    response.headers["HX-Trigger"] = json.dumps({**known, **events})
    return response


def go_back(
    request: HttpRequest, url: str, words: str = "", *, undo: str = "", **events: Any
) -> HttpResponseBase:
    """After an act: a plain form is led to ``url``, a script told what changed."""
    if is_fragment(request):
        response: HttpResponseBase = add_trigger(HttpResponse(status=204), **events)
    else:
        response = redirect(url)
    return with_toast(request, response, words, undo=undo) if words else response
