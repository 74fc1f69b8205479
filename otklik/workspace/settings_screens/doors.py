"""Who may open a page, and how a form and an action answer one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Actor, Conflict, Forbidden, Missing
from otklik.ui.toasts import with_toast

V = TypeVar("V", bound=Callable[..., Any])


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def open_to(*permissions: str) -> Callable[[V], V]:
    """A page for staff who have one of these permissions; without any, for all staff.

    Nobody is asked to sign in, a customer finds nothing, an agent without the right is told so.
    """

    def decorate(view: V) -> V:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            actor = actor_of(request)
            if not actor.is_staff:
                raise Missing(_("There is nothing here"))
            if permissions and not any(actor.can(permission) for permission in permissions):
                raise Forbidden(_("This page is for those who may change what it shows."))
            return view(request, *args, **kwargs)

        return run  # type: ignore[return-value]

    return decorate


def saved(form: forms.Form, act: Callable[[], object]) -> bool:
    """Run an action with a valid form; what it refuses goes beside the field it is about."""
    try:
        act()
    except Conflict as conflict:
        form.conflict = conflict  # type: ignore[attr-defined]
        form.add_error(None, str(conflict))
        return False
    except ActionError as refusal:
        show_refusal(form, refusal)
        return False
    return True


def show_refusal(
    form: forms.Form, refusal: ActionError, names: Mapping[str, str] | None = None
) -> None:
    """``names``: the action's name of a field → the form's, where they differ."""
    told = False
    for field, words in refusal.fields.items():
        name = (names or {}).get(field, field)
        if name in form.fields:
            form.add_error(name, str(words))
            told = True
    if not told:
        form.add_error(None, str(refusal))


def status_of(form: forms.Form) -> int:
    """409 for a crossing change, 422 for anything else that was refused, 200 before."""
    if getattr(form, "conflict", None) is not None:
        return 409
    return 422 if form.is_bound and form.errors else 200


def done(request: HttpRequest, url: str, words: str, *, undo: str = "") -> HttpResponseBase:
    """After an action: the page it leads to, with a toast. ``undo`` is an address for a POST."""
    if request.headers.get("HX-Request") == "true":
        # The undo of a toast is sent by script, which then needs to be told where to go.
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return with_toast(request, redirect(url), words, undo=undo)
