"""Organisations: the list, one's page, and what is done there."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from otklik.core.access import Invalid
from otklik.people import policy
from otklik.people.actions import change_organisation, create_organisation
from otklik.people.forms import OrganisationForm
from otklik.people.models import Organisation
from otklik.people.permissions import CHANGE, VIEW
from otklik.people.queries import find_organisations, list_organisations, list_persons
from otklik.workspace.people_screens.forms import conflict_rows, take_version
from otklik.workspace.people_screens.pages import render_page
from otklik.workspace.people_screens.panel import panel_context
from otklik.workspace.people_screens.rows import tickets_of
from otklik.workspace.queries.custom import values_context
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of

_MOST_OPTIONS = 12
_MEMBERS = 100


@require_safe
@open_to(VIEW)
def index(request: HttpRequest) -> HttpResponse:
    actor, query = actor_of(request), request.GET.get("q", "").strip()[:200]
    if query:
        context: dict[str, Any] = {"rows": find_organisations(actor, query), "q": query}
    else:
        try:
            page = list_organisations(actor, cursor=request.GET.get("cursor", "")[:500])
        except ValueError:
            raise Http404 from None
        context = {"rows": page.rows, "next": page.next, "previous": page.previous, "q": ""}
    context["may_change"] = policy.can_change_people(actor)
    return render_page(request, "workspace/people/organisations.html", context)


@require_safe
@open_to(VIEW)
def options(request: HttpRequest) -> HttpResponse:
    """For the field of a person's organisation."""
    actor, query = actor_of(request), request.GET.get("q", "").strip()[:200]
    if query:
        rows = find_organisations(actor, query, _MOST_OPTIONS)
    else:
        rows = list_organisations(actor, size=_MOST_OPTIONS).rows
    return render(request, "workspace/people/organisation_options.html", {"rows": rows})


@require_safe
@open_to(VIEW)
def show(request: HttpRequest, organisation_id: int) -> HttpResponse:
    actor, organisation = actor_of(request), _find(request, organisation_id)
    try:
        tickets = tickets_of(
            actor, request.GET.get("cursor", "")[:500], organisation=organisation.pk
        )
        members = list_persons(
            actor,
            organisation=organisation,
            cursor=request.GET.get("people", "")[:500],
            size=_MEMBERS,
        )
    except (Invalid, ValueError):
        raise Http404 from None
    context = {
        **values_context(actor, organisation),
        **panel_context(request, organisation),
        "organisation": organisation,
        "members": members,
        "tickets": tickets,
        "may_change": policy.can_change_people(actor),
    }
    return render_page(request, "workspace/people/organisation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(CHANGE)
def new(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    form = OrganisationForm(request.POST or None, actor=actor)
    made: list[Organisation] = []
    if request.method == "POST" and form.is_valid():
        changes = {key: value for key, value in form.changes().items() if key != "version"}
        if saved(form, lambda: made.append(create_organisation(actor, **changes))):
            url = reverse("people_screens:organisation", args=[made[0].pk])
            return done(request, url, _("%(name)s is in the list") % {"name": made[0]})
    context = {"form": form, "organisation": None}
    return render_page(
        request, "workspace/people/organisation_form.html", context, status=status_of(form)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(CHANGE)
def change(request: HttpRequest, organisation_id: int) -> HttpResponseBase:
    actor, organisation = actor_of(request), _find(request, organisation_id)
    form = OrganisationForm(request.POST or None, actor=actor, organisation=organisation)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: change_organisation(actor, organisation, **form.changes()))
    ):
        url = reverse("people_screens:organisation", args=[organisation.pk])
        return done(request, url, _("Saved"))
    rows = conflict_rows(form)
    if rows:
        take_version(
            form, Organisation.objects.values_list("version", flat=True).get(pk=organisation.pk)
        )
    context = {"form": form, "organisation": organisation, "conflict_rows": rows}
    return render_page(
        request, "workspace/people/organisation_form.html", context, status=status_of(form)
    )


def _find(request: HttpRequest, organisation_id: int) -> Organisation:
    rows = Organisation.objects.visible_to(actor_of(request)).prefetch_related("domains")
    found: Organisation | None = rows.filter(pk=organisation_id).first()
    if found is None:
        raise Http404
    return found
