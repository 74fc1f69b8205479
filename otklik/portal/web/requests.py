"""Own requests: the list, one of them, and what its requester does to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Actor, Missing
from otklik.portal.actions import Asked, answer_request, reopen_request, solve_request
from otklik.portal.form_tokens import sending_key
from otklik.portal.forms import AnswerForm, SolutionForm
from otklik.portal.limits import take_answer
from otklik.portal.queries import find_requests, get_request_page, get_requests
from otklik.portal.queries.talk import find_successor, get_request
from otklik.portal.uploads import store_uploads
from otklik.portal.visit import Visit, portal_view
from otklik.tickets.models import Ticket
from otklik.ui.toasts import with_toast


@portal_view(is_signed_in=True)
def list_requests(visit: Visit) -> HttpResponse:
    query = visit.request.GET.get("q", "").strip()[:200]
    if query:
        rows = find_requests(visit.actor, query)
        return visit.show("portal/requests.html", {"rows": rows, "q": query})
    is_solved = visit.request.GET.get("state") == "solved"
    page = get_requests(
        visit.actor, is_solved=is_solved, cursor=visit.request.GET.get("cursor", "")
    )
    state = "state=solved&" if is_solved else ""
    return visit.show(
        "portal/requests.html",
        {
            "rows": page.rows,
            "is_solved": is_solved,
            "next_url": f"?{state}cursor={page.next}" if page.next else "",
            "previous_url": f"?{state}cursor={page.previous}" if page.previous else "",
        },
    )


@portal_view(is_signed_in=True)
def request(visit: Visit, number: int) -> HttpResponse:
    successor = find_successor(visit.actor, get_request(visit.actor, number))
    if successor is not None:
        words = _("Your request № %(number)d goes on here, together with this one.")
        response = HttpResponseRedirect(_url(successor))
        return with_toast(visit.request, response, words % {"number": number})
    return _show(visit, number, AnswerForm(initial={"client_key": uuid4()}))


@portal_view("GET", "POST", is_signed_in=True)
def messages(visit: Visit, number: int) -> HttpResponse:
    if visit.request.method != "POST":
        return HttpResponseRedirect(reverse("portal:request", args=[number]))
    return _take(visit, number, AnswerForm, answer_request, _answered)


@portal_view("POST", is_signed_in=True)
def solution(visit: Visit, number: int) -> HttpResponse:
    return _take(visit, number, SolutionForm, solve_request, _solved)


@portal_view("POST", is_signed_in=True)
def reopening(visit: Visit, number: int) -> HttpResponse:
    ticket = reopen_request(visit.actor, get_request(visit.actor, number))
    return HttpResponseRedirect(_url(ticket))


def _take(
    visit: Visit,
    number: int,
    kind: type[AnswerForm],
    act: Callable[[Actor, Ticket, Asked], Ticket],
    go_on: Callable[[Visit, Ticket, Ticket], HttpResponse],
) -> HttpResponse:
    """Do it with what the form says; a refusal is shown above the form, with the text kept."""
    ticket = get_request(visit.actor, number)
    form = kind(visit.request.POST, visit.request.FILES)
    if not form.is_valid():
        return _show(visit, number, form, status=422)
    try:
        changed = act(visit.actor, ticket, _asked(visit, ticket, form))
    except Missing:
        raise
    except ActionError as refusal:
        form.add_error(None, str(refusal))
        return _show(visit, number, form, status=refusal.status)
    return go_on(visit, ticket, changed)


def _answered(visit: Visit, ticket: Ticket, answered: Ticket) -> HttpResponse:
    response = HttpResponseRedirect(f"{_url(answered)}#answer")
    if answered.pk == ticket.pk:
        return response
    return with_toast(visit.request, response, _("A new request was opened for your answer."))


def _solved(visit: Visit, ticket: Ticket, solved: Ticket) -> HttpResponse:
    return with_toast(
        visit.request,
        HttpResponseRedirect(_url(solved)),
        _("Marked as solved."),
        undo=reverse("portal:reopening", args=[solved.number]),
    )


def _show(visit: Visit, number: int, form: AnswerForm, status: int = 200) -> HttpResponse:
    is_whole = "all" in visit.request.GET
    page = get_request_page(visit.actor, number, is_whole=is_whole)
    is_live = visit.request.headers.get("HX-Request") == "true"
    template = "portal/request_body.html" if is_live else "portal/request.html"
    return visit.show(template, {"page": page, "form": form, "ticket": page.ticket}, status=status)


def _asked(visit: Visit, ticket: Ticket, form: AnswerForm) -> Asked:
    """What the form says, with its files stored. Raises TooManyTries and Invalid."""
    assert visit.person is not None
    said: dict[str, Any] = form.cleaned_data
    take_answer(visit.person.pk)
    names = [f"{file.name} {file.size}" for file in said["attachments"]]
    key = sending_key(
        "answer", str(ticket.pk), str(visit.person.pk), said["client_key"], said["text"], *names
    )
    return Asked(
        subject="",
        text=said["text"],
        key=key,
        files=store_uploads(said["attachments"]),
        language=visit.language,
    )


def _url(ticket: Ticket) -> str:
    return reverse("portal:request", args=[ticket.number])
