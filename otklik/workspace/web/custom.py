"""Custom fields of a ticket, in place; and those of one that is being written down."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from otklik.core.fields.queries import defaults_of
from otklik.kit.numbers import whole_number
from otklik.workspace.queries.custom import (
    change_value,
    controls_of,
    new_ticket_like,
    read_new_values,
)
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.staff import actor_of, staff_view


@ticket_change
def value(request: HttpRequest, number: int, key: str) -> HttpResponseBase:
    actor = actor_of(request)
    change_value(request, actor, get_ticket(actor, number), key)
    return changed(request, number, _("Saved"))


@staff_view()
def of_new(request: HttpRequest) -> HttpResponse:
    """The fields that a new ticket of this kind, priority, category and team has."""
    actor, given = actor_of(request), request.GET
    form = {name: whole_number(given.get(name)) for name in ("priority", "category", "team")}
    values, _wrong = read_new_values(actor, given)
    asked = {"kind": given.get("kind", "")[:20], **form}
    like = new_ticket_like(asked, defaults_of("ticket") | values)
    context = {"controls": controls_of(actor, like)}
    return render(request, "workspace/parts/new_fields.html", context)
