"""Who may open the pages of this channel."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest

from otklik.desk.policy import can_manage_accounts

V = TypeVar("V", bound=Callable[..., Any])


def for_administrators(view: V) -> V:
    """Nobody is asked to sign in; for who may not manage mailboxes there is nothing here."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not can_manage_accounts(request.actor):  # type: ignore[attr-defined]
            raise Http404
        return view(request, *args, **kwargs)

    return run  # type: ignore[return-value]
