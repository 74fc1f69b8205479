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
from otklik.portal.actions.requesting import request_of
from otklik.portal.fields import ask_in, tell_problems, tell_refusal, values_given
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


@portal_view("POST")
def fields(visit: Visit) -> HttpResponse:
    return show_fields(visit)


def take_form(visit: Visit, template: str, sent_url: Callable[[str], str]) -> HttpResponse:
    """Show the form, or take it and go on to the page that tells number and promise."""
    kind = RequestForm if visit.person is not None else StrangerForm
    if visit.request.method != "POST":
        subject = visit.request.GET.get("subject", "")[:300]
        empty = kind(initial={"subject": subject})
        _ask(visit, empty)
        return _show(visit, template, empty)
    form = kind(visit.request.POST, visit.request.FILES)
    _ask(visit, form)
    form.is_valid()
    tell_problems(form, visit.request.POST)
    if form.errors:
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
        tell_refusal(form, refusal)
        return _show(visit, template, form, status=refusal.status)
    promised = promise(visit.brand, ticket.created_at)
    return HttpResponseRedirect(sent_url(seal_sent(Sent(ticket.number, promised))))


def show_fields(visit: Visit) -> HttpResponse:
    """The custom fields that what was said so far brings; nothing is judged or kept."""
    form = RequestForm()
    _ask(visit, form)
    return visit.show(
        "portal/asked_fields.html", {"form": form, "fields_url": visit.request.get_full_path()}
    )


def _ask(visit: Visit, form: RequestForm) -> None:
    data = visit.request.POST if visit.request.method == "POST" else None
    about = request_of(visit.brand, visit.person)
    ask_in(form, visit.actor, about, data, is_opening=True, after="text")


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
    given = values_given(form, visit.actor, visit.request.POST, is_opening=True)
    told = [f"{key} {value}" for key, value in sorted(given.items()) if value]
    asked = Asked(
        subject=said["subject"],
        text=said["text"],
        key=sending_key("request", nonce, who, said["subject"], said["text"], *names, *told),
        name=said.get("name", ""),
        email=said.get("email", ""),
        files=store_uploads(said["attachments"]),
        language=visit.language,
        fields=given,
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
    fields_url = reverse("portal:new_fields")
    if visit.is_embedded:
        query = f"?lang={visit.language}"
        fields_url = reverse("portal:embed_fields", args=[visit.brand.pk]) + query
    return visit.show(template, {"form": form, "fields_url": fields_url}, status=status)


def _token_to_show(visit: Visit, given: str) -> str:
    """The same one while it is good: what was sent before is still the same sending."""
    try:
        read_token(given, visit.brand.pk)
    except Unfit:
        return issue_token(visit.brand.pk)
    return given
