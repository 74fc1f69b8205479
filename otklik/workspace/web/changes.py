"""How a change of a ticket is answered: the pieces that show it, a toast, a way back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from otklik.core.access import ActionError, Conflict, Missing
from otklik.ui.toasts import with_toast
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.solving import ask_on_page
from otklik.workspace.web.staff import (
    actor_of,
    add_trigger,
    is_fragment,
    last_operation,
    staff_view,
    undo_url,
)
from otklik.workspace.web.ticket import part_context

# Changed from the header, which is always in sight; the properties may be a closed sheet.
_OF_HEAD = frozenset(
    ("status", "snooze", "spam", "trash", "legal_hold", "following", "remind", "reminder", "pin")
)

V = TypeVar("V", bound=Callable[..., Any])


def ticket_change(view: V) -> V:
    """A POST that changes a ticket; what the action refuses is said on the ticket itself."""

    @staff_view("POST")
    @wraps(view)
    def run(request: HttpRequest, number: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.last_operation = last_operation(actor_of(request))  # type: ignore[attr-defined]
        try:
            return view(request, number, *args, **kwargs)
        except Missing:
            raise
        except ActionError as refused:
            return show_refusal(request, number, refused)

    return run  # type: ignore[return-value]


def changed(
    request: HttpRequest, number: int, words: str, *, is_reversible: bool = True, **events: Any
) -> HttpResponseBase:
    """The pieces anew for a script, the ticket's page for a plain form."""
    before: int = request.last_operation  # type: ignore[attr-defined]
    undo = undo_url(actor_of(request), before) if is_reversible else ""
    if not is_fragment(request):
        return with_toast(request, redirect(_url(request, number)), words, undo=undo)
    response = render(request, "workspace/parts/changed.html", pieces(request, number))
    add_trigger(response, **{"inbox:changed": {}, **events})
    return with_toast(request, response, words, undo=undo)


def pieces(request: HttpRequest, number: int) -> dict[str, Any]:
    """Header, timeline and properties as they are now."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    context: dict[str, Any] = {}
    for part in ("ticket-head", "timeline", "properties"):
        context |= part_context(request, actor, ticket, part)
    return context | {"oob": True}


def show_refusal(
    request: HttpRequest, number: int, refused: ActionError, **more: Any
) -> HttpResponseBase:
    """Where it was pressed: what was refused and, for a crossing change, what stands now."""
    if not is_fragment(request):
        if question := more.get("question"):
            return ask_on_page(request, number, question, back=_url(request, number))
        return with_toast(request, redirect(_url(request, number)), str(refused))
    context = pieces(request, number) | {"refusal": str(refused), "again": None, **more}
    context["refused_in_head"] = _is_of_head(request)
    if isinstance(refused, Conflict) and "value" in request.POST:
        context["again"] = {"path": request.path, "fields": _repeated(request, refused)}
    status = 409 if isinstance(refused, Conflict) else 422
    return render(request, "workspace/parts/changed.html", context, status=status)


def _repeated(request: HttpRequest, conflict: Conflict) -> list[tuple[str, str]]:
    """The same form, knowing now what it overwrites."""
    several = [(name, value) for name, values in request.POST.lists() for value in values]
    given = [(name, value) for name, value in several if name != "was"]
    now = next(iter(conflict.fields.values()), "")
    kept = [(name, str(value)) for name, value in given if name != "csrfmiddlewaretoken"]
    return [*kept, ("was", "" if now is None else str(now))]


def _url(request: HttpRequest, number: int) -> str:
    query = request.GET.urlencode()
    return reverse("workspace:ticket", args=[number]) + (f"?{query}" if query else "")


def _is_of_head(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None:
        return False
    return match.url_name in _OF_HEAD or match.kwargs.get("name") == "subject"
