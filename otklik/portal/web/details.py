"""What the requester told of a request in its fields, changed later."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.core.access import ActionError, Conflict, Missing
from otklik.core.fields.actions import change_fields
from otklik.core.fields.kinds import words_of
from otklik.core.fields.queries import find_field
from otklik.portal.fields import (
    PREFIX,
    AskingForm,
    ask_in,
    tell_problems,
    tell_refusal,
    values_given,
    values_seen,
)
from otklik.portal.limits import take_answer
from otklik.portal.queries.facts import find_facts
from otklik.portal.queries.talk import get_request
from otklik.portal.visit import Visit, portal_view
from otklik.tickets.models import Ticket
from otklik.ui.toasts import with_toast


class DetailsForm(AskingForm):
    """Nothing but custom fields, as they apply."""


@portal_view("GET", "POST", is_signed_in=True)
def details(visit: Visit, number: int) -> HttpResponse:
    """Raises Missing for a request with nothing to change."""
    ticket = get_request(visit.actor, number)
    if not find_facts(visit.actor, ticket).may_change:
        raise Missing(_("There is nothing to change in this request."))
    if visit.request.method != "POST":
        form = DetailsForm()
        ask_in(form, visit.actor, ticket, is_opening=False)
        return _show(visit, ticket, form)
    data = visit.request.POST
    form = DetailsForm(data)
    ask_in(form, visit.actor, ticket, data, is_opening=False)
    form.is_valid()
    tell_problems(form, data)
    if form.errors:
        return _show(visit, ticket, form, status=422)
    try:
        _change(visit, ticket, form)
    except Missing:
        raise
    except Conflict as crossing:
        _tell_crossing(form, crossing)
        return _show(visit, ticket, form, status=crossing.status)
    except ActionError as refusal:
        tell_refusal(form, refusal)
        return _show(visit, ticket, form, status=refusal.status)
    back = HttpResponseRedirect(reverse("portal:request", args=[number]))
    return with_toast(visit.request, back, _("Saved"))


@portal_view("POST", is_signed_in=True)
def fields(visit: Visit, number: int) -> HttpResponse:
    """The fields that what was said so far brings; nothing is judged or kept."""
    ticket, form = get_request(visit.actor, number), DetailsForm()
    ask_in(form, visit.actor, ticket, visit.request.POST, is_opening=False)
    return visit.show("portal/asked_fields.html", {"form": form, "fields_url": visit.request.path})


def _change(visit: Visit, ticket: Ticket, form: DetailsForm) -> None:
    assert visit.person is not None
    take_answer(visit.person.pk)
    data = visit.request.POST
    given = values_given(form, visit.actor, data, is_opening=False)
    seen = values_seen(visit.actor, data)
    was = {key: value for key, value in seen.items() if key in given}
    change_fields(visit.actor, ticket, given, was=was)


def _tell_crossing(form: DetailsForm, crossing: Conflict) -> None:
    told = False
    for key, theirs in crossing.fields.items():
        field = find_field(key)
        if field is None or f"{PREFIX}{key}" not in form.fields:
            continue
        words = _("It was changed meanwhile to “%(theirs)s”. Save again to have yours.")
        form.add_error(f"{PREFIX}{key}", words % {"theirs": words_of(field, theirs) or "—"})
        told = True
    if not told:
        form.add_error(None, str(crossing))


def _show(visit: Visit, ticket: Ticket, form: DetailsForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "ticket": ticket,
        "form": form,
        "fields_url": reverse("portal:details_fields", args=[ticket.number]),
    }
    return visit.show("portal/details.html", context, status=status)
