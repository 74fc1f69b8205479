"""A ticket on a customer's behalf."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Actor, Forbidden
from otklik.core.db import write
from otklik.core.fields.queries import defaults_of
from otklik.kit.numbers import whole_number
from otklik.people.actions import create_person
from otklik.people.models import Person
from otklik.people.queries import find_identity
from otklik.tickets import permissions
from otklik.tickets.actions.starting import start_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Ticket
from otklik.ui.toasts import with_toast
from otklik.workspace.forms import NewTicketForm
from otklik.workspace.queries.custom import controls_of, new_ticket_like, read_new_values
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, staff_view


@staff_view("GET", "HEAD", "POST")
def new(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    if not actor.can(permissions.OPEN):
        raise Forbidden(_("Your role does not allow this. An administrator can change that."))
    initial = {
        "client_key": uuid4(),
        "person": whole_number(request.GET.get("person")),
        "subject": request.GET.get("subject", "")[:300],
    }
    form = NewTicketForm(request.POST or None, actor=actor, initial=initial)
    values, wrong = read_new_values(actor, request.POST)
    for refusal in wrong.values() if form.is_bound else ():
        form.add_error(None, refusal)
    if request.method == "POST" and form.is_valid():
        try:
            ticket = _start(actor, form.cleaned_data, values)
        except ActionError as refused:
            _show(form, refused)
        else:
            words = _("№ %(number)d is open") % {"number": ticket.number}
            return with_toast(request, redirect("workspace:ticket", ticket.number), words)
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    ids = {name: getattr(given.get(name), "pk", None) for name in ("category", "team", "assignee")}
    kept = values if form.is_bound else defaults_of("ticket")
    like = new_ticket_like({**given, **ids}, kept)
    context = {"form": form, "chosen": _chosen(actor, form), "controls": controls_of(actor, like)}
    context |= shell_context(request)
    status = 422 if form.is_bound else 200
    return render(request, "workspace/new.html", context, status=status)


def _start(actor: Actor, data: dict[str, Any], values: dict[str, Any]) -> Ticket:
    words = written_by_hand(text=data["text"])
    if (key := data["client_key"]) and (known := Ticket.objects.filter(client_key=key).first()):
        return known  # sent twice, it writes nobody down twice
    with write():
        return start_ticket(
            actor,
            person=data["person"] or _person(actor, data["name"], data["email"]),
            channel=data["channel"],
            subject=data["subject"],
            words=words,
            kind=data["kind"],
            priority=data["priority"],
            category=data["category"],
            team=data["team"],
            assignee=data["assignee"],
            sends_copy=data["sends_copy"],
            custom=values,
            client_key=data["client_key"],
        )


def _person(actor: Actor, name: str, email: str) -> Person:
    """Whoever has the address already, else somebody new."""
    known = find_identity("email", email.strip().lower()) if email else None
    return known.person if known else create_person(actor, name=name, email=email)


def _show(form: NewTicketForm, refused: ActionError) -> None:
    told = False
    for field, words in refused.fields.items():
        name = "name" if field == "person" else field
        if name in form.fields:
            form.add_error(name, str(words))
            told = True
    if not told:
        form.add_error(None, str(refused))


def _chosen(actor: Actor, form: NewTicketForm) -> Person | None:
    value = whole_number(form["person"].value())
    return Person.objects.visible_to(actor).filter(pk=value).first() if value else None
