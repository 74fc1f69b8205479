"""A new request, by somebody signed in or not; the embedded form comes here too."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.channels.acknowledging import promise
from otklik.core.access import ActionError
from otklik.portal.actions import Asked, open_request
from otklik.portal.form_tokens import (
    Sent,
    Unfit,
    issue_token,
    read_sent,
    read_token,
    seal_sent,
    sending_key,
)
from otklik.portal.forms import RequestForm, StrangerForm
from otklik.portal.limits import take_request
from otklik.portal.uploads import store_uploads
from otklik.portal.visit import Visit, portal_view
from otklik.tickets.models import Ticket

logger = structlog.get_logger(__name__)


@portal_view("GET", "POST")
def new(visit: Visit) -> HttpResponse:
    return take_form(visit, "portal/new.html", lambda token: reverse("portal:sent", args=[token]))


@portal_view()
def sent(visit: Visit, token: str) -> HttpResponse:
    return show_sent(visit, "portal/sent.html", token)


def take_form(visit: Visit, template: str, sent_url: Callable[[str], str]) -> HttpResponse:
    """Show the form, or take it and go on to the page that tells number and promise."""
    kind = RequestForm if visit.person is not None else StrangerForm
    if visit.request.method != "POST":
        subject = visit.request.GET.get("subject", "")[:300]
        return _show(visit, template, kind(initial={"subject": subject}))
    form = kind(visit.request.POST, visit.request.FILES)
    if not form.is_valid():
        return _show(visit, template, form, status=422)
    try:
        nonce = _nonce(visit, form)
        ticket = _take(visit, form, nonce)
    except Unfit:
        logger.info("web_form_doubted", brand=visit.brand.pk)
        form.add_error(
            None, _("We could not tell that a person sent this. Nothing is lost: send it again.")
        )
        return _show(visit, template, form, status=422)
    except ActionError as refusal:
        field = next((name for name in refusal.fields if name in form.fields), None)
        form.add_error(field, str(refusal))
        return _show(visit, template, form, status=refusal.status)
    promised = promise(visit.brand, ticket.created_at)
    return HttpResponseRedirect(sent_url(seal_sent(Sent(ticket.number, promised))))


def show_sent(visit: Visit, template: str, token: str) -> HttpResponse:
    try:
        told = read_sent(token)
    except Unfit:
        return visit.show("portal/sent_gone.html", status=404)
    return visit.show(template, {"sent": told})


def _nonce(visit: Visit, form: RequestForm) -> str:
    """Raises Unfit for what a person would not do: a filled trap, a form sent within a blink."""
    if form.cleaned_data["website"]:
        raise Unfit
    return read_token(form.cleaned_data["token"], visit.brand.pk)


def _take(visit: Visit, form: RequestForm, nonce: str) -> Ticket:
    said = form.cleaned_data
    who = str(visit.person.pk) if visit.person is not None else said["email"]
    take_request(visit.place, who)
    names = [f"{file.name} {file.size}" for file in said["attachments"]]
    asked = Asked(
        subject=said["subject"],
        text=said["text"],
        key=sending_key("request", nonce, who, said["subject"], said["text"], *names),
        name=said.get("name", ""),
        email=said.get("email", ""),
        files=store_uploads(said["attachments"]),
        language=visit.language,
    )
    return open_request(visit.brand, asked, visit.person)


def _show(visit: Visit, template: str, form: RequestForm, status: int = 200) -> HttpResponse:
    """Every showing has a fresh token and an empty trap, also after a refusal."""
    if form.is_bound:
        data = visit.request.POST.copy()
        data["website"] = ""
        data["token"] = _token_to_show(visit, data.get("token", ""))
        form.data = data
    else:
        form.initial["token"] = issue_token(visit.brand.pk)
    return visit.show(template, {"form": form}, status=status)


def _token_to_show(visit: Visit, given: str) -> str:
    """The same one while it is good: what was sent before is still the same sending."""
    try:
        read_token(given, visit.brand.pk)
    except Unfit:
        return issue_token(visit.brand.pk)
    return given
